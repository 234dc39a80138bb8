"""The agent `code-analyzer`: measures a project's Python code and says what the figures mean for one artifact."""

import asyncio
import json
import re
from pathlib import Path

from prefect_harmonic.errors import AgentError
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Evidence, ProducedFile
from prefect_harmonic.tasks.agents.asked import asked_of
from prefect_harmonic.tasks.agents.code_analyzer.analysis import Analysis, analysis
from prefect_harmonic.tasks.agents.code_analyzer.checking import DIGEST, earlier, unshown
from prefect_harmonic.tasks.agents.code_analyzer.closing import closed_by_code
from prefect_harmonic.tasks.agents.code_analyzer.database.evidence import incident_evidence, is_about_incident
from prefect_harmonic.tasks.agents.code_analyzer.document import as_text, figures
from prefect_harmonic.tasks.agents.code_analyzer.findings import risks
from prefect_harmonic.tasks.agents.code_analyzer.focus import is_check, is_outside
from prefect_harmonic.tasks.agents.code_analyzer.history import head
from prefect_harmonic.tasks.agents.code_analyzer.look import look_at
from prefect_harmonic.tasks.agents.code_analyzer.placement import PLACES
from prefect_harmonic.tasks.agents.code_analyzer.security.evidence import security_evidence
from prefect_harmonic.tasks.agents.code_analyzer.security.scope import is_about_security
from prefect_harmonic.tasks.agents.code_analyzer.usage import USES
from prefect_harmonic.tasks.agents.registry import Specialist
from prefect_harmonic.tasks.agents.wording import sentence, summary_of, title_of

NAME = "code-analyzer"
CODE_FILE = "analysis/code.json"
NO_PROJECT_GAP = "No project was given, so there is no code to analyse."

_METHOD = (
    "Nothing of the project was imported or run: the import graph comes from grimp and from the syntax trees.",
    "Complexity comes from lizard, and churn from git where there is a history.",
    "An import cycle is a strongly connected component of two or more modules.",
    "Imports within functions and for type checkers count and are marked.",
    "Candidate services follow the imports alone, so they say nothing of shared tables, teams or load.",
    "Each of them is a question to those who know the business.",
    "Tests, examples and scripts beside the packages are listed and not counted.",
)


async def analyze_code(assignment: Assignment) -> Evidence:
    """What a project's code is made of, for one artifact.

    Raises:
        AgentError: The project's folder is not there.
    """
    closing = await asyncio.to_thread(closed_by_code, assignment, NAME)
    if closing is not None:
        return closing
    if is_about_incident(assignment.artifact):
        return await asyncio.to_thread(incident_evidence, assignment, NAME)
    if assignment.project is None:
        return _without_project(assignment)
    root = Path(assignment.project)
    if not await asyncio.to_thread(root.is_dir):
        raise AgentError(NAME, assignment.artifact.id, f"the project folder {str(root)!r} is not there")
    if is_about_security(assignment.artifact):
        return await asyncio.to_thread(security_evidence, assignment, root, NAME)
    return await asyncio.to_thread(_evidence, assignment, root)


