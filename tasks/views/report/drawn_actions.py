"""Actions drawn from what was found: from doubts, unfinished work, cycles, decisions, boundaries, risks, open parts."""

from collections.abc import Iterable, Iterator, Mapping

from pydantic import JsonValue

from prefect_harmonic.planners.evidence import Claim, Contradiction, Evidence
from prefect_harmonic.planners.json_reading import texts_in
from prefect_harmonic.tasks.agents.code_analyzer.findings import PINNED
from prefect_harmonic.tasks.agents.ownership import owners_of, teams_in
from prefect_harmonic.tasks.agents.weaknesses import WEAKNESSES
from prefect_harmonic.tasks.agents.wording import counted, listed
from prefect_harmonic.tasks.views.escaping import markdown_code, markdown_text, one_line, shortened
from prefect_harmonic.tasks.views.report.action import TO_BE_NAMED, Action, Kind
from prefect_harmonic.tasks.views.report.aim import aim_of
from prefect_harmonic.tasks.views.report.decision_actions import decision_actions, decision_key, is_staying_whole
from prefect_harmonic.tasks.views.report.doubts import distinct_contradictions
from prefect_harmonic.tasks.views.report.figures import FEW_CUTS, cuts_words
from prefect_harmonic.tasks.views.report.gap_words import wanted_words
from prefect_harmonic.tasks.views.report.measurements import boundaries_of, cycles_of
from prefect_harmonic.tasks.views.report.prose import sentence
from prefect_harmonic.tasks.views.report.risks import registered_risks
from prefect_harmonic.tasks.views.report.severity import severity
from prefect_harmonic.tasks.views.report.subject import ReportInput

_UNFINISHED = frozenset({"failed", "blocked", "skipped"})
_SIDE_LENGTH = 110
_SOURCE_FOLDERS = ("", "src/", "lib/")
_CLOSED = "Close the boundary of {} inside the application: a rule in the build refuses imports beside its interface"
_OPEN_PARTS = ("left", "todos", "to_dos", "todo")


def drawn_actions(subject: ReportInput) -> Iterator[Action]:
    """Everything there is to do, in no order yet, some of it perhaps twice."""
    yield from _from_doubts(subject)
    yield from _from_unfinished(subject)
    yield from _from_cycles(subject)
    yield from decision_actions(subject)
    yield from _from_boundaries(subject)
    yield from _from_risks(subject)
    yield from _from_open_parts(subject)


def _from_doubts(subject: ReportInput) -> Iterator[Action]:
    """Contradictions, blockers and gaps. The agents have done what they can; what is left is for people."""
    for contradiction, names in distinct_contradictions(subject):
        if subject.closed_by(str(contradiction)):
            continue
        agents = dict.fromkeys(subject.evidence[name].agent for name in names)
        yield Action(
            kind=Kind.SETTLE,
            key=f"settle {one_line(contradiction.subject).casefold()}",
            text=f"Settle which holds about {markdown_text(contradiction.subject)}: {_sides(contradiction)}",
            because=f"{markdown_text(', '.join(agents))}, {', '.join(map(markdown_code, names))}",
            owner=_owner_of_files(subject, (contradiction.one, contradiction.other)),
        )
    for found in subject.found:
        because = f"{markdown_text(found.agent)}, {markdown_code(found.artifact)}"
        for blocker in found.blockers:
            yield _doubt(Kind.UNBLOCK, "Remove the blocker", blocker, found, because)
        for gap in (gap for gap in found.gaps if not subject.closed_by(gap)):
            wanted = wanted_words(gap)
            if wanted:
                yield Action(kind=Kind.FIND_OUT, key=wanted.casefold(), text=sentence(wanted), because=because)


def _sides(contradiction: Contradiction) -> str:
    """Both statements, each with its first place."""
    told = []
    for claim in (contradiction.one, contradiction.other):
        place = f" ({markdown_code(str(claim.sources[0]))})" if claim.sources else ""
        told.append(f"“{markdown_text(shortened(claim.text, _SIDE_LENGTH))}”{place}")
    return " or ".join(told)


def _doubt(kind: Kind, verb: str, text: str, found: Evidence, because: str) -> Action:
    return Action(
        kind=kind,
        key=f"{verb.casefold()} {one_line(text).casefold().rstrip('.')}",
        text=f"{verb}: {sentence(text)}",
        because=because,
        owner=markdown_text(found.agent),
    )


