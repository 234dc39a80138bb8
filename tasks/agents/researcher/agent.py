"""The researcher: what the project's own documents and the findings so far say about an artifact's questions.

Every claim is a sentence that stands somewhere, with file and line. What stands nowhere is a gap, in words.
"""

import asyncio
from pathlib import Path

from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.contradictions import contradictions_among
from prefect_harmonic.planners.evidence import (
    Claim,
    Contradiction,
    Evidence,
    Grade,
    ProducedFile,
)
from prefect_harmonic.planners.words import spaced
from prefect_harmonic.tasks.agents.asked import asked_of, within
from prefect_harmonic.tasks.agents.closing.closed import closing_evidence
from prefect_harmonic.tasks.agents.earlier_claims import earlier_claims
from prefect_harmonic.tasks.agents.options.study import option_study
from prefect_harmonic.tasks.agents.registry import Specialist
from prefect_harmonic.tasks.agents.researcher.answers import Answer, answer_to, comparable, open_questions
from prefect_harmonic.tasks.agents.researcher.questions import questions_of, stems_about
from prefect_harmonic.tasks.agents.researcher.search import PassageIndex, index_of
from prefect_harmonic.tasks.agents.researcher.settings import against_settings
from prefect_harmonic.tasks.agents.wording import clipped, counted, listed, sentence, summary_of, title_of

NAME = "researcher"
_MOST_UNANSWERED, _MOST_OPEN = 3, 2
_GRADES = {Grade.MEASURED: 1.0, Grade.DOCUMENTED: 0.9, Grade.DERIVED: 0.6, Grade.ASSUMED: 0.3}
_NOTHING_KNOWN = 0.1
_WHOLE = 0.9
"""Confidence of a claim whose passage has every word of the question."""
_EXPERTISE = (
    "research researcher investigation literature background survey study comparison findings practices documents "
    "constraints requirements glossary known-issues question interview incident-history"
)
_METHOD = (
    "The researcher works without a language model and without the network: it reads what the project itself says.",
    "A sentence answers only if two things speak for it: its words, and its heading, document or neighbours.",
    "What has one of them alone is told as possible, and its question stays open.",
    "Every claim is a sentence quoted with its file and line, so each can be looked up; none was reworded.",
    "A sentence that has the right words may still answer another question; read it where it stands.",
    "What the documents do not say is named as a gap and was not filled with general knowledge.",
    "What people know and have not written down is outside its reach; the gaps are questions for them.",
)


async def research(assignment: Assignment) -> Evidence:
    """What documents and earlier findings say about the artifact, and what they leave open."""
    closing = await asyncio.to_thread(closing_evidence, assignment, NAME)
    return closing if closing is not None else await asyncio.to_thread(_researched, assignment)


RESEARCHER = Specialist(
    name=NAME, call=research, version="12", expertise=frozenset(_EXPERTISE.split()), is_reading_project=True
)


def _researched(assignment: Assignment) -> Evidence:
    root = Path(assignment.project) if assignment.project else None
    index = index_of(root) if root is not None and root.is_dir() else PassageIndex(())
    study = option_study(assignment, index.passages, NAME)
    if study is not None:
        return study
    findings = tuple(earlier_claims({**assignment.background, **assignment.inputs}))
    answers = tuple(answer_to(question, index, findings) for question in questions_of(assignment))
    claims = _claims(answers)
    compared = comparable(answers, index, findings)
    contradictions = (*contradictions_among(compared), *_against_settings(compared, root))
    gaps = _gaps(answers, index, assignment)
    for_people = {each.question.gap for each in answers if each.question.is_for_people}
    limits = [gap for gap in gaps if gap in for_people]
    text = _text(assignment, answers, contradictions, gaps)
    path = assignment.artifact.produces_file
    return Evidence(
        artifact=assignment.artifact.id,
        agent=NAME,
        summary=within(
            summary_of(_told(assignment, answers, contradictions, gaps, index), _METHOD),
            asked_of(assignment.artifact).summary_length,
        ),
        confidence=_confidence(answers, contradictions),
        claims=claims,
        gaps=gaps,
        contradictions=contradictions,
        text=text,
        data={
            "questions_count": len(answers),
            "answered_count": sum(bool(answer.claims) for answer in answers),
            "possible_count": sum(bool(answer.possible) for answer in answers),
            "documents_count": index.documents,
            "contradictions_count": len(contradictions),
            **({"limits": limits} if limits else {}),
        },
        files=(ProducedFile(path=path, content=text),) if path else (),
    )


def _claims(answers: tuple[Answer, ...]) -> tuple[Claim, ...]:
    """What answers, then what may: a sentence that is both is as sure as where it answers."""
    possible = {claim.text: claim for answer in answers for claim in answer.possible}
    answering = {claim.text: claim for answer in answers for claim in answer.claims}
    return (*answering.values(), *(claim for text, claim in possible.items() if text not in answering))


def _against_settings(claims: tuple[Claim, ...], root: Path | None) -> tuple[Contradiction, ...]:
    return against_settings(claims, root) if root is not None and root.is_dir() else ()


def _gaps(answers: tuple[Answer, ...], index: PassageIndex, assignment: Assignment) -> tuple[str, ...]:
    """The weightiest questions that nothing answers, and what the documents themselves leave open of the subject."""
    if not answers:
        return ("the artifact names nothing that documents could be searched for",)
    if not (index.documents or assignment.inputs or assignment.background):
        subject = clipped(spaced(assignment.artifact.id), 60)
        return (f"nothing was given to read on {subject}; its {counted(len(answers), 'question')} are for people",)
    unanswered = [each.question for each in answers if not each.claims and each.question.origin != "the goal"]
    missing = [question.gap for question in unanswered[:_MOST_UNANSWERED]]
    return (*missing, *_left_open(answers, index, assignment))


