"""The researcher: what the project's own documents and the findings so far say about an artifact's questions.

Every claim is a sentence that stands somewhere, with file and line. What stands nowhere is a gap, in words.
"""

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.contradictions import contradictions_among
from prefect_harmonic.planners.evidence import (
    Claim,
    Contradiction,
    Evidence,
    Grade,
    ProducedFile,
    Source,
)
from prefect_harmonic.planners.words import spaced, stem, telling_stems
from prefect_harmonic.tasks.agents.registry import Specialist
from prefect_harmonic.tasks.agents.researcher.questions import Question, questions_of
from prefect_harmonic.tasks.agents.researcher.search import Hit, PassageIndex, index_of
from prefect_harmonic.tasks.agents.wording import clipped, counted, listed, sentence, summary_of, title_of

NAME = "researcher"
RELEVANCE_THRESHOLD = 0.5
"""Least share of a question's weight that a passage must carry to count as an answer."""

_ANSWERS_A_QUESTION = 3
_LONGEST_QUOTE = 400
_GRADES = {Grade.MEASURED: 1.0, Grade.DOCUMENTED: 0.9, Grade.DERIVED: 0.6, Grade.ASSUMED: 0.3}
_NOTHING_KNOWN = 0.1
_NO_STATEMENT = re.compile(r"^(?:Date|Status|Author|Written|Last reviewed)\b|:$|^\S+(?:\s+\S+){0,2}$")
_EXPERTISE = (
    "research researcher investigation literature background survey study comparison findings practices documents "
    "constraints requirements glossary known-issues question interview incident-history"
)
_METHOD = (
    "The researcher works without a language model and without the network: it reads what the project itself says.",
    "A passage counts as an answer only if it has at least half of the question's telling words, by weight.",
    "Every claim is a sentence quoted with its file and line, so each can be looked up; none was reworded.",
    "A sentence that has the right words may still answer another question; read it where it stands.",
    "What the documents do not say is named as a gap and was not filled with general knowledge.",
    "What people know and have not written down is outside its reach; the gaps are questions for them.",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A question with the claims that answer it; without any it is open."""

    question: Question
    claims: tuple[Claim, ...] = ()


async def research(assignment: Assignment) -> Evidence:
    """What documents and earlier findings say about the artifact, and what they leave open."""
    return await asyncio.to_thread(_researched, assignment)


RESEARCHER = Specialist(
    name=NAME, call=research, version="1", expertise=frozenset(_EXPERTISE.split()), is_reading_project=True
)


def _researched(assignment: Assignment) -> Evidence:
    root = Path(assignment.project) if assignment.project else None
    index = index_of(root) if root is not None and root.is_dir() else PassageIndex(())
    findings = tuple(_findings(assignment))
    answers = tuple(_answer(question, index, findings) for question in questions_of(assignment))
    claims = tuple({claim.text: claim for answer in answers for claim in answer.claims}.values())
    contradictions = contradictions_among(_comparable(answers, index, findings))
    gaps = _gaps(answers, index, assignment)
    text = _text(assignment, answers, contradictions, gaps)
    path = assignment.artifact.produces_file
    return Evidence(
        artifact=assignment.artifact.id,
        agent=NAME,
        summary=summary_of(_told(assignment, answers, contradictions, gaps, index), _METHOD),
        confidence=_confidence(answers, contradictions),
        claims=claims,
        gaps=gaps,
        contradictions=contradictions,
        text=text,
        data={
            "questions_count": len(answers),
            "answered_count": sum(bool(answer.claims) for answer in answers),
            "documents_count": index.documents,
            "contradictions_count": len(contradictions),
        },
        files=(ProducedFile(path=path, content=text),) if path else (),
    )


def _findings(assignment: Assignment) -> Iterator[Claim]:
    """The claims of earlier evidence. One without a source gets the artifact it was found for as its source."""
    known: Mapping[str, Evidence] = {**assignment.background, **assignment.inputs}
    for name in sorted(known):
        for claim in known[name].claims:
            if claim.sources:
                yield claim
            else:
                source = Source(path=name, quote=clipped(claim.text, _LONGEST_QUOTE), grade=Grade.DERIVED)
                yield claim.model_copy(update={"sources": (source,)})


def _answer(question: Question, index: PassageIndex, findings: tuple[Claim, ...]) -> Answer:
    """The sentences that answer a question: those of the best passages, then findings that speak of it."""
    hits = [hit for hit in index.hits(question.words) if _is_answer(question, hit)]
    documented = [claim for hit in hits if (claim := _claim(hit, question)) is not None][:_ANSWERS_A_QUESTION]
    wanted = {stem(word) for word in question.words}
    shares = [(len(wanted & telling_stems(claim.text)) / len(wanted), claim) for claim in findings]
    found = [claim for share, claim in sorted(shares, key=lambda each: -each[0]) if share >= RELEVANCE_THRESHOLD]
    if len(wanted) > 2:
        found = [claim for claim in found if len(wanted & telling_stems(claim.text)) > 1]
    return Answer(question, (*documented, *found[:_ANSWERS_A_QUESTION]))


def _is_answer(question: Question, hit: Hit) -> bool:
    enough_words = len(hit.words) > 1 or len(question.words) < 3
    return hit.share >= RELEVANCE_THRESHOLD and enough_words


def _claim(hit: Hit, question: Question) -> Claim | None:
    """The sentence of a passage that has most of the question's words, the first of several.

    Labels, dates and introductions ("Undecided:") state nothing and are no answer.
    """
    wanted = {stem(word) for word in question.words}
    stating = [each for each in hit.passage.sentences if not _NO_STATEMENT.search(each.text)]
    if not stating:
        return None
    best = max(stating, key=lambda each: (len(wanted & telling_stems(each.text)), -each.line))
    source = Source(path=hit.passage.path, line=best.line, quote=clipped(best.quote, _LONGEST_QUOTE))
    return Claim(text=clipped(best.text, _LONGEST_QUOTE), sources=(source,), confidence=round(0.5 + 0.4 * hit.share, 2))


def _comparable(answers: tuple[Answer, ...], index: PassageIndex, findings: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """What is set against each other: whole passages that touch a question, and the earlier findings."""
    comparable: dict[tuple[str, int, str], Claim] = {}
    for answer in answers:
        for hit in index.hits(answer.question.words, most=20):
            for each in hit.passage.sentences if hit.share >= RELEVANCE_THRESHOLD / 2 else ():
                source = Source(path=hit.passage.path, line=each.line, quote=clipped(each.quote, _LONGEST_QUOTE))
                claim = Claim(text=clipped(each.text, _LONGEST_QUOTE), sources=(source,), confidence=0.8)
                comparable[hit.passage.path, each.line, each.text] = claim
    documented = [comparable[place] for place in sorted(comparable)]
    return tuple({claim.text: claim for claim in (*documented, *findings)}.values())


def _gaps(answers: tuple[Answer, ...], index: PassageIndex, assignment: Assignment) -> tuple[str, ...]:
    """What is open, one gap a question; the goal as a whole is no question that one document must answer."""
    where = _searched(index, assignment) if index.documents or assignment.inputs or assignment.background else "hand"
    open_ones = [each.question for each in answers if not each.claims and each.question.origin != "the goal"]
    if not answers:
        return ("the artifact names nothing that documents could be searched for",)
    return tuple(f"nothing in {where} about: {question.text}" for question in open_ones)


def _searched(index: PassageIndex, assignment: Assignment) -> str:
    findings = len(assignment.inputs) + len(assignment.background)
    places = [counted(index.documents, "document")] if index.documents or not findings else []
    return " and ".join([*places, *([counted(findings, "earlier result")] if findings else [])])


def _confidence(answers: tuple[Answer, ...], contradictions: tuple[Contradiction, ...]) -> float:
    """The share of the questions' weight that is answered, times how far the sources carry, less for contradictions."""
    whole = sum(answer.question.weight for answer in answers)
    if not any(answer.claims for answer in answers):
        return _NOTHING_KNOWN
    earned = sum(answer.question.weight * _carried(answer.claims) for answer in answers if answer.claims)
    return round(max(_NOTHING_KNOWN, 0.98 * earned / whole - 0.1 * min(len(contradictions), 3)), 2)


def _carried(claims: tuple[Claim, ...]) -> float:
    """How far the best source of some claims carries."""
    return max(_GRADES[source.grade] for claim in claims for source in claim.sources)


def _told(
    assignment: Assignment,
    answers: tuple[Answer, ...],
    contradictions: tuple[Contradiction, ...],
    gaps: tuple[str, ...],
    index: PassageIndex,
) -> list[str]:
    """The sentences of the summary: how much is answered, the weightiest answers, what contradicts, what is open."""
    answered = [answer for answer in answers if answer.claims]
    subject = clipped(spaced(assignment.artifact.id), 80) or "this"
    if not index.documents and not (assignment.inputs or assignment.background):
        told = [f"Nothing was given to read on {subject}: no project documents and no earlier results."]
        return [*told, f"The full text is a research brief with {counted(len(answers), 'question')} and where to look."]
    told = [
        f"On {subject}, {_searched(index, assignment)} answer {len(answered)} of {counted(len(answers), 'question')}."
    ]
    seen: set[str] = set()
    for answer in answered:
        claim = next((each for each in answer.claims if each.text not in seen), None)
        if claim is not None and len(seen) < 3:
            seen.add(claim.text)
            told.append(f"{sentence(clipped(claim.text, 190))} ({clipped(str(claim.sources[0]), 80)})")
    told += [_against(each) for each in contradictions[:1]]
    if gaps:
        open_ones = [gap.rsplit("about: ", 1)[-1] for gap in gaps]
        told.append(f"Open: {listed([clipped(each, 60) for each in open_ones])}.")
    return told


def _against(contradiction: Contradiction) -> str:
    places = [
        str(claim.sources[0]) if claim.sources else "an earlier result"
        for claim in (contradiction.one, contradiction.other)
    ]
    return f"{places[0]} and {places[1]} contradict each other about {contradiction.subject}."


def _text(
    assignment: Assignment,
    answers: tuple[Answer, ...],
    contradictions: tuple[Contradiction, ...],
    gaps: tuple[str, ...],
) -> str:
    lines = [f"# {title_of(spaced(assignment.artifact.id).capitalize())}", ""]
    if not any(answer.claims for answer in answers):
        return "\n".join([*lines, *_brief(assignment, answers)]) + "\n"
    lines += ["## What is said", ""]
    for answer in answers:
        if answer.claims:
            lines += [f"### {title_of(answer.question.text)} ({answer.question.origin})", ""]
            lines += [_quoted(claim) for claim in answer.claims] + [""]
    if contradictions:
        lines += ["## What contradicts", ""]
        for each in contradictions:
            lines += [f"{title_of(each.subject)}:", "", _quoted(each.one), _quoted(each.other), ""]
    if gaps:
        lines += ["## What is not said", "", *(f"- {sentence(gap)}" for gap in gaps)]
    return "\n".join(lines).rstrip() + "\n"


def _quoted(claim: Claim) -> str:
    places = ", ".join(f"`{source}`" for source in claim.sources)
    return f"- {claim.text} ({places or 'no source'})"


def _brief(assignment: Assignment, answers: tuple[Answer, ...]) -> list[str]:
    """What to ask and where to look, when nothing was found."""
    asked = [f"- {sentence(f'What is known about {each.question.text}')}" for each in answers]
    where = [
        "- The people who run it today: what they check first, what they would not touch.",
        "- Version control: the messages of the commits that touch these words, and who wrote them.",
        "- Tickets, incident reports and decision records of the last two years.",
        "- The documentation of the products that are in use, for the versions that are in use.",
    ]
    reason = (
        "No project was given." if assignment.project is None else "The project's documents say nothing about this."
    )
    return [
        f"{reason} This is a brief for whoever does the research, not a result.",
        "",
        "## Questions to answer",
        "",
        *(asked or ["- What the artifact is for: neither its name nor its contract says it."]),
        "",
        "## Where to look",
        "",
        *where,
    ]
