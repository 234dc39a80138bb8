"""What documents say is set against what the settings of the project say."""

from pathlib import Path

import pytest

from prefect_harmonic.planners.evidence import Claim, Source
from prefect_harmonic.tasks.agents.researcher.settings import against_settings

PYTHON = 'requires-python = ">=3.11"\n'
OWN_PORTS = (
    "The service listens on port 8080.",
    "By default, the API is served at `http://localhost:8080`.",
    "Then open http://localhost:8080/docs.",
    "`curl -s -X POST localhost:8080/orders`",
)
PORTS_OF_OTHERS = (
    "The database is reached on port 5432.",
    "The database is reached on port 5433.",
    "Grafana listens on port 3000.",
    "SSH runs on port 22.",
    "The service runs on port 443.",
    "The service reaches the ledger on port 8443.",
    "The metrics server listens on port 9100.",
    "Open http://localhost:3000 for Grafana.",
)


@pytest.mark.parametrize(
    ("readme", "settings", "subjects"),
    [
        ("It listens on port 8080.", {"compose.yaml": '    ports: ["8000:8000"]\n'}, ["port"]),
        ("It listens on port 8080.", {"compose.yaml": '      - "8000:80"\n      - "8080:81"\n'}, []),
        ("It listens on port 5432.", {"compose.yaml": '      - "5432:5432"\n'}, []),
        ("Needs Python 3.9+.", {"pyproject.toml": 'requires-python = ">=3.11,<4"\n'}, ["least version of Python"]),
        ("Needs Python 3.11 or later.", {"pyproject.toml": 'requires-python = ">=3.11"\n'}, []),
        ("Runs on Python 3.11, 3.12 and 3.13.", {"pyproject.toml": 'requires-python = ">=3.10"\n'}, []),
        ("Needs PostgreSQL 14.", {"compose.yaml": "    image: postgres:16.2\n"}, ["version of postgresql"]),
        ("Needs PostgreSQL 16.", {"compose.yaml": "    image: postgres:16.2-alpine\n"}, []),
        ("- Python 3.9+", {"pyproject.toml": 'requires-python = ">=3.11"\n'}, ["least version of Python"]),
        ("The default is TLS (Python 3.6+), as it is there.", {"pyproject.toml": 'requires-python = ">=3.10"\n'}, []),
        ("The next version requires Python 3.12 or newer.", {"pyproject.toml": 'requires-python = ">=3.10"\n'}, []),
        ("It listened on port 8080 until May.", {"settings.py": "PORT = 8000\n"}, []),
        ("It listens on port 8080.", {"tests/settings.py": "PORT = 8000\n"}, []),
        *((text, {"Dockerfile": "EXPOSE 8000\n"}, ["port"]) for text in OWN_PORTS),
        *((text, {"Dockerfile": "EXPOSE 8000\n"}, []) for text in PORTS_OF_OTHERS),
        ("Open http://localhost:8080.", {"Dockerfile": "EXPOSE 80\n"}, []),
        ("It requires Python 3.9 or later.", {"pyproject.toml": PYTHON}, ["least version of Python"]),
        ("Python 3.9 or later is required.", {"pyproject.toml": PYTHON}, ["least version of Python"]),
        ("Our client library supports Python 3.8 and later.", {"pyproject.toml": PYTHON}, []),
        ("Celery needs Python 3.8 or later.", {"pyproject.toml": PYTHON}, []),
        ("The database is PostgreSQL 14.", {"compose.yaml": "    image: postgres:16.2\n"}, ["version of postgresql"]),
        ("- PostgreSQL 14 for orders", {"compose.yaml": "    image: postgres:16.2\n"}, ["version of postgresql"]),
        ("PostgreSQL 9.6 backups are kept.", {"compose.yaml": "    image: postgres:16.2\n"}, []),
        ("Backups of PostgreSQL 9.6 are kept.", {"compose.yaml": "    image: postgres:16.2\n"}, []),
    ],
)
def test_document_that_says_something_else_than_the_settings_contradicts_them(
    tmp_path: Path, readme: str, settings: dict[str, str], subjects: list[str]
) -> None:
    """Ports and versions, where settings and sentence each say one; not what was, what is listed, what tests set."""
    for path, text in settings.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    claim = Claim(text=readme, sources=(Source(path="README.md", line=3),))
    found = against_settings([claim], tmp_path)
    assert [each.subject for each in found] == subjects
    assert all(each.other.sources[0].path in settings for each in found)
