"""Every error this package raises, in one tree.

    HarmonicError
    ├── InputError                     the caller can mend it; the command line exits 2
    │   ├── GoalError                  an empty, oversized or unusable goal
    │   ├── OptionError                an option or parameter outside its range
    │   ├── ProjectNotFoundError       --project names no readable folder
    │   ├── WorkspaceError             the workspace cannot be written
    │   ├── UnreadablePlanError        a plan file that is no plan
    │   ├── MethodLibraryError         a planning method that does not validate
    │   ├── ServerError                no Prefect server is set where one is needed, or it does not answer
    │   ├── UnknownAgentError          an agent nobody registered
    │   ├── DatabaseAddressError       an address that names no database we can use
    │   ├── MissingPackageError        a package that only some uses need is not installed
    │   ├── VllmMissingError           there is no vLLM where a model is to be served with it
    │   └── NotRecordedError           a replay was asked what its recording does not hold
    ├── PlanError                      the plan itself is wrong
    │   ├── EmptyPlanError
    │   ├── DuplicateArtifactError
    │   ├── UnknownRequirementError
    │   ├── CycleError
    │   └── InvalidPlanError           the gate refused it; carries the findings
    ├── PlanningError                  no plan could be made
    │   ├── CandidateError             one candidate failed, with its reason
    │   │   └── UnreadableAnswerError  a model's answer holds no plan
    │   │       └── CutOffAnswerError  it begins like one and does not end
    │   └── NoValidPlanError           all of them did, with every reason
    ├── ExecutionError                 making an artifact went wrong
    │   ├── AgentError                 the agent could not make it
    │   ├── CalledOffError             it is not wanted any more
    │   └── FullDiskError              there is no room for what was made
    ├── VllmServerError                vLLM could not be installed, did not start, or ended
    └── KnowledgeError                 the knowledge base refused, or its database failed; nothing was written
        ├── UnknownRecordError         an id that nothing has
        ├── RefusedValueError          values outside what is allowed
        ├── IllegalStepError           a status that cannot follow the present one
        ├── LinkRefusedError           a link that cannot be
        │   └── LinkCycleError         it would close a cycle
        ├── TreeLimitError             the tree may not grow there
        ├── BudgetSpentError           the budget of the run allows no more of something
        └── DatabaseError              the database cannot be read or written
            └── DatabaseBusyError      others are writing for too long (retryable)

Prefect pickles exceptions, so the constructor's arguments are the payload and nothing else: they go to
`super().__init__` unchanged, and the text is made in `__str__`. A message says the fact, names the culprit and says
what to do next.
"""

from collections.abc import Sequence
from typing import ClassVar


class HarmonicError(Exception):
    """Root of the tree. `retryable` says whether the same call may succeed when it is simply made again."""

    retryable: ClassVar[bool] = False


class InputError(HarmonicError):
    """Something the caller gave cannot be used; nothing was started or written."""


class GoalError(InputError):
    """The goal is no goal."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return f"the goal {self.problem}; say in a sentence what should exist when the work is done"


class OptionError(InputError):
    """An option or a parameter has a value outside what is allowed."""

    def __init__(self, option: str, value: str, allowed: str) -> None:
        super().__init__(option, value, allowed)
        self.option, self.value, self.allowed = option, value, allowed

    def __str__(self) -> str:
        return f"{self.option} cannot be {self.value!r}: give {self.allowed}"


class ProjectNotFoundError(InputError):
    """The project folder is not there or cannot be read."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(path, problem)
        self.path, self.problem = path, problem

    def __str__(self) -> str:
        return f"project {self.path!r} {self.problem}; name the folder that holds the code with --project"


