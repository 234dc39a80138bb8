"""What the researcher makes of named options: a study of each by the same questions, and all of them side by side."""

from collections.abc import Iterator, Sequence

from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.contradictions import contradictions_among
from prefect_harmonic.planners.evidence import Claim, Evidence, ProducedFile
from prefect_harmonic.tasks.agents.options.asked import AskedOptions, asked_options, is_study
from prefect_harmonic.tasks.agents.options.criteria import CHANGE, Criterion, criteria_of, criterion_catalogue
from prefect_harmonic.tasks.agents.options.statements import STATEMENTS, Statement, as_data, by_criterion, statements_in
from prefect_harmonic.tasks.agents.researcher.documents import Passage
from prefect_harmonic.tasks.agents.wording import clipped, listed, sentence, summary_of, table, title_of

_NOTHING_KNOWN, _MOST = 0.1, 0.9
_LONGEST_CELL, _MOST_IN_CELL = 160, 3
_SIGNS = {1: "**+**", -1: "**-**", 0: "**=**"}
_DIRECTIONS = {1: "for", -1: "against", 0: "neither"}
_UNKNOWN = "not known"
_LEGEND = (
    "What the project's documents say of each option, by the same criteria. **+** speaks for it, **-** against it, "
    "**=** is neither; the words of a clause tell which, and it stands where it is quoted from."
)
_METHOD = (
    "The researcher works without a language model and without the network: it reads what the project itself says.",
    "Every option is asked the same questions, and a clause counts for an option only where it names it.",
    "Whether a clause speaks for or against is told by its words; read it where it stands before relying on it.",
    "What no document says is named as not known and was not filled with general knowledge.",
    "What makers and others publish about these products was not read; add what you know of it to the documents.",
)


def option_study(assignment: Assignment, passages: Sequence[Passage], agent: str) -> Evidence | None:
    """The study of an option or the comparison of all; nothing where the artifact is neither."""
    asked = asked_options(assignment)
    if asked is None or not is_study(assignment):
        return None
    statements = tuple(each for each in statements_in(passages, asked.choice) if each.option in asked.options)
    criteria = criteria_of(assignment.artifact)
    text = _comparison(assignment, asked, statements) if asked.is_comparing else _study(asked, statements, criteria)
    gaps = () if asked.is_comparing else _gaps(asked, statements, criteria)
    claims = tuple({each.claim.text: each.claim for each in statements}.values())
    contradictions = contradictions_among(claims)
    path = assignment.artifact.produces_file
    return Evidence(
        artifact=assignment.artifact.id,
        agent=agent,
        summary=summary_of([*_told(asked, statements, criteria), *map(sentence, gaps)], _METHOD),
        confidence=_confidence(asked, statements, criteria),
        claims=claims,
        gaps=gaps,
        contradictions=contradictions,
        text=text,
        data={
            "options": list(asked.options),
            STATEMENTS: as_data(statements),
            **({"limits": list(gaps)} if gaps else {}),
        },
        files=(ProducedFile(path=path, content=text),) if path else (),
    )


def comparison_table(asked: AskedOptions, statements: Sequence[Statement], used: Sequence[Claim] = ()) -> str:
    """The options side by side: a row for each criterion, a column for each option, what is unknown as such."""
    rows = []
    for criterion in criterion_catalogue().criteria:
        about = by_criterion(statements, criterion)
        cells = [_cell([each for each in about if each.option == option]) for option in asked.options]
        rows.append((f"**{criterion.told}** ({criterion.asks})", *cells))
    if used:
        rows.append(("**found in the project**", *(_used_cell(option, used) for option in asked.options)))
    return table(("Criterion", *asked.options), rows)


def _used_cell(option: str, used: Sequence[Claim]) -> str:
    return next((claim.text for claim in used if option.casefold() in claim.text.casefold()), "not searched")


def _cell(statements: Sequence[Statement]) -> str:
    if not statements:
        return _UNKNOWN
    shown = [
        f"{_SIGNS[each.direction]} “{clipped(each.clause, _LONGEST_CELL)}” ({each.claim.sources[0]})"
        for each in statements
    ]
    more = len(shown) - _MOST_IN_CELL
    return "<br>".join([*shown[:_MOST_IN_CELL], *([f"and {more} more"] if more > 0 else [])])


