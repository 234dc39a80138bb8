"""Evidence that settles a contradiction: which statement holds, by which rule, and what is to be corrected.

Where no rule decides, it says so, and the contradiction is reported again.
"""

from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import (
    Claim,
    Decision,
    Evidence,
    Grade,
    ProducedFile,
    ScoredOption,
    Source,
)
from prefect_harmonic.tasks.agents.closing.disputing import contradiction_of, dispute_of
from prefect_harmonic.tasks.agents.closing.library import Library
from prefect_harmonic.tasks.agents.closing.opening import ToClose
from prefect_harmonic.tasks.agents.closing.ruling import Ground, Rule, Ruling, ruling_on
from prefect_harmonic.tasks.agents.decision_log.deciding import review_date
from prefect_harmonic.tasks.agents.wording import clipped, counted, listed, sentence, summary_of, table, title_of

SETTLEMENT = "Which statement holds"
"""How the title of a decision between two statements begins, which is carried out by correcting a document."""

_UNDECIDED, _UNREADABLE = 0.3, 0.1
_WEIGHTS = {Rule.GRADE: 8 / 15, Rule.SAID_SO: 4 / 15, Rule.AGREEMENT: 2 / 15, Rule.LATER: 1 / 15}
"""Each rule weighs more than all after it together, so that the weighted mean decides as the order of rules does."""

_FOR_THE_OTHER = {
    Rule.GRADE: "the other statement came from a better source",
    Rule.SAID_SO: "a document said that the other holds",
    Rule.AGREEMENT: "more files agreed with the other",
}
"""What would decide before a rule that decides, against it."""

_METHOD = (
    (
        "Four rules are asked in this order, and the first that has something to say decides: the better source, what "
        "a document says itself, the agreement of other files, the later document."
    ),
    "The rules that come after it make the ruling surer, or less sure where they oppose it.",
    "A file counts once, and a file that takes both sides takes none.",
    "Nobody was asked: whoever answers for the two documents should confirm the ruling and correct the one.",
    "Until the other is corrected, it will be found to contradict again by whoever reads it for the first time.",
)


def settled(assignment: Assignment, to_close: ToClose, agent: str) -> Evidence:
    """Which of two contradicting statements holds; the contradiction again where nothing decides."""
    library = Library(assignment)
    contradiction = contradiction_of(to_close.text, library)
    if contradiction is None:
        return _unreadable(assignment, to_close, agent)
    ruling = ruling_on(dispute_of(contradiction), library)
    decision = _decision(assignment, ruling) if ruling.grounds else None
    text = _text(assignment, ruling, decision, library)
    path = assignment.artifact.produces_file
    return Evidence(
        artifact=assignment.artifact.id,
        agent=agent,
        summary=summary_of(_told(ruling), _METHOD),
        confidence=ruling.confidence if ruling.grounds else _UNDECIDED,
        claims=(_claim(ruling),) if ruling.grounds else (),
        contradictions=() if ruling.grounds else (contradiction,),
        decisions=(decision,) if decision else (),
        text=text,
        data={
            "closes": to_close.kind.value,
            "is_closed": bool(ruling.grounds),
            "subject": contradiction.subject,
            **_outcome(ruling),
        },
        files=(ProducedFile(path=path, content=text),) if path else (),
    )


def _outcome(ruling: Ruling) -> dict[str, str]:
    if not ruling.grounds:
        return {}
    return {
        "rule": ruling.grounds[0].rule.value,
        "holds": ruling.holding.claim.text,
        "holds_at": ruling.holding.place,
        "fails": ruling.failing.claim.text,
        "fails_at": ruling.failing.place,
    }


def _claim(ruling: Ruling) -> Claim:
    """What was ruled, told by places: in the words of the statements it would contradict the one that fails again."""
    grounds = [
        source for ground in ruling.grounds if ground.side == ruling.grounds[0].side for source in ground.sources
    ]
    sources = dict.fromkeys(
        source.model_copy(update={"grade": Grade.DERIVED}) for source in (*ruling.holding.claim.sources, *grounds)
    )
    subject = clipped(ruling.dispute.contradiction.subject, 80)
    text = f"On {subject}, {_told_place(ruling, 0)} holds against {_told_place(ruling, 1)}."
    fallback = (Source(path="no known place", grade=Grade.ASSUMED),)
    return Claim(text=text, sources=tuple(sources) or fallback, confidence=ruling.confidence)


def _told_place(ruling: Ruling, at: int) -> str:
    return (ruling.holding, ruling.failing)[at].place


def _decision(assignment: Assignment, ruling: Ruling) -> Decision:
    subject = ruling.dispute.contradiction.subject
    return Decision(
        title=f"{SETTLEMENT}: {clipped(subject, 70)}",
        context=f"Two statements about {subject} cannot both hold.",
        options=_options(ruling),
        weights={rule.value: round(weight, 4) for rule, weight in _WEIGHTS.items()},
        chosen=_name(ruling.grounds[0].side, ruling),
        rationale=sentence(f"{ruling.grounds[0].rule.value.capitalize()}: {ruling.grounds[0].told}"),
        sensitivity=_sensitivity(ruling),
        consequences=_corrections(ruling),
        review_date=review_date(assignment.today).isoformat(),
        file=assignment.artifact.produces_file,
    )


