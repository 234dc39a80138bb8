"""Making an artifact went wrong."""

from prefect_harmonic.errors.harmonic_error import HarmonicError


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