def _comparison(assignment: Assignment, asked: AskedOptions, statements: Sequence[Statement]) -> str:
    if assignment.artifact.produces_file and "open" in assignment.artifact.produces_file:
        return _open_points(asked, statements)
    lines = [
        f"# {title_of(asked.title)}",
        "",
        _LEGEND,
        "",
        comparison_table(asked, statements, _uses(assignment)),
    ]
    if others := [each for each in statements if not each.criterion]:
        lines += [
            "",
            "## Said beside these criteria",
            "",
            *(f"- {each.option}: {_quoted(each)}" for each in others),
        ]
    return "\n".join(lines) + "\n"


def _uses(assignment: Assignment) -> list[Claim]:
    """What was measured of the options' use in the code."""
    known = {**assignment.background, **assignment.inputs}
    return [evidence.claims[0] for _, evidence in sorted(known.items()) if "uses" in evidence.data and evidence.claims]


def _open_points(asked: AskedOptions, statements: Sequence[Statement]) -> str:
    rows = []
    for criterion in sorted(criterion_catalogue().criteria, key=lambda each: -each.weight):
        known = {each.option for each in by_criterion(statements, criterion)}
        if missing := [option for option in asked.options if option not in known]:
            why = f"known of {listed(sorted(known))}" if known else "known of none"
            rows.append((criterion.told, f"{criterion.weight:g}", listed(missing, most=8), why))
    told = table(("Criterion", "Weight", "Not known of", "While it is"), rows) if rows else "Every criterion is known."
    return (
        f"# What is open: {title_of(asked.title)}\n\nA criterion that is known of one option and not of another can "
        f"turn the choice as soon as somebody finds it out; the weightiest come first.\n\n{told}\n"
    )


def _study(asked: AskedOptions, statements: Sequence[Statement], criteria: Sequence[Criterion]) -> str:
    option = asked.options[0]
    lines = [f"# {title_of(option)}", "", f"Studied for the choice: {asked.title}.", ""]
    for criterion in criteria:
        about = by_criterion(statements, criterion)
        lines += [f"## {criterion.told.capitalize()}", ""]
        lines += [f"- {_DIRECTIONS[each.direction]}: {_quoted(each)}" for each in about] or [
            f"No document says {criterion.asks.replace(' it ', f' {option} ', 1)}."
        ]
        lines.append("")
    if others := [each for each in statements if not each.criterion]:
        lines += ["## Beside these questions", "", *(f"- {_quoted(each)}" for each in others)]
    return "\n".join(lines).rstrip() + "\n"


def _quoted(statement: Statement) -> str:
    return f"{sentence(statement.clause)} (`{statement.claim.sources[0]}`)"


def _gaps(asked: AskedOptions, statements: Sequence[Statement], criteria: Sequence[Criterion]) -> tuple[str, ...]:
    """One for an option: what no document says of it. All documents were read for it, so no search can close it."""
    missing = [each.told for each in criteria if not by_criterion(statements, each) and each.id != CHANGE]
    if not missing:
        return ()
    if len(missing) >= len(criteria) - 1 and not statements:
        return (f"no document says anything about {asked.options[0]}",)
    return (f"no document says how {asked.options[0]} stands on: {'; '.join(missing)}",)


def _confidence(asked: AskedOptions, statements: Sequence[Statement], criteria: Sequence[Criterion]) -> float:
    """The share of the criteria's weight on which something is said, of each option alike."""
    whole = sum(each.weight for each in criteria) * len(asked.options)
    known = {(each.option, each.criterion) for each in statements}
    said = sum(each.weight for each in criteria for option in asked.options if (option, each.id) in known)
    return round(max(_NOTHING_KNOWN, _MOST * said / whole), 2)


def _told(asked: AskedOptions, statements: Sequence[Statement], criteria: Sequence[Criterion]) -> Iterator[str]:
    for option in asked.options:
        own = [each for each in statements if each.option == option]
        known = [each for each in criteria if by_criterion(own, each)]
        yield f"On {option}, {len(known)} of {len(criteria)} criteria are spoken of."
        for each in own[: 3 if len(asked.options) == 1 else 1]:
            yield f"{sentence(clipped(each.clause, 190))} ({each.claim.sources[0]})"
