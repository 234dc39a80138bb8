"""A model could not be served."""

from prefect_harmonic.errors.harmonic_error import HarmonicError


class VllmServerError(HarmonicError):
    """vLLM did not do what it was started for. `log` is the file that says more, where there is one."""

    def __init__(self, fact: str, problem: str, log: str) -> None:
        super().__init__(fact, problem, log)
        self.fact, self.problem, self.log = fact, problem, log

    def __str__(self) -> str:
        return f"{self.fact}: {self.problem}" + (f"; its whole log is {self.log}" if self.log else "")
