"""Evidence on a doubt: whether anything else bears out the least sure statements of an earlier result.

A statement is borne out by one that stands in another file, has most of its words and all of its numbers, and is no
question or guess.
"""

import re

from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Claim, Evidence, ProducedFile
from prefect_harmonic.planners.words import STOP_WORDS, telling_stems, words_of
from prefect_harmonic.tasks.agents.closing.answering import HEDGED
from prefect_harmonic.tasks.agents.closing.library import Library, Statement
from prefect_harmonic.tasks.agents.closing.opening import ToClose
from prefect_harmonic.tasks.agents.wording import clipped, counted, sentence, summary_of, title_of

_MOST_LOOKED_AT = 6
_ENOUGH = 0.6
_DOUBTED, _BORNE_OUT = 0.2, 0.8
_NUMBER = re.compile(r"(?<![\w.,])\d[\d.,]*\d|(?<![\w.,])\d")
_METHOD = (
    "Looked at were the least sure statements of the results that were handed over, at most six.",
    (
        "A statement counts as borne out if another file has most of its words and all of its numbers in a sentence of "
        "its own that is no question or guess."
    ),
    "Two documents can have copied the same mistake from each other, which this cannot see.",
    "What nothing else says is not wrong for that; it rests on its one source.",
    "Each sentence is quoted with its file and line.",
)


def confirmed(assignment: Assignment, to_close: ToClose, agent: str) -> Evidence:
    """What else bears out the doubtful statements handed over; where nothing does, the doubt in its own words."""
    library = Library(assignment)
    looked_at = _least_sure(assignment)
    pairs = [(claim, found) for claim in looked_at if (found := _bearing_out(claim, library)) is not None]
    share = len(pairs) / len(looked_at) if looked_at else 0.0
    text = _text(to_close, looked_at, pairs)
    path = assignment.artifact.produces_file
    told = f"{len(pairs)} of {counted(len(looked_at), 'doubtful statement')} borne out by another file."
    quoted = [f"{sentence(clipped(found.text, 200))} ({found.source})" for _, found in pairs[:3]]
    return Evidence(
        artifact=assignment.artifact.id,
        agent=agent,
        summary=summary_of([told, *quoted], _METHOD),
        confidence=round(_DOUBTED + (_BORNE_OUT - _DOUBTED) * share, 2),
        claims=tuple({found.text: found.as_claim(0.8) for _, found in pairs}.values()),
        gaps=() if 2 * len(pairs) >= len(looked_at) > 0 else (to_close.text,),
        text=text,
        data={"closes": to_close.kind.value, "is_closed": 2 * len(pairs) >= len(looked_at) > 0},
        files=(ProducedFile(path=path, content=text),) if path else (),
    )


def _least_sure(assignment: Assignment) -> tuple[Claim, ...]:
    claims = [claim for name in sorted(assignment.inputs) for claim in assignment.inputs[name].claims]
    return tuple(sorted(claims, key=lambda claim: (claim.confidence, claim.text))[:_MOST_LOOKED_AT])


def _bearing_out(claim: Claim, library: Library) -> Statement | None:
    words = [word for word in words_of(claim.text) if word not in STOP_WORDS]
    wanted, numbers = telling_stems(claim.text), set(_NUMBER.findall(claim.text))
    own = {source.path for source in claim.sources}
    for statement in library.statements(words, most=30):
        shared = wanted & telling_stems(statement.text)
        is_other = statement.source.path not in own and statement.text != claim.text
        is_sound = statement.is_stating and not statement.is_open and not HEDGED.search(statement.text)
        is_alike = len(shared) >= _ENOUGH * len(wanted) and numbers <= set(_NUMBER.findall(statement.text))
        if is_other and is_sound and is_alike and len(shared) > 1:
            return statement
    return None


def _text(to_close: ToClose, looked_at: tuple[Claim, ...], pairs: list[tuple[Claim, Statement]]) -> str:
    found = dict(pairs)
    lines = [f"# {title_of(to_close.text)}", ""]
    for claim in looked_at:
        places = ", ".join(f"`{source}`" for source in claim.sources) or "no source"
        beside = found.get(claim)
        told = f"borne out by “{beside.text}” (`{beside.source}`)" if beside else "nothing else says it"
        lines.append(f"- {claim.text} ({places}): {told}")
    return "\n".join([*lines, *([] if looked_at else ["Nothing was handed over that could be confirmed."])]) + "\n"
