"""What the researcher's catalogue finds in the documents of projects that it has never seen.

The documents and the sentences that answer each question were written by somebody who had not seen the catalogue
(`documents/README.md`). It was developed on one of the sets; the others are held out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks.figure import Figure, Saying
from prefect_harmonic.planners.evidence import Claim
from prefect_harmonic.tasks.agents.researcher.answers import answer_to
from prefect_harmonic.tasks.agents.researcher.documents import passages_of
from prefect_harmonic.tasks.agents.researcher.questions import catalogue_questions
from prefect_harmonic.tasks.agents.researcher.search import PassageIndex

_FOLDER = Path(__file__).with_name("documents")
_SETS = {"developed on": ("game",), "held out": ("hospital", "geolib"), "held out anew": ("baggage", "tide")}
_DOCUMENTS = frozenset({".md", ".rst"})

Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to one set: the places of the sentences that answer it, and those that were given.

    `possible` are those that were told as possible, where nothing was given as the answer.
    """

    right: frozenset[Place]
    given: tuple[Place, ...]
    possible: tuple[Place, ...]

    @property
    def is_answered(self) -> bool:
        """Whether a right sentence is among those given."""
        return bool(self.right & set(self.given))

    @property
    def is_hinted_at(self) -> bool:
        """Whether a right sentence is among those given or told as possible."""
        return bool(self.right & {*self.given, *self.possible})


def measured(*, quick: bool) -> Saying:
    """Questions answered, questions answered that have no answer, and right sentences among those given."""
    del quick  # a second in all
    for name, sets in _SETS.items():
        asked = [each for one in sets for each in asked_of(one)]
        answerable = [each for each in asked if each.right]
        others = [each for each in asked if not each.right]
        yield Figure(f"{name}: questions with an answer", len(answerable), digits=0)
        yield _share(f"{name}: answered by a right sentence", sum(each.is_answered for each in answerable), answerable)
        hinted_at = sum(each.is_hinted_at for each in answerable)
        yield _share(f"{name}: answered or possibly answered", hinted_at, answerable)
        yield _share(f"{name}: without an answer and answered", sum(bool(each.given) for each in others), others)
        given = [place in each.right for each in asked for place in each.given]
        yield _share(f"{name}: right sentences, of those given", sum(given), given)


def asked_of(name: str) -> list[Asked]:
    """Every question of the catalogue, asked of one set."""
    key: dict[str, list[dict[str, Any]]] = yaml.safe_load((_FOLDER / f"{name}.key.yaml").read_text("utf-8"))
    root = _FOLDER / name
    paths = sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.suffix in _DOCUMENTS)
    index = PassageIndex([passage for path in paths for passage in passages_of(root, path)])
    asked = []
    for identity, question in catalogue_questions().items():
        answer = answer_to(question, index, ())
        right = frozenset((one["file"], one["line"]) for one in key.get(identity, []))
        asked.append(Asked(right, _places(answer.claims), _places(answer.possible)))
    return asked


def _places(claims: Sequence[Claim]) -> tuple[Place, ...]:
    return tuple((claim.sources[0].path, claim.sources[0].line or 0) for claim in claims)


def _share(name: str, part: int, whole: Sequence[object]) -> Figure:
    return Figure(name, 100 * part / len(whole) if whole else 0.0, "%", digits=0)