class WorkspaceError(InputError):
    """The workspace cannot take what a run leaves behind."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(path, problem)
        self.path, self.problem = path, problem

    def __str__(self) -> str:
        return f"workspace {self.path!r} {self.problem}; choose a folder that can be written with --workspace"


class UnreadablePlanError(InputError):
    """A plan file is missing, is no JSON, or has another shape than a plan."""

    def __init__(self, source: str, problem: str) -> None:
        super().__init__(source, problem)
        self.source, self.problem = source, problem

    def __str__(self) -> str:
        return f"cannot read plan {self.source}: {self.problem}"


class MethodLibraryError(InputError):
    """A planning method in YAML does not validate."""

    def __init__(self, file: str, line: int, field: str, problem: str) -> None:
        super().__init__(file, line, field, problem)
        self.file, self.line, self.field, self.problem = file, line, field, problem

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.field}: {self.problem}"


class ServerError(InputError):
    """A Prefect server is needed, and none is set or it does not answer."""

    def __init__(self, address: str, problem: str = "") -> None:
        super().__init__(address, problem)
        self.address, self.problem = address, problem

    def __str__(self) -> str:
        if not self.address:
            remedy = "start one with 'prefect server start' and set it with"
            return f"no Prefect server is set; {remedy} 'prefect config set PREFECT_API_URL=http://127.0.0.1:4200/api'"
        return f"no Prefect server answers at {self.address} ({self.problem}); start it, or set PREFECT_API_URL"


class UnknownAgentError(InputError):
    """An artifact or a call names an agent that is not in the registry."""

    def __init__(self, agent: str, known: Sequence[str]) -> None:
        super().__init__(agent, tuple(known))
        self.agent, self.known = agent, tuple(known)

    def __str__(self) -> str:
        return f"no agent is called {self.agent!r}; register it, or use one of {', '.join(self.known)}"


class DatabaseAddressError(InputError):
    """The address of the knowledge base names no database. Never holds the address itself: it may hold a password."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        forms = "sqlite:////absolute/file.db or postgresql://user:password@host/database"
        return f"the address of the knowledge base {self.problem}; set HARMONIC_DATABASE_URL to {forms}"


class MissingPackageError(InputError):
    """What was asked for needs a package that is not installed."""

    def __init__(self, purpose: str, package: str) -> None:
        super().__init__(purpose, package)
        self.purpose, self.package = purpose, package

    def __str__(self) -> str:
        return f"{self.purpose} needs {self.package}, which is not installed; run: pip install '{self.package}'"


class VllmMissingError(InputError):
    """A model is to be served, and there is no vLLM to do it. `place` is where it was looked for."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(place, problem)
        self.place, self.problem = place, problem

    def __str__(self) -> str:
        return (
            f"no vLLM to serve with: {self.place} {self.problem}; run 'harmonic vllm install' "
            "(with --cpu where there is no GPU), or name a Python that has it with --python"
        )


class NotRecordedError(InputError):
    """A replay came to a question to a model that its recording does not hold. `question` is how it ends."""

    def __init__(self, folder: str, question: str) -> None:
        super().__init__(folder, question)
        self.folder, self.question = folder, question

    def __str__(self) -> str:
        return (
            f"the recording in {self.folder} holds no answer to the question that ends with {self.question}; "
            "replay with the options that were recorded, or record it with --record"
        )


class PlanError(HarmonicError):
    """A plan cannot be used as it is."""


class EmptyPlanError(PlanError):
    """There is nothing in the plan."""

    def __str__(self) -> str:
        return "the plan is empty; it needs at least one artifact"


class DuplicateArtifactError(PlanError):
    """Several artifacts carry one id."""

    def __init__(self, artifacts: Sequence[str]) -> None:
        super().__init__(tuple(artifacts))
        self.artifacts = tuple(artifacts)

    def __str__(self) -> str:
        return f"the plan has several artifacts with the id {', '.join(self.artifacts)}; give each its own"


class UnknownRequirementError(PlanError):
    """Artifacts require something that is not in the plan."""

    def __init__(self, missing: Sequence[tuple[str, str]]) -> None:
        super().__init__(tuple(missing))
        self.missing = tuple(missing)

    def __str__(self) -> str:
        named = "; ".join(f"{artifact} requires {required}" for artifact, required in self.missing)
        return f"the plan lacks what it requires ({named}); add the artifact or remove the requirement"


class CycleError(PlanError):
    """Artifacts require each other in a ring. `cycle` is in order, the first id repeated at its end."""

    def __init__(self, cycle: Sequence[str]) -> None:
        super().__init__(tuple(cycle))
        self.cycle = tuple(cycle)

    def __str__(self) -> str:
        return f"the plan has a cycle: {' → '.join(self.cycle)}; remove one of these requirements"


class InvalidPlanError(PlanError):
    """The gate refused the plan. `findings` are its errors as lines of `CODE artifact message`."""

    def __init__(self, findings: Sequence[str]) -> None:
        super().__init__(tuple(findings))
        self.findings = tuple(findings)

    def __str__(self) -> str:
        return f"the plan does not pass the gate: {'; '.join(self.findings)}"


class PlanningError(HarmonicError):
    """No plan came out of planning."""


class CandidateError(PlanningError):
    """One candidate could not be generated. The others go on without it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class UnreadableAnswerError(CandidateError):
    """What a model answered holds no plan."""


