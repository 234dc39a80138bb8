"""Documents made of what was found and decided before: runbooks, plans, descriptions.

Every statement in them comes from an input, and says from which. Where there are no inputs, the sections say what is
missing instead of filling themselves.
"""

from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Decision, Evidence
from prefect_harmonic.planners.words import spaced, words_of
from prefect_harmonic.tasks.agents.builder.contract import clauses_of
from prefect_harmonic.tasks.agents.builder.runbook import decision_lines, runbook
from prefect_harmonic.tasks.agents.wording import sentence, table, title_of

_MOST_CLAIMS = 5


def document(assignment: Assignment) -> str:
    """A Markdown document for the artifact: a runbook if it is called one, otherwise a description."""
    artifact = assignment.artifact
    is_runbook = bool(
        {"runbook", "playbook", "rollback", "rollout"} & set(words_of(f"{artifact.id} {artifact.domain_type}"))
    )
    known = {**assignment.background, **assignment.inputs}
    sections = [f"# {title_of(spaced(artifact.id).capitalize())}"]
    if artifact.description.strip():
        sections.append(sentence(artifact.description))
    if is_runbook:
        sections += [*runbook(known), *decision_lines(known)]
    else:
        sections += _decisions(known) + _places(known) + _findings(assignment.inputs)
        sections += _risks(known) + _open_questions(known)
    sections += _acceptance(assignment)
    return "\n\n".join(sections) + "\n"


def _decisions(known: dict[str, Evidence]) -> list[str]:
    found: list[tuple[str, Decision]] = [(name, each) for name in sorted(known) for each in known[name].decisions]
    if not found:
        return []
    lines = [
        f"- **{title_of(each.title)}**: {each.chosen or 'open'}. {sentence(each.rationale)} _(`{each.file or name}`)_"
        for name, each in found
    ]
    return ["## Decisions this rests on", "\n".join(lines)]


def _places(known: dict[str, Evidence]) -> list[str]:
    """Where in the code the words of the goal stand, as the code analyzer found it: there a change begins."""
    rows: dict[tuple[str, ...], None] = {}
    for name in sorted(known):
        places = known[name].data.get("places")
        for place in places if isinstance(places, list) else ():
            if isinstance(place, dict):
                words = place.get("words")
                told = ", ".join(map(str, words)) if isinstance(words, list) else ""
                rows[f"`{place.get('path')}:{place.get('line')}`", f"`{place.get('name')}`", told] = None
    if not rows:
        return []
    note = "Files of the project to read first; whether the change belongs there is for whoever makes it."
    return ["## Where to begin", note, table(("Place", "What", "Words of the goal"), rows)]


def _findings(inputs: dict[str, Evidence]) -> list[str]:
    sections = []
    told: dict[str, str] = {}  # each claim with the input that it is told for: more than one look may find the same
    for name in sorted(inputs):
        evidence = inputs[name]
        own = [claim for claim in evidence.claims if told.setdefault(claim.text, name) == name]
        surest = sorted(own, key=lambda claim: (-claim.confidence, claim.text))[:_MOST_CLAIMS]
        lines = [
            f"- {sentence(claim.text)}" + (f" (`{claim.sources[0]}`)" if claim.sources else " (no source)")
            for claim in surest
        ]
        files = ", ".join(f"`{file.path}`" for file in evidence.files)
        made = f"Files: {files}." if files else ""
        body = "\n\n".join(part for part in ("\n".join(lines) or evidence.summary, made) if part)
        sections.append(f"### {title_of(spaced(name).capitalize())}\n\n{body}")
    return ["## What it builds on", *sections] if sections else []


def _risks(known: dict[str, Evidence]) -> list[str]:
    tellers: dict[tuple[str, ...], list[str]] = {}
    for name in sorted(known):
        for risk in known[name].risks:
            tellers.setdefault((risk.title, risk.likelihood, risk.impact, risk.mitigation), []).append(name)
    rows = [(*risk, ", ".join(dict.fromkeys(names))) for risk, names in tellers.items()]
    return ["## Risks", table(("Risk", "Likelihood", "Impact", "Answer", "From"), rows)] if rows else []


def _open_questions(known: dict[str, Evidence]) -> list[str]:
    tellers: dict[str, list[str]] = {}
    for name in sorted(known):
        for gap in known[name].gaps:
            tellers.setdefault(sentence(gap), []).append(f"`{name}`")
    gaps = [f"- {gap} _(from {', '.join(dict.fromkeys(names))})_" for gap, names in tellers.items()]
    return ["## Open questions", "\n".join(gaps)] if gaps else []


def _acceptance(assignment: Assignment) -> list[str]:
    clauses = [f"- [ ] {sentence(clause)}" for clause in clauses_of(assignment.artifact)]
    return ["## Done when", "\n".join(clauses) or "- [ ] Someone other than its author has read and used it."]
