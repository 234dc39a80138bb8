"""The decision log: a choice among known options, moved by evidence, recorded so that it can be disputed."""

import asyncio
import re
from datetime import date

from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Claim, Decision, Evidence, Grade, ProducedFile, Risk, Source
from prefect_harmonic.planners.words import spaced, telling_stems
from prefect_harmonic.tasks.agents.asked import asked_of
from prefect_harmonic.tasks.agents.closing.closed import closing_evidence
from prefect_harmonic.tasks.agents.decision_log.boundaries import Division, division_in
from prefect_harmonic.tasks.agents.decision_log.deciding import (
    REVIEW_AFTER_MONTHS,
    Verdict,
    review_date,
    sensitivity_of,
    verdict_on,
)
from prefect_harmonic.tasks.agents.decision_log.facts import Facts
from prefect_harmonic.tasks.agents.decision_log.record import record
from prefect_harmonic.tasks.agents.decision_log.topics import GENERAL, decision_catalogue, topic_for
from prefect_harmonic.tasks.agents.options.asked import asked_options
from prefect_harmonic.tasks.agents.options.deciding import criteria_evidence, option_verdict
from prefect_harmonic.tasks.agents.registry import Specialist
from prefect_harmonic.tasks.agents.weaknesses import weaknesses_in
from prefect_harmonic.tasks.agents.wording import clipped, counted, listed, sentence, summary_of

NAME = "decision-log"
NO_SUCH_DECISION = "the catalogue has no decision of this kind; the options are the general ones: build, buy, defer"
_MOST_CONTEXT = 8
_REFERS_BACK = re.compile(r"^(?:It|They|This|That|These|Those|Both|There)\b|\bthe same [\w-]+\W*$")
"""Says nothing without the sentence before it."""

_ON_RISKS = "risk-response"
_DIVIDING = frozenset({"service-boundaries"})
_EXPERTISE = (
    "decision decide decisions choose choice adr select selection tradeoff trade-off evaluate stack strategy approach "
    "mitigation boundaries governance"
)
_METHOD = (
    "The decision log works without a language model: options and criteria come from a packaged catalogue.",
    "Marks start from general experience, and single marks are moved by rules that name a figure or a finding.",
    "The weights are defaults; whoever answers for the outcome should set them before relying on the choice.",
    "An option that is not in the catalogue was not considered; add it if it is better known here.",
    "The record lists each mark that moved and why, so that it can be disputed line by line.",
    "It is to be looked at again on its review date, or earlier if one of its figures changes.",
)


async def decide(assignment: Assignment) -> Evidence:
    """A decision with its record, made from the findings that were handed over."""
    closing = await asyncio.to_thread(closing_evidence, assignment, NAME)
    return closing if closing is not None else await asyncio.to_thread(_decided, assignment)


DECISION_LOG = Specialist(
    name=NAME, call=decide, version="11", expertise=frozenset(_EXPERTISE.split()), is_reading_project=True
)


def _decided(assignment: Assignment) -> Evidence:
    known = decision_catalogue()
    named = asked_options(assignment)
    asked = named if named is not None and named.is_comparing else None
    if asked is not None and assignment.artifact.domain_type == "specification":
        return criteria_evidence(assignment, asked, NAME, _METHOD)
    facts = Facts(assignment, known.facts)
    if asked is not None:
        verdict = option_verdict(assignment, asked)
    else:
        verdict = verdict_on(topic_for(assignment.artifact, assignment.goal, known.topics), facts, known.facts)
    topic = verdict.topic
    division = division_in(assignment, facts) if topic.id in _DIVIDING else Division()
    decision = _decision(assignment, verdict, division)
    context = _context(assignment, facts, verdict)
    risks = (*verdict.chosen.risks, *_risk_of_missing(verdict))
    text = record(assignment, decision, verdict, context, division, risks)
    path = assignment.artifact.produces_file
    gaps = (*_gaps(verdict, division), *_not_accepted(assignment, verdict))
    return Evidence(
        artifact=assignment.artifact.id,
        agent=NAME,
        summary=summary_of(_told(decision, verdict, division), _METHOD),
        confidence=_confidence(verdict),
        claims=_claims(assignment, verdict),
        gaps=gaps,
        decisions=(decision,),
        risks=risks,
        text=text,
        data={
            "topic": topic.id,
            "chosen": decision.chosen,
            "status": "accepted" if verdict.is_accepted else "proposed",
            "lead": round(verdict.lead, 4),
            "moved_marks": len(verdict.moves),
            **({"limits": [NO_SUCH_DECISION]} if NO_SUCH_DECISION in gaps else {}),
        },
        files=(ProducedFile(path=path, content=text),) if path else (),
    )