class CutOffAnswerError(UnreadableAnswerError):
    """What a model answered begins like a plan and does not end."""


_REACH_THE_SERVER = (
    "see that the model server is up and that --base-url is its address, or add --fallback-model embedded, which needs "
    "none"
)


class NoValidPlanError(PlanningError):
    """Every candidate failed or was refused. `reasons` pairs each candidate's id with why."""

    def __init__(self, reasons: Sequence[tuple[str, str]]) -> None:
        super().__init__(tuple(reasons))
        self.reasons = tuple(reasons)

    def __str__(self) -> str:
        who: dict[str, list[str]] = {}
        for candidate, reason in self.reasons:
            who.setdefault(reason, []).append(candidate)
        if len(who) == 1 and len(self.reasons) > 1:
            told = f"each for the same reason: {next(iter(who))}"
        else:
            told = "; ".join(f"{', '.join(candidates)}: {reason}" for reason, candidates in who.items())
        is_unreached = bool(who) and all("model server" in reason for reason in who)
        remedy = _REACH_THE_SERVER if is_unreached else "reword the goal or widen the limits"
        return f"none of {len(self.reasons)} candidates is a valid plan ({told}); {remedy}"


class ExecutionError(HarmonicError):
    """Making an artifact went wrong."""


class AgentError(ExecutionError):
    """An agent could not make an artifact."""

    def __init__(self, agent: str, artifact: str, problem: str) -> None:
        super().__init__(agent, artifact, problem)
        self.agent, self.artifact, self.problem = agent, artifact, problem

    def __str__(self) -> str:
        return f"{self.agent} could not make {self.artifact}: {self.problem}"


class CalledOffError(ExecutionError):
    """An artifact is not wanted any more; whoever was at it has stopped."""

    def __init__(self, artifact: str, reason: str) -> None:
        super().__init__(artifact, reason)
        self.artifact, self.reason = artifact, reason

    def __str__(self) -> str:
        return f"{self.artifact} was called off ({self.reason}); ask for it again if it is wanted after all"


class VllmServerError(HarmonicError):
    """vLLM did not do what it was started for. `log` is the file that says more, where there is one."""

    def __init__(self, fact: str, problem: str, log: str) -> None:
        super().__init__(fact, problem, log)
        self.fact, self.problem, self.log = fact, problem, log

    def __str__(self) -> str:
        return f"{self.fact}: {self.problem}" + (f"; its whole log is {self.log}" if self.log else "")


class FullDiskError(ExecutionError):
    """There is no room left for what a run makes. What was written before is whole."""

    def __init__(self, workspace: str, file: str, problem: str) -> None:
        super().__init__(workspace, file, problem)
        self.workspace, self.file, self.problem = workspace, file, problem

    def __str__(self) -> str:
        return (
            f"no room for {self.file!r} in {self.workspace} ({self.problem}); free some, then start it again with the "
            "same workspace: what is made is kept"
        )