def _evidence(assignment: Assignment, root: Path) -> Evidence:
    found = analysis(root)
    commit = head(root)
    look = look_at(assignment, found, NAME)
    change = unshown(earlier(assignment, NAME), found.digest) if is_check(assignment.artifact) else None
    repeated = change.same_as if change else ""
    open_change = "; ".join(filter(None, (change.gap if change else "", look.remaining)))
    limits = tuple(filter(None, (open_change, *look.limits)))
    missing = (*limits, *look.gaps, *_other_commit(assignment, commit))
    title = f"The code looked at for {assignment.artifact.id}" if is_check(assignment.artifact) else _title(assignment)
    told = f"**{sentence(open_change)}**\n\n" if open_change else ""
    body = f"The figures of the code stand with {repeated} and are the same.\n" if repeated else look.text
    text = f"# {title_of(title)}\n\n{told}{body}"
    claims = () if repeated else look.claims
    sentences = [
        *([sentence(open_change)] if open_change else []),
        *(_shortened(found, claim.text) for claim in claims),
    ]
    is_whole = not (look.option or repeated or any(map(is_outside, look.limits)))
    return Evidence(
        artifact=assignment.artifact.id,
        agent=NAME,
        summary=summary_of(sentences or list(missing), _METHOD),
        confidence=min(look.confidence, change.most) if change else look.confidence,
        claims=claims,
        gaps=missing,
        risks=risks(found) if is_whole else (),
        text=text,
        data={
            "focus": look.focus,
            DIGEST: found.digest,
            **({"limits": list(limits)} if limits else {}),
            **({"git_hash": commit} if commit else {}),
            **({} if look.uses is None else {USES: look.uses}),
            **({PLACES: list(look.places)} if look.places else {}),
            **({"options": [look.option]} if look.option else {}),
            **(figures(found) if is_whole else {}),
        },
        files=_files(assignment, found, text, is_whole=is_whole),
    )


def _other_commit(assignment: Assignment, commit: str) -> tuple[str, ...]:
    """That the project is not at the commit which the artifact names."""
    wanted = asked_of(assignment.artifact).git_hash
    if wanted is None or commit.startswith(wanted):
        return ()
    return (f"commit {wanted[:12]} was to be analyzed, and the project is at {commit[:12] or 'none'}",)


def _shortened(found: Analysis, text: str) -> str:
    """A sentence for the summary: module names without the name of the one package they all share."""
    names = {package.name for package in found.layout.packages}
    return re.sub(rf"\b{re.escape(names.pop())}\.(?=\w)", "", text) if len(names) == 1 else text


def _files(assignment: Assignment, found: Analysis, text: str, *, is_whole: bool) -> tuple[ProducedFile, ...]:
    """`code.json` where the artifact wants JSON, else at its usual place beside the report the artifact wants.

    Nothing but the report where it does not tell the figures of the code as a whole.
    """
    wanted = assignment.artifact.produces_file
    if not is_whole and not (wanted or "").endswith(".json"):
        return (ProducedFile(path=wanted, content=text),) if wanted is not None else ()
    code = as_text(found)
    if wanted is not None and wanted.endswith(".json"):
        return (ProducedFile(path=wanted, content=code),)
    files = [ProducedFile(path=CODE_FILE, content=code)]
    if wanted is not None:
        files.append(ProducedFile(path=wanted, content=text))
    return tuple(files)


def _without_project(assignment: Assignment) -> Evidence:
    text = f"# {title_of(_title(assignment))}\n\n{NO_PROJECT_GAP} Name the folder that holds it with --project.\n"
    wanted = assignment.artifact.produces_file
    content = json.dumps({"gap": NO_PROJECT_GAP}) + "\n" if wanted is not None and wanted.endswith(".json") else text
    files = (ProducedFile(path=wanted, content=content),) if wanted is not None else ()
    return Evidence(
        artifact=assignment.artifact.id,
        agent=NAME,
        summary=summary_of([NO_PROJECT_GAP, "Name the folder that holds it with --project."], _METHOD),
        confidence=0.1,
        gaps=(NO_PROJECT_GAP,),
        text=text,
        files=files,
    )


def _title(assignment: Assignment) -> str:
    return assignment.artifact.description or assignment.artifact.id


CODE_ANALYZER = Specialist(
    name=NAME,
    call=analyze_code,
    version="11",
    expertise=frozenset(
        {
            *(
                "analysis",
                "architecture",
                "boundaries",
                "churn",
                "code",
                "complexity",
                "component",
                "coupling",
                "cycles",
            ),
            *("debt", "dependencies", "history", "hotspots", "imports", "inventory", "layers", "modules", "monolith"),
            "structure",
        }
    ),
    is_reading_project=True,
)