def _from_unfinished(subject: ReportInput) -> Iterator[Action]:
    """Artifacts that are not done although the run is over, each after those it waited for."""
    for name in subject.graph.order:
        if subject.state(name) not in _UNFINISHED:
            continue
        artifact = subject.graph.artifacts[name]
        hours = subject.expected_hours.get(name, artifact.estimated_hours or 0.0)
        reason = subject.reason_for(name)
        told = f": {sentence(artifact.description)}" if artifact.description else ""
        yield Action(
            kind=Kind.FINISH,
            key=f"finish {name}",
            text=f"Finish {markdown_code(name)}{told}",
            because=f"{subject.state(name)}: {sentence(reason)}" if reason else subject.state(name),
            owner=markdown_text(artifact.agent or TO_BE_NAMED),
            hours=hours,
            is_estimated=hours > 0,
            spent_seconds=subject.actual_seconds.get(name),
            waits_for=tuple(f"finish {required}" for required in artifact.required_ids),
        )


def _from_cycles(subject: ReportInput) -> Iterator[Action]:
    """One action a cycle: all its cuts together open it, one alone may not. Types alone make none at run time."""
    aim, pins = aim_of(subject), _pins(subject)
    for cycle in (each for each in cycles_of(subject) if each.is_running):
        names = cycle.ring or cycle.modules
        shown = ", ".join(markdown_code(name) for name in names[:4]) + (" and more" if len(names) > 4 else "")
        cuts, number = cuts_words(cycle.running_cuts), max(1, len(cycle.running_cuts))
        ends = [end for cut in cycle.running_cuts for end in (cut.importer, cut.imported)]
        rest = "; its other rings are by types only" if len(cycle.running_cuts) < len(cycle.cuts) else ""
        imports = "the import" if number == 1 else "the imports" if number <= FEW_CUTS else f"{number} imports:"
        yield Action(
            kind=Kind.CUT,
            key=_cut_key(cycle.modules),
            text=f"Remove {imports} {cuts}{_whole_list(subject, number)}" if cuts else f"Open the cycle of {shown}",
            because=f"import cycle of {counted(len(cycle.modules), 'module')}: {shown}{rest}",
            owner=_owner(subject, [cut.importer for cut in cycle.running_cuts] or cycle.modules),
            hours=2.0 * number,
            waits_for=_pinning(pins, (cut.importer for cut in cycle.running_cuts)),
            is_aside=not aim.needs(ends or cycle.modules),
        )


def _whole_list(subject: ReportInput, number: int) -> str:
    """Where all imports to remove stand that are too many to be named."""
    paths = [file.path for found in subject.found for file in found.files if file.path.endswith("code.json")]
    return f"; all of them under `cycles` in {markdown_code(paths[0])}" if number > FEW_CUTS and paths else ""


def _cut_key(modules: Iterable[str]) -> str:
    return f"cut {' '.join(sorted(modules))}"


def _from_boundaries(subject: ReportInput) -> Iterator[Action]:
    """Boundaries to separate: the least entangled first, after the cycles through them and the decisions on them.

    One that the goal does not need is nothing to be done: a clustering of modules is not noticed, it is made.
    """
    cycles, aim = cycles_of(subject), aim_of(subject)
    boundaries = sorted(boundaries_of(subject), key=lambda each: (each.crossing is None, each.crossing or 0, each.name))
    for boundary in (each for each in boundaries if aim.needs([each.name])):
        cuts = [_cut_key(cycle.modules) for cycle in cycles if set(cycle.modules) & set(boundary.modules)]
        resting = subject.graph.cone_of([boundary.artifact])
        decided = [
            decision_key(decision)
            for name in sorted(resting & subject.evidence.keys())
            for decision in subject.evidence[name].decisions
        ]
        crossing = "" if boundary.crossing is None else f"; crossing imports: {boundary.crossing}"
        size = "" if boundary.size is None else f" of {counted(boundary.size, 'module')}"
        yield Action(
            kind=Kind.SEPARATE,
            key=f"separate {boundary.name}",
            text=(_CLOSED if is_staying_whole(subject) else "Separate {}").format(markdown_code(boundary.name)),
            because=f"proposed boundary{size}{crossing}",
            owner=_named_owner(boundary.record) or _owner(subject, boundary.modules),
            hours=4.0 + (boundary.crossing or 4),
            waits_for=(*cuts, *decided),
        )