class KnowledgeError(HarmonicError):
    """The knowledge base did not do what was asked, and wrote nothing of it."""


class UnknownRecordError(KnowledgeError):
    """Nothing in the knowledge base has this id. `kind` says what was looked for, such as entity or evaluation."""

    def __init__(self, kind: str, ids: Sequence[str]) -> None:
        super().__init__(kind, tuple(ids))
        self.kind, self.ids = kind, tuple(ids)

    def __str__(self) -> str:
        return f"no {self.kind} has the id {', '.join(map(repr, self.ids))}; check it, or add one first"


class RefusedValueError(KnowledgeError):
    """Values outside what is allowed, each as field, value and what is allowed instead."""

    def __init__(self, problems: Sequence[tuple[str, str, str]]) -> None:
        super().__init__(tuple(problems))
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "; ".join(f"{field} cannot be {value}: {allowed}" for field, value, allowed in self.problems)


class IllegalStepError(KnowledgeError):
    """A status that cannot follow the present one."""

    def __init__(self, entity: str, before: str, after: str, problem: str) -> None:
        super().__init__(entity, before, after, problem)
        self.entity, self.before, self.after, self.problem = entity, before, after, problem

    def __str__(self) -> str:
        return f"{self.entity} cannot go from {self.before} to {self.after}: {self.problem}"


class LinkRefusedError(KnowledgeError):
    """A link that cannot be."""

    def __init__(self, source: str, target: str, link_type: str, problem: str) -> None:
        super().__init__(source, target, link_type, problem)
        self.source, self.target, self.link_type, self.problem = source, target, link_type, problem

    def __str__(self) -> str:
        return f"cannot link {self.source} {self.link_type} {self.target}: {self.problem}"


class LinkCycleError(LinkRefusedError):
    """A link that would close a cycle. `cycle` is in order, the first id repeated at its end."""

    def __init__(self, source: str, target: str, link_type: str, cycle: Sequence[str]) -> None:
        # The payload is the arguments, not what the parent takes: this is what pickling calls the class with.
        super().__init__(source, target, link_type, f"it closes the cycle {' → '.join(cycle)}")
        self.args = (source, target, link_type, tuple(cycle))
        self.cycle = tuple(cycle)


class TreeLimitError(KnowledgeError):
    """The tree may not grow at this place, because of its depth or of how many there are in it."""

    def __init__(self, entity: str, problem: str) -> None:
        super().__init__(entity, problem)
        self.entity, self.problem = entity, problem

    def __str__(self) -> str:
        return f"nothing can be added below {self.entity}: {self.problem}; do the work there instead"


class BudgetSpentError(KnowledgeError):
    """The budget of a run does not allow what was asked for; nothing of it was reserved.

    `shortages` are all limits that stand in the way, each as unit, limit, what is left of it and what was asked for.
    """

    def __init__(self, root: str, shortages: Sequence[tuple[str, str, str, str]]) -> None:
        super().__init__(root, tuple(shortages))
        self.root, self.shortages = root, tuple(shortages)

    def __str__(self) -> str:
        told = "; ".join(
            f"{unit}: {left} of {limit} left, {asked} asked for" for unit, limit, left, asked in self.shortages
        )
        return (
            f"the budget of {self.root} is used up ({told}); raise the limit, ask for less, or end with what there is"
        )


class DatabaseError(KnowledgeError):
    """The database cannot be read or written. `address` is without user and password."""

    def __init__(self, address: str, problem: str) -> None:
        super().__init__(address, problem)
        self.address, self.problem = address, problem

    def __str__(self) -> str:
        return f"the knowledge base at {self.address} {self.problem}; nothing was written"


class DatabaseBusyError(DatabaseError):
    """Others have been writing for longer than we waited."""

    retryable: ClassVar[bool] = True
