"""The choice among named options: marks moved by what documents and code say, every option named with why."""

from collections import Counter
from collections.abc import Iterable, Sequence

from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Claim, Evidence, Grade, ProducedFile, Risk, ScoredOption, Source
from prefect_harmonic.tasks.agents.decision_log.deciding import Move, Verdict
from prefect_harmonic.tasks.agents.decision_log.facts import FactKind
from prefect_harmonic.tasks.agents.decision_log.topics import DecisionTopic, Option
from prefect_harmonic.tasks.agents.decision_log.weighing import normalised, ranked, score_of, tippings
from prefect_harmonic.tasks.agents.options.asked import AskedOptions
from prefect_harmonic.tasks.agents.options.criteria import CHANGE, criterion_catalogue
from prefect_harmonic.tasks.agents.options.statements import Told, told_in
from prefect_harmonic.tasks.agents.wording import clipped, counted, listed, sentence, summary_of, table, title_of

TOPIC = "named-options"
_NEUTRAL, _STEP, _MOST = 0.5, 0.15, 0.3
_LONGEST = 160


def option_verdict(assignment: Assignment, asked: AskedOptions) -> Verdict:
    """The named options weighed by the same criteria, from the statements in the findings that were handed over."""
    known = {**assignment.background, **assignment.inputs}
    criteria = {"", *(each.id for each in criterion_catalogue().criteria)}
    statements = [each for each in told_in(known) if each.option in asked.options and each.criterion in criteria]
    moves = (*_moves(statements), *_moves_by_use(assignment, asked))
    named = {each.id: each.told for each in criterion_catalogue().criteria}
    sums = _sums(moves)
    told = {
        option: {name: _mark(sums[option, criterion]) for criterion, name in named.items()} for option in asked.options
    }
    weights = normalised({each.told: each.weight for each in criterion_catalogue().criteria})
    missing = _little_known(asked, statements)
    topic = _topic(asked, statements, told, missing)
    because = {option.name: option.because for option in topic.options}
    return Verdict(
        topic=topic,
        weights=weights,
        options=tuple(
            ScoredOption(
                name=name, marks=told[name], score=round(score_of(told[name], weights), 4), because=because[name]
            )
            for name in ranked(told, weights)
        ),
        tippings=tippings(told, weights),
        moves=tuple(Move(each.option, named[each.criterion], each.by, each.because, each.evidence) for each in moves),
        used=(),
        missing=missing,
    )


def _sums(moves: Iterable[Move]) -> Counter[tuple[str, str]]:
    """How many steps the mark of each option for each criterion moves in all, whatever the order of the findings."""
    sums: Counter[tuple[str, str]] = Counter()
    for move in moves:
        sums[move.option, move.criterion] += round(move.by / _STEP)
    return sums


def _mark(steps: int) -> float:
    return round(_NEUTRAL + min(_MOST, max(-_MOST, steps * _STEP)), 4)


def _moves(statements: Sequence[Told]) -> Iterable[Move]:
    for each in statements:
        if each.direction and each.criterion:
            side = "speaks for it" if each.direction > 0 else "speaks against it"
            quote = f"“{clipped(each.clause, _LONGEST)}” {side}"
            yield Move(each.option, each.criterion, each.direction * _STEP, quote, each.place)


def _moves_by_use(assignment: Assignment, asked: AskedOptions) -> Iterable[Move]:
    """What is in the code already has no way to go: the one mark that a measurement moves."""
    known = {**assignment.background, **assignment.inputs}
    for name, evidence in sorted(known.items()):
        options = [option for option in asked.options if evidence.data.get("options") == [option]]
        uses = evidence.data.get("uses")
        if options and isinstance(uses, int) and uses > 0:
            yield Move(options[0], CHANGE, _MOST, f"the code uses it in {counted(uses, 'place')} today", name)


