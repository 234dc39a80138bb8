"""Something the caller gave cannot be used; the caller can mend it."""

from collections.abc import Sequence

from prefect_harmonic.errors.harmonic_error import HarmonicError


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


class UnknownHomeError(InputError):
    """A path begins with `~` for a home folder that is not known."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return f"{self.path!r} begins with a home folder that is not known here; write the whole path"


class WorkspaceError(InputError):
    """The workspace cannot take what a run leaves behind."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(path, problem)
        self.path, self.problem = path, problem

    def __str__(self) -> str:
        return f"workspace {self.path!r} {self.problem}; choose a folder that can be written with --workspace"


class WorkspaceInUseError(WorkspaceError):
    """Another run has the workspace."""

    def __init__(self, path: str) -> None:
        super().__init__(path, "is in use by another run")
        self.args = (path,)  # what it is made from again, after pickling

    def __str__(self) -> str:
        return f"workspace {self.path!r} {self.problem}; wait until that is over, or choose another workspace"


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


class InstalledAgentError(InputError):
    """An installed package names a specialist that is none, or that cannot be loaded."""

    def __init__(self, agent: str, place: str, problem: str) -> None:
        super().__init__(agent, place, problem)
        self.agent, self.place, self.problem = agent, place, problem

    def __str__(self) -> str:
        told = f"the installed specialist {self.agent!r} ({self.place}) cannot be used: {self.problem}"
        return f"{told}; mend the package that names it, or uninstall it"


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
