"""Evidence on an artifact that asks for weaknesses: claims with file and line, risks, the page, and what is missing."""

import json
from collections.abc import Sequence
from pathlib import Path

from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Claim, Evidence, Grade, ProducedFile, Risk, Source
from prefect_harmonic.tasks.agents.code_analyzer.checking import earlier, unshown
from prefect_harmonic.tasks.agents.code_analyzer.focus import is_check
from prefect_harmonic.tasks.agents.code_analyzer.security.page import overview, page
from prefect_harmonic.tasks.agents.code_analyzer.security.review import Review, security_review
from prefect_harmonic.tasks.agents.code_analyzer.security.rules import Side, rule_catalogue
from prefect_harmonic.tasks.agents.code_analyzer.security.scope import sides_of
from prefect_harmonic.tasks.agents.weaknesses import WEAKNESSES, Harm, Weakness, grouped
from prefect_harmonic.tasks.agents.wording import counted, listed, sentence, summary_of, title_of

WEAKNESSES_FILE = "analysis/weaknesses.json"
DIGEST = "security_digest"
_MOST_CLAIMS = 20
_MOST_SOURCES = 20
_MOST_RISKS = 10
_MOST_HANDED_OVER = 40
_MOST_IN_FILE = 2_000
_SURE, _UNCOMPARED, _WITHOUT_CODE = 0.8, 0.6, 0.3
_COUNT = 0.5
"""A count stands behind what is counted, and that nothing was found behind all that was."""
_METHOD = (
    "bandit and a few rules of our own looked at the syntax trees of the Python files.",
    "Nothing of the project was imported or run, and no configuration of it was heeded.",
    "A weakness is told by the form of a line: where its values come from was not followed, so some are harmless here.",
    "That nothing is found does not prove that there is nothing.",
    "Test files were passed over, and so were findings that are likely harmless; these are counted on the page.",
    "Comments that silence such findings are not heeded: what has one is told apart.",
)


def security_evidence(assignment: Assignment, root: Path, agent: str) -> Evidence:
    """What an artifact asks for of the project's security."""
    artifact = assignment.artifact
    found, sides = security_review(root), sides_of(artifact)
    own = found.of(frozenset(sides))
    change = unshown(earlier(assignment, agent, DIGEST), found.digest, DIGEST) if is_check(artifact) else None
    limits = tuple(filter(None, (change.gap if change else "", _not_looked_for(found), *_unread(found))))
    sure = _UNCOMPARED if sides == (Side.DEPENDENCIES,) and not found.pinned else _confidence(found)
    claims = _claims(found, sides, own)
    told = f"**{sentence(change.gap)}**\n\n" if change else ""
    text = f"# {title_of(artifact.description or artifact.id)}\n\n{told}{page(found, sides)}"
    sentences = [*([sentence(change.gap)] if change else []), sentence(overview(found, sides))]
    sentences += [claim.text for claim in claims if claim.text not in sentences]
    return Evidence(
        artifact=artifact.id,
        agent=agent,
        summary=summary_of(sentences, _METHOD),
        confidence=min(sure, change.most) if change else sure,
        claims=claims,
        gaps=limits,
        risks=_risks(own),
        text=text,
        data={
            "focus": "security",
            "sides": [side.value for side in sides],
            DIGEST: found.digest,
            "weaknesses_found": len(found.weaknesses),
            "weaknesses_of_high_harm": sum(one.harm is Harm.HIGH for one in found.weaknesses),
            "python_files_read": len(found.python),
            WEAKNESSES: [one.model_dump(mode="json") for one in own[:_MOST_HANDED_OVER]],
            "limits": list(limits),
        },
        files=_files(assignment, found, text),
    )


def _claims(found: Review, sides: Sequence[Side], own: tuple[Weakness, ...]) -> tuple[Claim, ...]:
    """One for each kind of weakness with its places, then how much was looked at; that alone if nothing was found."""
    whole = Claim(
        text=sentence(overview(found, sides)),
        sources=tuple(_source(one) for one in own[:1]) or tuple(_first_file(found)),
        confidence=_COUNT if found.python else _WITHOUT_CODE,
    )
    return (*(_claim(group) for group in grouped(own)[:_MOST_CLAIMS]), whole)