def _little_known(asked: AskedOptions, statements: Sequence[Told]) -> tuple[FactKind, ...]:
    """The options of which less than half of the criteria are spoken of: all must be known, or nothing is settled."""
    every = len(criterion_catalogue().criteria)
    kinds = []
    for option in asked.options:
        known = len({each.criterion for each in statements if each.option == option and each.criterion})
        if 2 * known < every:
            told = f"more of {option} than {known} of {every} criteria" if known else f"anything on {option}"
            kinds.append(FactKind(told=told, source="a document or a person"))
    return tuple(kinds)


def _topic(
    asked: AskedOptions,
    statements: Sequence[Told],
    marks: dict[str, dict[str, float]],
    missing: tuple[FactKind, ...],
) -> DecisionTopic:
    return DecisionTopic(
        id=TOPIC,
        title=asked.title,
        aliases=(asked.title,),
        question=f"Which is taken: {asked.title}?",
        criteria={each.told: each.weight for each in criterion_catalogue().criteria},
        begins_even=True,
        needs=tuple(each.told for each in missing),
        options=tuple(_option(option, asked, statements, marks[option]) for option in asked.options),
    )


def _option(option: str, asked: AskedOptions, statements: Sequence[Told], marks: dict[str, float]) -> Option:
    own = [each for each in statements if each.option == option]
    against = [each for each in own if each.direction < 0 and each.criterion]
    others = [each for each in asked.options if each != option]
    return Option(
        name=option,
        marks=marks,
        because=_because(own),
        consequences=(
            *(
                f"It is lived with, or answered first: “{clipped(each.clause, _LONGEST)}” ({each.place})."
                for each in against
            ),
            f"Not taken: {listed(others, most=8)}; what would change that stands under sensitivity.",
        ),
        risks=tuple(
            Risk(
                title=sentence(clipped(each.clause, _LONGEST)).rstrip("."),
                likelihood="medium",
                impact="medium",
                evidence=each.place,
                mitigation=f"Say who answers this before {option} is relied on",
            )
            for each in against[:3]
        ),
    )


def _because(own: Sequence[Told]) -> str:
    parts = []
    for direction, word in ((1, "For it"), (-1, "Against it")):
        told = [
            f"“{clipped(each.clause.rstrip('.'), _LONGEST)}” ({each.place})"
            for each in own
            if each.direction == direction and each.criterion
        ]
        parts.append(f"{word}: {listed(told, most=4)}." if told else f"{word}, nothing is said.")
    return " ".join(parts)


def criteria_evidence(assignment: Assignment, asked: AskedOptions, agent: str, method: Sequence[str]) -> Evidence:
    """By what the options are judged, before any of them is looked at."""
    criteria = criterion_catalogue().criteria
    weights = normalised({each.told: each.weight for each in criteria})
    rows = [(each.told, f"{weights[each.told]:.2f}", f"Of each option: {each.asks}.") for each in criteria]
    text = (
        f"# By what the options are judged: {title_of(asked.title)}\n\n"
        f"{table(('Criterion', 'Weight', 'What is asked'), rows)}\n\n"
        f"Every option begins with a mark of {_NEUTRAL} for each. A statement for it adds {_STEP}, one against it "
        f"takes as much away, by {_MOST} at most. The weights are general ones: whoever answers for it sets them.\n"
    )
    told = [
        f"{listed(list(asked.options), most=8)} are judged by {listed(list(weights), most=len(weights))}.",
        f"The weightiest is {max(weights, key=lambda name: weights[name])}.",
    ]
    path = assignment.artifact.produces_file
    source = Source(path=assignment.artifact.id, quote=asked.title, grade=Grade.ASSUMED)
    return Evidence(
        artifact=assignment.artifact.id,
        agent=agent,
        summary=summary_of(told, method),
        confidence=0.6,
        claims=(Claim(text=told[0], sources=(source,), confidence=0.6),),
        text=text,
        data={"weights": {name: round(weight, 4) for name, weight in weights.items()}},
        files=(ProducedFile(path=path, content=text),) if path else (),
    )
