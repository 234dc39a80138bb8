"""Where the knowledge base is: HARMONIC_DATABASE_URL, or a file under Prefect's home."""

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy.engine import URL

from prefect_harmonic.errors import DatabaseAddressError

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
    home = Path(environment.get("PREFECT_HOME", "").strip() or "~/.prefect").expanduser().absolute()
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseAddressError(f"is {home}, which cannot be made ({error.strerror})") from None
    url = URL.create("sqlite", database=str(home / FILE_NAME))
    return SecretStr(url.render_as_string(hide_password=False))
