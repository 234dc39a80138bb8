"""Evidence on a gap or a blocker: what answers it, with file and line, or that nothing does, in the gap's own words."""

import re

from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Claim, Evidence, ProducedFile
from prefect_harmonic.planners.programme.opening import OpeningKind
from prefect_harmonic.tasks.agents.closing.answering import (
    LEAST_BEARING,
    LEAST_WORTH,
    Found,
    NearMiss,
    PartAnswer,
    answers_to,
)
from prefect_harmonic.tasks.agents.closing.asking import Asked, asked_by
from prefect_harmonic.tasks.agents.closing.library import Library
from prefect_harmonic.tasks.agents.closing.opening import ToClose
from prefect_harmonic.tasks.agents.wording import clipped, counted, sentence, summary_of, title_of

_NOTHING_FOUND, _PARTLY_FOUND = 0.15, 0.35
_MOST = 0.95
_BEARING = 0.5  # what is known about a thing is no answer to a question
_FAILED = re.compile(r"^[\w.-]+:\s+(?:[A-Z]\w*(?:Error|Exception)\b:?\s*)?")  # "NightlyExport: TimeoutError: …"
_METHOD = (
    (
        "The search is for this one question alone, over every document and table of figures of the project and all "
        "findings that were handed over."
    ),
    (
        "A sentence counts as an answer if it speaks of what is asked, has what an answer must have, is no question or "
        "guess itself, and is not older than the question."
    ),
    "What is quoted stands at its file and line in these words; nothing was reworded or concluded.",
    "What answers only in part leaves the question open.",
    "What people know and have not written down is outside its reach.",
)


def filled_gap(assignment: Assignment, to_close: ToClose, agent: str) -> Evidence:
    """What the documents and findings answer to one gap or blocker.

    Answered, it is not reported again. Not answered, or in part, it is reported in exactly the same words, unless it is
    what a person said.
    """
    library = Library(assignment)
    is_question = to_close.kind not in (OpeningKind.FAILURE, OpeningKind.GUIDANCE)
    asked = asked_by(to_close.text if is_question else _FAILED.sub("", to_close.text))
    answers = answers_to(asked, library, LEAST_WORTH if is_question else LEAST_BEARING)
    is_answered = bool(answers) and all(each.found for each in answers)
    whole = _confidence(answers) if is_question and is_answered else _BEARING
    sure = whole if is_answered else _PARTLY_FOUND if _any(answers) else _NOTHING_FOUND
    text = _text(assignment, to_close, asked, answers, library, is_answered=is_answered)
    path = assignment.artifact.produces_file
    return Evidence(
        artifact=assignment.artifact.id,
        agent=agent,
        summary=summary_of(_told(to_close, asked, answers, library, is_answered=is_answered), _METHOD),
        confidence=sure,
        claims=_claims(answers, sure),
        # What a person said stands, whether or not it is written down anywhere: it is no question that stays open.
        gaps=() if is_answered or to_close.kind is OpeningKind.GUIDANCE else (to_close.text,),
        text=text,
        data={
            "closes": to_close.kind.value,
            "asked": to_close.text,
            "is_closed": is_answered,
            "parts_count": len(answers),
            "answered_count": sum(bool(each.found) for each in answers),
            "documents_count": library.files,
        },
        files=(ProducedFile(path=path, content=text),) if path else (),
    )


def _any(answers: tuple[PartAnswer, ...]) -> bool:
    return any(each.found for each in answers)


def _confidence(answers: tuple[PartAnswer, ...]) -> float:
    """As sure as the least sure part: by how well the best statement answers, and by how many documents agree."""
    return round(min(_MOST, *(_part_confidence(each.found) for each in answers)), 2)


def _part_confidence(found: tuple[Found, ...]) -> float:
    documents = {each.statement.source.path for each in found}
    return 0.45 + 0.3 * min(1.0, found[0].share) + 0.05 * min(3, len(found[0].because)) + 0.05 * (len(documents) > 1)