def _decision(assignment: Assignment, verdict: Verdict, division: Division) -> Decision:
    chosen, second = verdict.options[0], verdict.options[1]
    why = f"“{chosen.name}” scores {chosen.score:.3f}, “{second.name}” {second.score:.3f}. {chosen.because}"
    if verdict.is_tied:
        why = f"Nothing that was found tells “{chosen.name}” from “{second.name}”: both score {chosen.score:.3f}."
    elif not verdict.is_accepted:
        why = f"Proposed, not settled. {why}"
    consequences = list(verdict.chosen.consequences)
    if verdict.is_tied:
        consequences = ["All options stay open until something is known that tells them apart."]
    if division.boundaries:
        consequences = [*_order_of(division), *consequences]
    consequences = [*_on_weaknesses(assignment, verdict), *consequences]
    return Decision(
        title=_title(assignment, verdict),
        context=" ".join([verdict.topic.question, *(sentence(f"{fact} ({fact.source})") for fact in verdict.used)]),
        options=verdict.options,
        weights={name: round(weight, 4) for name, weight in verdict.weights.items()},
        chosen="" if verdict.is_tied else chosen.name,
        rationale=why,
        sensitivity=sensitivity_of(verdict),
        consequences=tuple(consequences),
        review_date=_review_day(assignment).isoformat(),
        file=assignment.artifact.produces_file,
    )


def _title(assignment: Assignment, verdict: Verdict) -> str:
    if verdict.topic.id == GENERAL:
        return _own_title(assignment)
    return f"{verdict.topic.title}: {'not decided' if verdict.is_tied else verdict.options[0].name}"


def _review_day(assignment: Assignment) -> date:
    """The day that the artifact names, or the one after as many months as it says, or the usual one."""
    asked = asked_of(assignment.artifact)
    return asked.review_on or review_date(assignment.today, asked.review_months or REVIEW_AFTER_MONTHS)


def _order_of(division: Division) -> list[str]:
    """What is cut, separated and left together, in this order."""
    names = [each.name for each in division.boundaries]
    told = [f"The candidate services, the easiest to separate first, are {listed(names, most=8)}."]
    if division.cuts:
        first = division.cuts[0].partition(" (")[0]
        told.insert(0, f"{counted(division.cut_count, 'import')} must go before any of them moves, first {first}.")
    if division.hubs:
        told.append(f"{listed(division.hubs)} is divided by use case, since it ties the parts together.")
    return told


def _on_weaknesses(assignment: Assignment, verdict: Verdict) -> list[str]:
    """The weaknesses that were handed over: which of them are mended first, else how many are open."""
    known = weaknesses_in({**assignment.background, **assignment.inputs})
    if not known:
        return []
    worst = [f"{one.title} ({one.place})" for one in known if one.harm is known[0].harm]
    if verdict.topic.id == _ON_RISKS:
        return [f"Mended first: {listed(worst, most=3)}."]
    return [f"Of {known[0].harm.value} harm and open: {counted(len(worst), 'place')}, first {worst[0]}."]


def _own_title(assignment: Assignment) -> str:
    return clipped(spaced(assignment.artifact.id).capitalize(), 90) or "Decision"


def _context(assignment: Assignment, facts: Facts, verdict: Verdict) -> tuple[tuple[str, Claim], ...]:
    """The findings that bear on the decision: those that moved a mark, then those that share most of its words."""
    moved = " ".join(move.evidence for move in verdict.moves)
    wanted = telling_stems(" ".join([verdict.topic.question, *verdict.topic.aliases, assignment.artifact.description]))

    def bearing(claim: Claim) -> float:
        stems = telling_stems(claim.text)
        is_used = claim.text.rstrip(".") in moved
        return 2.0 * is_used + len(wanted & stems) / (3 + len(stems))

    told = [each for each in facts.claims if bearing(each[1]) > (1 if _REFERS_BACK.search(each[1].text) else 0.2)]
    return tuple(sorted(told, key=lambda each: (-bearing(each[1]), each[0] not in assignment.inputs))[:_MOST_CONTEXT])


