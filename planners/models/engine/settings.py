"""How an engine in this process is started, with bounds.

Read from `HARMONIC_VLLM_*`, and from nothing that a plan or a repository says.
"""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from prefect_harmonic.errors import OptionError
from prefect_harmonic.planners.user_path import user_path

PREFIX = "HARMONIC_VLLM_"


class EngineSettings(BaseModel):
    """A model and what its engine may take. Each field but the model is read from `HARMONIC_VLLM_` and its name.

    >>> EngineSettings.read("org/model", {"HARMONIC_VLLM_MAX_MODEL_LEN": "8192"}).max_model_len
    8192
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = Field(min_length=1, description="A folder, or a name that vLLM downloads.")
    max_model_len: int | None = Field(
        default=None, ge=256, le=10_000_000, description="Tokens of question and answer; as many as fit if left out."
    )
    max_num_seqs: int = Field(default=32, ge=1, le=4096, description="Questions that are answered at the same time.")
    gpu_memory_utilization: float = Field(default=0.9, gt=0, le=1, description="Share of a GPU's memory.")
    tensor_parallel_size: int = Field(default=1, ge=1, le=64, description="GPUs that share the model.")
    cpu_kvcache_gib: int = Field(default=4, ge=1, le=1024, description="Memory for the cache where there is no GPU.")
    dtype: str = Field(default="auto", pattern="^[a-z0-9]{1,16}$", description="Number format of the weights.")
    load_format: str = Field(
        default="auto", pattern="^[a-z_]{1,32}$", description="How weights are read; dummy makes them up, to measure."
    )
    start_seconds: float = Field(default=600, gt=0, le=7200, description="How long a start may take.")
    restarts: int = Field(
        default=1, ge=0, le=10, description="Fresh engines in a row for engines that died before they answered."
    )

    @property
    def is_folder(self) -> bool:
        """Whether the model is here, so that nothing needs to be downloaded."""
        return user_path(self.model).is_dir()

    @property
    def location(self) -> str:
        """The model as vLLM is given it."""
        return str(user_path(self.model).resolve()) if self.is_folder else self.model

    @classmethod
    def read(cls, model: str, environment: Mapping[str, str]) -> Self:
        """The settings that the environment gives.

        Raises:
            OptionError: A value is outside its bounds.
        """
        given: dict[str, Any] = {"model": model}
        for name in cls.model_fields.keys() - {"model"}:
            if text := environment.get(f"{PREFIX}{name.upper()}"):
                given[name] = text
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            first = error.errors()[0]
            name = str(first["loc"][0])
            raise OptionError(f"{PREFIX}{name.upper()}", str(given[name]), first["msg"].lower()) from None

    def check(self) -> None:
        """Raises `OptionError` where the model is a folder that is not there."""
        if self.model.startswith(("/", "./", "../", "~")) and not self.is_folder:
            raise OptionError("model", self.model, "a folder with a model's files, or a name that vLLM downloads")

    def environment(self) -> dict[str, str]:
        """What vLLM reads from the process's environment; each is set only where it is not set already.

        Its processes are spawned, because this one has threads. It reports nothing to its makers, and speaks to the
        error stream alone and of warnings at least, because our answers may stand on the other one.
        """
        needed = {
            "VLLM_WORKER_MULTIPROC_METHOD": "spawn",
            "VLLM_NO_USAGE_STATS": "1",
            "VLLM_LOGGING_LEVEL": "ERROR",
            "VLLM_LOGGING_STREAM": "ext://sys.stderr",
            "VLLM_ENGINE_READY_TIMEOUT_S": str(max(1, round(self.start_seconds))),
            "VLLM_CPU_KVCACHE_SPACE": str(self.cpu_kvcache_gib),
        }
        return needed | {"HF_HUB_OFFLINE": "1"} if self.is_folder else needed