def _claims(answers: tuple[PartAnswer, ...], sure: float) -> tuple[Claim, ...]:
    best = [(each.worth, each) for answer in answers for each in answer.found]
    claims = [each.statement.as_claim(round(min(_MOST, 0.5 + 0.35 * worth, sure + 0.1), 2)) for worth, each in best]
    return tuple({claim.text: claim for claim in claims}.values())


def _told(
    to_close: ToClose, asked: Asked, answers: tuple[PartAnswer, ...], library: Library, *, is_answered: bool
) -> list[str]:
    question = clipped(asked.text.rstrip(".?"), 150)
    looked = f"{counted(library.files, 'file')} and {counted(len(library.findings), 'earlier finding')}"
    is_guidance = to_close.kind is OpeningKind.GUIDANCE
    if library.is_empty:
        opened = "A person said" if is_guidance else "Still open"
        return [f"{opened}: “{question}”. Nothing was given to search: no documents and no findings."]
    if is_answered and (is_guidance or to_close.kind is OpeningKind.FAILURE):
        told = [f"This is what is written about “{question}”."]
    elif is_answered:
        told = [f"Answered: “{question}”."]
    elif _any(answers):
        open_parts = " and ".join(f"“{clipped(each.part.text, 90)}”" for each in answers if not each.found)
        told = [f"Answered in part: “{question}”; open remains {open_parts}."]
    elif to_close.kind is OpeningKind.FAILURE:
        told = [f"No document says how to get past this: “{question}” (searched: {looked})."]
    elif is_guidance:
        told = [f"A person said: “{question}”. Nothing in {looked} says more about it."]
    else:
        told = [f"Still open: “{question}”. Nothing in {looked} answers it."]
    for answer in answers:
        told += [_with_place(each) for each in answer.found[:2]]
    if not is_answered:
        told += [_with_reason(each) for answer in answers if not answer.found for each in answer.near[:1]]
    return told


def _with_place(found: Found) -> str:
    return f"{sentence(clipped(found.statement.text, 230))} ({found.statement.source})"


def _with_reason(near: NearMiss) -> str:
    return f"Nearest is {near.statement.source}, but {near.because}."


def _text(
    assignment: Assignment,
    to_close: ToClose,
    asked: Asked,
    answers: tuple[PartAnswer, ...],
    library: Library,
    *,
    is_answered: bool,
) -> str:
    state = "Answered." if is_answered else "Answered in part." if _any(answers) else "Not answered."
    if is_answered and to_close.kind in (OpeningKind.FAILURE, OpeningKind.GUIDANCE):
        state = "What is written about this:"
    elif to_close.kind is OpeningKind.GUIDANCE and not _any(answers):
        state = "A person said this, and nothing that was searched says more about it:"
    place = f" (asked in `{asked.path}:{asked.line}`)" if asked.path else ""
    lines = [f"# {title_of(asked.text)}", "", f"{state} {sentence(to_close.text)}{place}", ""]
    for answer in answers:
        lines += [f"## {title_of(answer.part.text)}", ""]
        for each in answer.found:
            lines.append(
                f"- {each.statement.text} (`{each.statement.source}`: {'; '.join(each.because) or 'its words'})"
            )
        if not answer.found:
            lines.append("Nothing answers this.")
            lines += ["", *(["Nearest, and why it is no answer:", ""] if answer.near else [])]
            lines += [f"- {each.statement.text} (`{each.statement.source}`: {each.because})" for each in answer.near]
        lines.append("")
    lines.append(
        f"Searched: {counted(library.files, 'file')} of the project and {counted(len(library.findings), 'finding')} "
        f"handed over to {assignment.artifact.id}."
    )
    if not is_answered and to_close.kind is not OpeningKind.GUIDANCE:
        lines += ["", "Whoever knows the answer should write it down where the question stands."]
    return "\n".join(lines) + "\n"