def _claim(group: tuple[Weakness, ...]) -> Claim:
    first = group[0]
    places = f" in {len(group)} places" if len(group) > 1 else ""
    return Claim(
        text=f"{first.title}{places} (CWE-{first.cwe}, harm {first.harm.value}): {first.why}. {sentence(first.remedy)}",
        sources=tuple(_source(one) for one in group[:_MOST_SOURCES]),
        confidence=max(one.sure for one in group),
    )


def _source(one: Weakness) -> Source:
    return Source(path=one.path, line=one.line, quote=one.quote, grade=Grade.MEASURED)


def _first_file(found: Review) -> list[Source]:
    return [Source(path=path, line=1, grade=Grade.MEASURED) for path in (*found.python, *found.texts)[:1]]


def _risks(own: tuple[Weakness, ...]) -> tuple[Risk, ...]:
    """The weaknesses that are more than small, those of one kind together."""
    groups = [group for group in grouped(own) if group[0].harm is not Harm.LOW]
    return tuple(
        Risk(
            title=f"{group[0].title} ({group[0].place if len(group) == 1 else f'{len(group)} places'})",
            likelihood=max(group, key=lambda one: one.sure).likelihood,
            impact=group[0].harm.value,
            evidence=f"CWE-{group[0].cwe} at {listed([one.place for one in group])}: {group[0].why}",
            mitigation=group[0].remedy,
        )
        for group in groups[:_MOST_RISKS]
    )


def _not_looked_for(found: Review) -> str:
    """What no page of a review can tell, as one gap: the same on each of them, so that it counts once."""
    languages = [name for name, _ in found.languages]
    missing = [
        "known vulnerabilities of the dependencies",
        "settings at run time",
        "who may do what",
        *([f"weaknesses in {listed(languages, most=5)}"] if languages else []),
    ]
    told = listed(missing, most=len(missing))
    return (
        f"{told[:1].upper()}{told[1:]} were not looked for: the analysis reads Python and files of settings, asks no "
        "database over the network and runs nothing."
    )


def _unread(found: Review) -> tuple[str, ...]:
    missing = []
    if not found.python and not any(path.endswith(".py") for path, _ in found.unread):
        missing.append("There is no Python code in which weaknesses could be looked for.")
    if found.unread:
        files = listed([f"{path} ({why})" for path, why in found.unread], most=3)
        missing.append(f"{counted(len(found.unread), 'file')} could not be looked at: {files}.")
    if found.is_truncated:
        missing.append("The project has more files than are read; what lies beyond is missing.")
    return tuple(missing)


def _confidence(found: Review) -> float:
    if not found.python:
        return _WITHOUT_CODE
    share = len(found.python) / (len(found.python) + sum(path.endswith(".py") for path, _ in found.unread))
    return round(max(_WITHOUT_CODE, _SURE * share - 0.2 * found.is_truncated), 2)


def _files(assignment: Assignment, found: Review, text: str) -> tuple[ProducedFile, ...]:
    """All that was found as JSON, at its usual place beside the page unless the artifact itself wants JSON."""
    wanted = assignment.artifact.produces_file
    whole = ProducedFile(path=WEAKNESSES_FILE, content=_document(found))
    if wanted is None or wanted == WEAKNESSES_FILE:
        return (whole,)
    if wanted.endswith(".json"):
        return (ProducedFile(path=wanted, content=whole.content),)
    return (whole, ProducedFile(path=wanted, content=text))


def _document(found: Review) -> str:
    doubted = [{**one.model_dump(mode="json"), "doubt": why} for one, why in found.doubted[:_MOST_IN_FILE]]
    whole = {
        "python_files": len(found.python),
        "test_files_passed_over": found.tests,
        "rules": len(rule_catalogue()),
        "weaknesses": [one.model_dump(mode="json") for one in found.weaknesses[:_MOST_IN_FILE]],
        "declared_harmless": [one.model_dump(mode="json") for one in found.marked[:_MOST_IN_FILE]],
        "likely_harmless": doubted,
        "pinned": [f"{pin.library}=={pin.version} ({pin.path}:{pin.line})" for pin in found.pinned[:_MOST_IN_FILE]],
        "not_read": [{"file": path, "why": why} for path, why in found.unread],
    }
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"