def _from_risks(subject: ReportInput) -> Iterator[Action]:
    """What to do about risks that are more than small; those of the code stand aside unless the goal needs them."""
    pins = _pins(subject)
    for risk in registered_risks(subject):
        wanted = [text for text in risk.mitigations if not _is_a_cut(text, subject)]
        if wanted and severity(risk.heaviest) >= 6:
            is_weakness = any(WEAKNESSES in subject.evidence[name].data for name in risk.artifacts)
            yield Action(
                kind=Kind.MEND if is_weakness else Kind.LESSEN,
                key=risk.action_key,
                text=f"{'Mend' if is_weakness else 'Against'} “{markdown_text(risk.title)}”: "
                f"{' '.join(map(sentence, wanted))}",
                because=f"{'weakness' if is_weakness else 'risk'} found for "
                f"{', '.join(map(markdown_code, risk.artifacts))}",
                owner=_owner(subject, risk.modules),
                waits_for=() if PINNED in risk.mitigations else _pinning(pins, risk.modules),
                is_aside=risk.is_aside,
            )


def _pins(subject: ReportInput) -> Mapping[str, str]:
    """By module, the action that pins with tests how it behaves: whatever changes the module waits for that."""
    pinned = (risk for risk in registered_risks(subject) if PINNED in risk.mitigations)
    return {module: risk.action_key for risk in pinned for module in risk.modules}


def _pinning(pins: Mapping[str, str], changed: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(pins[module] for module in changed if module in pins))


def _is_a_cut(mitigation: str, subject: ReportInput) -> bool:
    """Whether a mitigation is to remove an import that is an action of its own."""
    cuts = [cut for cycle in cycles_of(subject) for cut in cycle.cuts]
    return any(cut.importer in mitigation and cut.imported and cut.imported in mitigation for cut in cuts)


def _from_open_parts(subject: ReportInput) -> Iterator[Action]:
    """What builders left open in the files they wrote, after the parts that theirs rest on."""
    for found in subject.found:
        parts = next((found.data[name] for name in _OPEN_PARTS if isinstance(found.data.get(name), list)), None)
        texts = texts_in(parts)
        number = len(texts) or found.left_open
        if not number:
            continue
        files = ", ".join(markdown_code(file.path) for file in found.files) or markdown_code(found.artifact)
        about = sentence(subject.graph.artifacts[found.artifact].description or "").rstrip(".")
        told = "; ".join(markdown_text(text) for text in texts[:4]) or about
        told = f": {told}" if told else ""
        more = f"; and {len(texts) - 4} more" if len(texts) > 4 else ""
        yield Action(
            kind=Kind.COMPLETE,
            key=f"complete {found.artifact}",
            text=f"Complete {files}{told}{more}",
            because=f"{counted(number, 'part')} left open by {markdown_text(found.agent)}",
            hours=float(number),
            waits_for=tuple(f"complete {name}" for name in subject.graph.requirements_of(found.artifact)),
        )


def _named_owner(record: Mapping[str, JsonValue]) -> str:
    """The team that a record names, if it does."""
    name = next((record[key] for key in ("owner", "team", "owners") if record.get(key)), "")
    return markdown_text(name) if isinstance(name, str) else ""


def _owner(subject: ReportInput, modules: Iterable[str]) -> str:
    """The team that the evidence names for some modules, or that one has to be named."""
    wanted = tuple(modules)
    for boundary in boundaries_of(subject):
        owner = _named_owner(boundary.record)
        if owner and set(wanted) & set(boundary.modules):
            return owner
    teams = teams_in(claim for found in subject.found for claim in found.claims)
    owners = _file_owners(subject, wanted)
    named = owners_of(wanted, teams) or (listed(owners) if owners else "")
    return markdown_text(named) if named else TO_BE_NAMED


def _owner_of_files(subject: ReportInput, claims: Iterable[Claim]) -> str:
    """Who answers for the files that some claims are taken from, or that somebody has to be named."""
    owners = subject.owners.of_all(source.path for claim in claims for source in claim.sources)
    return markdown_text(listed(owners)) if owners else TO_BE_NAMED


def _file_owners(subject: ReportInput, modules: Iterable[str]) -> tuple[str, ...]:
    """Who answers for the files of some modules; a module may lie in a source folder, and may be a package."""
    paths = (name.replace(".", "/") for name in modules)
    found = (
        next(filter(None, (subject.owners.of(f"{folder}{path}.py") for folder in _SOURCE_FOLDERS)), ())
        for path in paths
    )
    return tuple(dict.fromkeys(owner for owners in found for owner in owners))
