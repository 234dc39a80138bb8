"""Every error this package raises, in one tree.

    HarmonicError
    ├── InputError                     the caller can mend it; the command line exits 2
    │   ├── GoalError                  an empty, oversized or unusable goal
    │   ├── OptionError                an option or parameter outside its range
    │   ├── ProjectNotFoundError       --project names no readable folder
    │   ├── UnknownHomeError           a path in a home folder that is not known
    │   ├── WorkspaceError             the workspace cannot be written
    │   │   └── WorkspaceInUseError    another run has it
    │   ├── UnreadablePlanError        a plan file that is no plan
    │   ├── MethodLibraryError         a planning method that does not validate
    │   ├── ServerError                no Prefect server is set where one is needed, or it does not answer
    │   ├── UnknownAgentError          an agent nobody registered
    │   ├── InstalledAgentError        an installed package names a specialist that cannot be used
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
    ├── CancelledInPrefectError        the flow run was cancelled in Prefect
    ├── UnfinishedRunError             a run ended, and what was due was not done; carries its outcome
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

from prefect_harmonic.errors.execution import (
    AgentError,
    CalledOffError,
    ExecutionError,
    FullDiskError,
)
from prefect_harmonic.errors.harmonic_error import HarmonicError
from prefect_harmonic.errors.input import (
    DatabaseAddressError,
    GoalError,
    InputError,
    InstalledAgentError,
    MethodLibraryError,
    MissingPackageError,
    NotRecordedError,
    OptionError,
    ProjectNotFoundError,
    ServerError,
    UnknownAgentError,
    UnknownHomeError,
    UnreadablePlanError,
    VllmMissingError,
    WorkspaceError,
    WorkspaceInUseError,
)
from prefect_harmonic.errors.knowledge import (
    BudgetSpentError,
    DatabaseBusyError,
    DatabaseError,
    IllegalStepError,
    KnowledgeError,
    LinkCycleError,
    LinkRefusedError,
    RefusedValueError,
    TreeLimitError,
    UnknownRecordError,
)
from prefect_harmonic.errors.plan import (
    CycleError,
    DuplicateArtifactError,
    EmptyPlanError,
    InvalidPlanError,
    PlanError,
    UnknownRequirementError,
)
from prefect_harmonic.errors.planning import (
    CandidateError,
    CutOffAnswerError,
    NoValidPlanError,
    PlanningError,
    UnreadableAnswerError,
)
from prefect_harmonic.errors.run import CancelledInPrefectError, UnfinishedRunError
from prefect_harmonic.errors.serving import VllmServerError

__all__ = [
    "AgentError",
    "BudgetSpentError",
    "CalledOffError",
    "CancelledInPrefectError",
    "CandidateError",
    "CutOffAnswerError",
    "CycleError",
    "DatabaseAddressError",
    "DatabaseBusyError",
    "DatabaseError",
    "DuplicateArtifactError",
    "EmptyPlanError",
    "ExecutionError",
    "FullDiskError",
    "GoalError",
    "HarmonicError",
    "IllegalStepError",
    "InputError",
    "InstalledAgentError",
    "InvalidPlanError",
    "KnowledgeError",
    "LinkCycleError",
    "LinkRefusedError",
    "MethodLibraryError",
    "MissingPackageError",
    "NoValidPlanError",
    "NotRecordedError",
    "OptionError",
    "PlanError",
    "PlanningError",
    "ProjectNotFoundError",
    "RefusedValueError",
    "ServerError",
    "TreeLimitError",
    "UnfinishedRunError",
    "UnknownAgentError",
    "UnknownHomeError",
    "UnknownRecordError",
    "UnknownRequirementError",
    "UnreadableAnswerError",
    "UnreadablePlanError",
    "VllmMissingError",
    "VllmServerError",
    "WorkspaceError",
    "WorkspaceInUseError",
]