def _claims(assignment: Assignment, verdict: Verdict) -> tuple[Claim, ...]:
    """What was concluded, resting on the evidence that moved the marks; without any it is an assumption."""
    chosen = verdict.options[0]
    grade = Grade.DERIVED if verdict.moves or verdict.used else Grade.ASSUMED
    sources = [Source(path=fact.source, quote=str(fact), grade=grade) for fact in verdict.used]
    sources += [Source(path=assignment.artifact.id, quote=move.evidence, grade=grade) for move in verdict.moves]
    if not sources:
        sources = [Source(path=assignment.artifact.id, quote=verdict.topic.title, grade=Grade.ASSUMED)]
    text = (
        f"{verdict.topic.title}: “{chosen.name}” scores best, with {chosen.score:.3f} and a lead of {verdict.lead:.3f}."
    )
    if verdict.is_tied:
        text = f"{verdict.topic.title}: not decided, the best two options score {chosen.score:.3f} each."
    return (Claim(text=text, sources=tuple(sources), confidence=_confidence(verdict)),)


def _gaps(verdict: Verdict, division: Division) -> tuple[str, ...]:
    lacking = () if verdict.topic.begins_even else verdict.missing  # what options lack, their own studies say
    gaps = [
        f"{kind.told} not known for the decision on {verdict.topic.title.casefold()} (from {kind.source})"
        for kind in lacking
    ]
    if verdict.topic.id == GENERAL:
        gaps.insert(0, NO_SUCH_DECISION)
    if division.boundaries and not division.has_owners:
        names = listed([each.name for each in division.boundaries])
        gaps.append(f"no document says which records {names} own")
    if division.homeless:
        gaps.append(f"no candidate service is the documented owner of {listed(division.homeless, most=3)}")
    return tuple(gaps)


def _not_accepted(assignment: Assignment, verdict: Verdict) -> tuple[str, ...]:
    """That a decision which is to be accepted is not, since what is known does not carry it."""
    if verdict.is_accepted or asked_of(assignment.artifact).status != "accepted":
        return ()
    return (f"the decision on {verdict.topic.title.casefold()} is to be accepted, and what is known does not carry it",)


def _risk_of_missing(verdict: Verdict) -> tuple[Risk, ...]:
    """Why a proposal is not more than one, as a risk of treating it as settled."""
    if verdict.is_accepted:
        return ()
    known = f"{counted(len(verdict.moves), 'mark')} moved by evidence, lead {verdict.lead:.3f}"
    if not verdict.is_firm and verdict.has_evidence:
        title = f"The two best options are {verdict.lead:.3f} apart, less than the doubt about one mark"
        remedy = "Let those who answer for it set the weights, and weigh again"
    else:
        missing = [kind.told for kind in verdict.missing] or ["findings that speak of its options"]
        title, remedy = (
            f"The decision rests on too little: {listed(missing)} not known",
            "Find that out and weigh again",
        )
    return (Risk(title=title, likelihood="medium", impact="medium", evidence=known, mitigation=remedy),)


def _confidence(verdict: Verdict) -> float:
    """From 0.25 with nothing to 0.85 with everything it needs, a firm lead and marks that evidence moved."""
    if verdict.topic.id == GENERAL:
        return 0.25
    needs = len(verdict.topic.needs)
    found = len(verdict.used) / needs if needs else min(1.0, len(verdict.moves) / 2)
    moved = min(1.0, len(verdict.moves) / 3)
    firm = min(1.0, verdict.lead / 0.1)
    evidence = 0.25 * found + 0.2 * moved
    return round(0.25 + evidence + (0.15 * firm if verdict.moves or verdict.used else 0.0), 2)


def _told(decision: Decision, verdict: Verdict, division: Division) -> list[str]:
    status = "Accepted" if verdict.is_accepted else "Proposed"
    chosen, second = verdict.options[0], verdict.options[1]
    next_best = f"next {second.name} with {second.score:.3f} of {counted(len(verdict.options), 'option')}"
    told = [f"{status}: {decision.title} ({chosen.score:.3f}, {next_best})."]
    if division.boundaries:
        told.append(_order_of(division)[1 if division.cuts else 0])
    told += [sentence(f"{move.option}, {move.criterion} {move.by:+.2f}: {move.because}") for move in verdict.moves[:3]]
    told.append(sentence(decision.sensitivity.split("; or if ")[0]))
    if verdict.missing:
        told.append(f"Not known: {listed([kind.told for kind in verdict.missing])}.")
    told.append(f"Review on {decision.review_date}.")
    return told
