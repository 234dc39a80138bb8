"""A small service with nine weaknesses planted in it, one of each kind that a security review must not miss."""

from pathlib import Path

SECRET = "tiger-in-the-tank"

FILES = {
    "requirements.txt": "flask>=3\nrequests==2.19.1\n",
    "service/__init__.py": "",
    "service/settings.py": f'"""Settings."""\n\nDEBUG = True\nDATABASE_PASSWORD = "{SECRET}"\n',
    "service/orders.py": (
        "import pickle\n\n\ndef orders_of(connection, customer):\n"
        "    return connection.execute(f\"SELECT * FROM orders WHERE customer = '{customer}'\")\n\n\n"
        "def order_from(body):\n    return pickle.loads(body)\n"
    ),
    "service/accounts.py": (
        "import hashlib\n\n\ndef digest(password):\n    return hashlib.md5(password.encode()).hexdigest()\n"
    ),
    "service/reports.py": (
        "import subprocess\n\nimport requests\nimport yaml\n\n\n"
        'def printed(name):\n    subprocess.run(f"lpr {name}", shell=True)\n\n\n'
        "def rules(text):\n    return yaml.load(text, Loader=yaml.Loader)\n\n\n"
        "def rates(url):\n    return requests.get(url, verify=False).text\n"
    ),
}

PLANTED = {
    "inputs": {
        "service/orders.py:5": 89,
        "service/orders.py:9": 502,
        "service/reports.py:8": 78,
        "service/reports.py:12": 502,
    },
    "access": {"service/accounts.py:5": 916, "service/reports.py:16": 295, "service/settings.py:4": 259},
    "settings": {"service/settings.py:3": 489},
    "dependencies": {"requirements.txt:2": 1395},
}
"""Where each of them stands, with its number in the Common Weakness Enumeration, by the page that has to tell it."""


def written(root: Path, files: dict[str, str]) -> Path:
    """A project of the given files."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return root