def _options(ruling: Ruling) -> tuple[ScoredOption, ...]:
    """Both statements with what each rule gives them: 1 for, 0 against, half where it has nothing to say."""
    options = []
    for at in (0, 1):
        sides = {ground.rule: ground.side for ground in ruling.grounds}
        marks = {rule: float(sides[rule] == at) if rule in sides else 0.5 for rule in _WEIGHTS}
        score = round(sum(_WEIGHTS[rule] * mark for rule, mark in marks.items()), 4)
        told = [ground.told for ground in ruling.grounds if ground.side == at]
        because = sentence("; ".join(told)) if told else "No rule speaks for it."
        named = {rule.value: mark for rule, mark in marks.items()}
        options.append(ScoredOption(name=_name(at, ruling), marks=named, score=score, because=because))
    return tuple(sorted(options, key=lambda option: -option.score))


def _name(at: int, ruling: Ruling) -> str:
    side = ruling.dispute.sides[at]
    return f"“{clipped(side.claim.text, 160)}” ({side.place})"


def _sensitivity(ruling: Ruling) -> str:
    opposing = [ground for ground in ruling.grounds if ground.side != ruling.grounds[0].side]
    if opposing:
        told = "; ".join(f"{each.rule.value}: {each.told}" for each in opposing)
        return f"Against it speaks {told}. Without the first ground it would go the other way."
    earlier = list(_WEIGHTS)[: list(_WEIGHTS).index(ruling.grounds[0].rule)]
    if not earlier:
        return "No other rule comes before the one that decides."
    return f"It would go the other way if {' or '.join(_FOR_THE_OTHER[rule] for rule in earlier)}."


def _corrections(ruling: Ruling) -> tuple[str, ...]:
    failing, holding = ruling.failing, ruling.holding
    places = [str(source) for source in failing.claim.sources] or [failing.place]
    return (
        f"Correct {listed(places)}: “{clipped(failing.claim.text, 160)}” does not hold; see {holding.place}.",
        f"What was concluded from {places[0]} has to be looked at again.",
    )


def _told(ruling: Ruling) -> list[str]:
    subject = ruling.dispute.contradiction.subject
    if not ruling.grounds:
        one, other = ruling.dispute.sides
        return [
            (
                f"Not settled: {subject}. No rule decides between {one.place} and {other.place}, so the contradiction "
                "stays open."
            ),
            (
                "Both have equally good sources, no document says which holds, other files take no side or both "
                "equally often, and neither document is known to be later."
            ),
        ]
    first, *others = ruling.grounds
    told = [
        f"Settled: on {subject}, {ruling.holding.place} holds against {ruling.failing.place}.",
        sentence(f"{first.rule.value.capitalize()}: {first.told}"),
    ]
    told += [sentence(_told_beside(each, first)) for each in others]
    return [*told, _corrections(ruling)[0]]


def _told_beside(ground: Ground, first: Ground) -> str:
    way = "also for it" if ground.side == first.side else "against it"
    return f"{way}, {ground.rule.value}: {ground.told}"


def _text(assignment: Assignment, ruling: Ruling, decision: Decision | None, library: Library) -> str:
    contradiction = ruling.dispute.contradiction
    by_rule = {ground.rule: ground for ground in ruling.grounds}
    rows = [
        (str(number), rule.value, *(_marked(by_rule.get(rule), at) for at in (0, 1)), _ground(by_rule.get(rule)))
        for number, rule in enumerate(_WEIGHTS, start=1)
    ]
    state = "accepted" if ruling.grounds else "open"
    lines = [
        f"# {title_of(f'Which holds: {contradiction.subject}')}",
        f"- Status: {state}\n- Date: {assignment.today.isoformat()}"
        + (f"\n- Review: {decision.review_date}" if decision else ""),
        "## Context",
        "Two statements about one subject cannot both hold:",
        "\n".join(
            f"{letter}. “{side.claim.text}” (`{side.place}`)"
            for letter, side in zip(("A", "B"), ruling.dispute.sides, strict=True)
        ),
        "## What each rule says",
        "The first rule that has something to say decides.",
        table(("#", "Rule", "A", "B", "Why"), rows),
        "## Decision",
    ]
    if decision is None:
        lines += [
            "None of the rules decides. The contradiction stays open; whoever answers for the documents has to say."
        ]
    else:
        lines += [f"{decision.chosen} holds. {decision.rationale}", decision.sensitivity, "## Consequences"]
        lines += ["\n".join(f"- {each}" for each in decision.consequences)]
    looked = f"{counted(library.files, 'file')} and {counted(len(library.findings), 'earlier finding')}"
    return "\n\n".join([*lines, f"Searched: {looked}."]) + "\n"


def _marked(ground: Ground | None, at: int) -> str:
    return "" if ground is None else "for" if ground.side == at else "against"


def _ground(ground: Ground | None) -> str:
    return "has nothing to say" if ground is None else ground.told


def _unreadable(assignment: Assignment, to_close: ToClose, agent: str) -> Evidence:
    """Nothing can be settled where the two statements cannot be told from the words and are in no finding."""
    told = [f"Not settled: the two statements cannot be told from “{clipped(to_close.text, 200)}”."]
    return Evidence(
        artifact=assignment.artifact.id,
        agent=agent,
        summary=summary_of(told, _METHOD),
        confidence=_UNREADABLE,
        gaps=(to_close.text,),
        text=f"# Not settled\n\n{told[0]}\n",
        data={"closes": to_close.kind.value, "is_closed": False},
    )
