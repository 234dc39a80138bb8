"""Where the knowledge base is: HARMONIC_DATABASE_URL, or a file under Prefect's home."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote

from pydantic import SecretStr

from prefect_harmonic.errors import DatabaseAddressError, UnknownHomeError
from prefect_harmonic.planners.user_path import user_path

VARIABLE = "HARMONIC_DATABASE_URL"
FILE_NAME = "harmonic.db"


def knowledge_address(environment: Mapping[str, str] | None = None) -> SecretStr:
    """The address that the environment gives; by default `harmonic.db` under Prefect's home, whose folder is made.

    Prefect's home is read from its variable and not from Prefect, whose import takes longer than most of what is asked
    of the knowledge base.

    Raises:
        DatabaseAddressError: Prefect's home cannot be made.
    """
    environment = os.environ if environment is None else environment
    stated = environment.get(VARIABLE, "").strip()
    if stated:
        return SecretStr(stated)
    home = _home(environment)
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseAddressError(f"is {home}, which cannot be made ({error.strerror})") from None
    from sqlalchemy.engine import URL  # takes longer to import than whoever only looks for the file can wait

    url = URL.create("sqlite", database=str(home / FILE_NAME))
    return SecretStr(url.render_as_string(hide_password=False))


def is_knowledge_there(environment: Mapping[str, str] | None = None) -> bool:
    """Whether there is anything that could be read: a file, or a server, which only asking it can tell."""
    environment = os.environ if environment is None else environment
    stated = environment.get(VARIABLE, "").strip()
    if not stated:
        return (_home(environment) / FILE_NAME).is_file()
    scheme, _, name = stated.partition(":///")
    return not scheme.startswith("sqlite") or Path(unquote(name.partition("?")[0])).is_file()


def default_place(environment: Mapping[str, str] | None = None) -> str:
    """The file that is looked at where the environment gives no address, for people; empty where it gives one.

    >>> default_place({"PREFECT_HOME": "/srv/prefect"}), default_place({"HARMONIC_DATABASE_URL": "sqlite:////srv/kb.db"})
    ('/srv/prefect/harmonic.db', '')
    """
    environment = os.environ if environment is None else environment
    if environment.get(VARIABLE, "").strip():
        return ""
    file = _home(environment) / FILE_NAME
    with suppress(UnknownHomeError, ValueError):
        return f"~/{file.relative_to(user_path('~'))}"
    return str(file)


def _home(environment: Mapping[str, str]) -> Path:
    return user_path(environment.get("PREFECT_HOME", "").strip() or "~/.prefect").absolute()
