"""Who cares for which part of a project, as tables of its documents say."""

import re
from collections.abc import Iterable, Mapping

from prefect_harmonic.planners.evidence import Claim
from prefect_harmonic.tasks.agents.wording import listed

_CELL = re.compile(r"([^:;]{1,40}): ([^;]*)(?:; |$)")
_CARED_FOR = ("cares for", "owns", "responsible for", "parts", "modules")


def cells_of(text: str) -> dict[str, str]:
    """The cells of a table's row that was told as a sentence, by the titles of their columns.

    >>> cells_of("team: Booking; cares for: orders, api")
    {'team': 'Booking', 'cares for': 'orders, api'}
    """
    return {title.strip().casefold(): value.strip() for title, value in _CELL.findall(text)}


def is_row(text: str) -> bool:
    """Whether a text is the row of a table and no sentence: two or more named cells."""
    return len(_CELL.findall(text)) > 1


def teams_in(claims: Iterable[Claim]) -> dict[str, str]:
    """For each part of the code the team that a row gives it to; the first row wins."""
    teams: dict[str, str] = {}
    for claim in claims:
        cells = cells_of(claim.text) if is_row(claim.text) else {}
        team = cells.get("team", "")
        parts = next((cells[title] for title in _CARED_FOR if cells.get(title)), "")
        for part in parts.split(",") if team else ():
            teams.setdefault(part.strip(" `").casefold(), team)
    return teams


def owners_of(names: Iterable[str], teams: Mapping[str, str]) -> str:
    """The teams that care for some modules, by the longest part of each dotted name that a row gives to a team.

    >>> owners_of(["shop.accounts.credit"], {"accounts": "Desk", "accounts.credit": "Money"})
    'Money'
    """
    found = []
    for name in names:
        parts = name.casefold().split(".")
        spans = [".".join(parts[start:end]) for start in range(len(parts)) for end in range(len(parts), start, -1)]
        found += [teams[span] for span in sorted(spans, key=len, reverse=True) if span in teams][:1]
    return listed(list(dict.fromkeys(found))) if found else ""