def _left_open(answers: tuple[Answer, ...], index: PassageIndex, assignment: Assignment) -> list[str]:
    """The questions that documents leave open, those nearest to the subject; what shares one word alone is far.

    Those that a document lists as open come before what it says to be open by the way.
    """
    about = stems_about(assignment)
    asked = frozenset().union(*(answer.question.stems for answer in answers))
    weighed = [
        (3 * len(each.stems & about) + len(each.stems & asked), each)
        for each in open_questions(index)
        if len(each.stems & (about | asked)) > 1
    ]
    near = sorted(weighed, key=lambda pair: (not pair[1].is_listed, -pair[0]))
    return [str(each) for _, each in near[:_MOST_OPEN]]


def _searched(index: PassageIndex, assignment: Assignment) -> str:
    findings = len(assignment.inputs) + len(assignment.background)
    places = [f"{counted(index.documents, 'file')} with prose"] if index.documents or not findings else []
    return " and ".join([*places, *([counted(findings, "earlier result")] if findings else [])])


def _confidence(answers: tuple[Answer, ...], contradictions: tuple[Contradiction, ...]) -> float:
    """The share of the questions' weight that is answered, times how far the sources carry, less for contradictions."""
    whole = sum(answer.question.weight for answer in answers)
    if not any(answer.claims for answer in answers):
        return _NOTHING_KNOWN
    earned = sum(answer.question.weight * _carried(answer.claims) for answer in answers if answer.claims)
    return round(max(_NOTHING_KNOWN, 0.98 * earned / whole - 0.1 * min(len(contradictions), 3)), 2)


def _carried(claims: tuple[Claim, ...]) -> float:
    """How far the best source of some claims carries, less where its passage has only part of the question's words."""
    return max(_GRADES[source.grade] * min(1.0, each.confidence / _WHOLE) for each in claims for source in each.sources)


def _told(
    assignment: Assignment,
    answers: tuple[Answer, ...],
    contradictions: tuple[Contradiction, ...],
    gaps: tuple[str, ...],
    index: PassageIndex,
) -> list[str]:
    """The sentences of the summary: how much is answered, the weightiest answers, what contradicts, what is open."""
    answered = [answer for answer in answers if answer.claims]
    possible = sum(bool(answer.possible) for answer in answers)
    subject = clipped(spaced(assignment.artifact.id), 80) or "this"
    if not index.documents and not (assignment.inputs or assignment.background):
        told = [f"Nothing was given to read on {subject}: no project documents and no earlier results."]
        return [*told, f"The full text is a research brief with {counted(len(answers), 'question')} and where to look."]
    asked = f"{len(answered)} of {counted(len(answers), 'question')} answered"
    asked += f", {possible} possibly" if possible else ""
    told = [f"On {subject}, {asked} from {_searched(index, assignment)}."]
    seen: set[str] = set()
    for answer in answered:
        claim = next((each for each in answer.claims if each.text not in seen), None)
        if claim is not None and len(seen) < 3:
            seen.add(claim.text)
            told.append(f"{sentence(clipped(claim.text, 190))} ({clipped(str(claim.sources[0]), 80)})")
    told += [_against(each) for each in contradictions[:1]]
    if gaps:
        told.append(f"Open: {listed([clipped(each, 110) for each in gaps], most=2)}.")
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
        lines += _brief(assignment, answers)
        possible = _possible(answers)
        return "\n".join([*lines, "", *possible] if possible else lines).rstrip() + "\n"
    lines += ["## What is said", ""]
    for answer in answers:
        if answer.claims:
            lines += [f"### {title_of(answer.question.text)}", ""]
            lines += [_quoted(claim) for claim in answer.claims] + [""]
    lines += _possible(answers)
    if contradictions:
        lines += ["## What contradicts", ""]
        for each in contradictions:
            lines += [f"{title_of(each.subject)}:", "", _quoted(each.one), _quoted(each.other), ""]
    if gaps:
        lines += ["## What is not said", "", *(f"- {sentence(gap)}" for gap in gaps)]
    return "\n".join(lines).rstrip() + "\n"


def _possible(answers: tuple[Answer, ...]) -> list[str]:
    """What may answer a question and may as well answer another, under its question."""
    lines: list[str] = []
    for answer in answers:
        if answer.possible:
            lines += [f"### {title_of(answer.question.text)}", "", *map(_quoted, answer.possible), ""]
    told = "Only one thing speaks for each of these; the questions stay open."
    return ["## What may answer", "", told, "", *lines] if lines else []


def _quoted(claim: Claim) -> str:
    places = ", ".join(f"`{source}`" for source in claim.sources)
    return f"- {claim.text} ({places or 'no source'})"


def _asked(answer: Answer) -> str:
    text = answer.question.text
    return text if text.endswith("?") else f"What is known of this: {sentence(text)}"


def _brief(assignment: Assignment, answers: tuple[Answer, ...]) -> list[str]:
    """What to ask and where to look, when nothing was found."""
    asked = [f"- {_asked(each)}" for each in answers]
    where = [
        "- The people who run it today: what they check first, what they would not touch.",
        "- Version control: the messages of the commits that touch these words, and who wrote them.",
        "- Tickets, incident reports and decision records of the last two years.",
        "- The documentation of the products that are in use, for the versions that are in use.",
    ]
    reason = "No project was given." if assignment.project is None else "The project's documents answer none of it."
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
