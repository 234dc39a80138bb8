"""How vLLM's server is started for planning: its arguments and its variables.

The key that it asks clients for goes to it in the environment, because command lines can be read by everyone on a
machine and stand in its log.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from prefect_harmonic.deployments.vllm.environment import VllmEnvironment
from prefect_harmonic.errors import OptionError
from prefect_harmonic.planners.user_path import user_path

USUAL_LENGTH = 16_384
"""Tokens of a question with its answer: far more than a plan needs, far less than what many models would reserve."""

_OURS = frozenset({"--model", "--served-model-name", "--host", "--port", "--uds", "--max-model-len"})
_SECRET = frozenset({"--api-key"})
_KEYS_OF_OTHERS = ("HARMONIC_API_KEY", "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "PREFECT_API_KEY")


class Launch(BaseModel):
    """A model to serve, and how."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = Field(description="Folder of a model, or its name on the Hugging Face hub.")
    name: str = Field(description="What clients call it.")
    host: str = Field(default="127.0.0.1", description="Address to listen at.")
    port: int = Field(default=8000, ge=1, le=65535, description="Port to listen at.")
    max_model_len: int | None = Field(default=None, ge=64, description="Tokens of a question with its answer.")
    gpu_memory_utilization: float | None = Field(
        default=None, gt=0, le=1, description="Share of the GPU's memory to take."
    )
    api_key: SecretStr | None = Field(default=None, description="What clients have to show.")
    extra: tuple[str, ...] = Field(default=(), description="Further arguments for vLLM, which win over ours.")

    @classmethod
    def of(cls, model: str, **options: Any) -> "Launch":  # as the fields have them
        """A launch of a model by its name or folder.

        Raises:
            OptionError: There is no such model, or an argument for vLLM is ours to give.
        """
        checked = _checked_model(model)
        extra = tuple(options.get("extra", ()))
        _check_extra(extra)
        name = options.pop("name", None) or (Path(checked).name if Path(checked).exists() else checked)
        return cls(model=checked, name=name, **options)

    @property
    def base_url(self) -> str:
        """The address that clients use."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(self.host, self.host)  # noqa: S104 - read
        return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{self.port}/v1"

    @property
    def is_open(self) -> bool:
        """Whether other machines reach it, and nothing keeps them from using it."""
        return self.api_key is None and self.host not in {"127.0.0.1", "localhost", "::1"}

    def arguments(self, environment: VllmEnvironment) -> tuple[str, ...]:
        """The command line."""
        told = [
            # Not `vllm serve`: that looks for a distribution called vllm, which the build for the processor is not.
            *(str(environment.python), "-m", "vllm.entrypoints.openai.api_server"),
            *("--model", self.model, "--served-model-name", self.name),
            *("--host", self.host, "--port", str(self.port)),
            *("--max-model-len", str(self.max_model_len or _usual_length(self.model) or "auto")),
            # Candidates share their prompt but for its end.
            "--enable-prefix-caching",
            "--enable-prompt-tokens-details",
            # A weak model otherwise fills its answer with blanks, and only the server can forbid it. Under `auto` the
            # backend is chosen by the first question, and some of them write control characters into strings.
            *("--structured-outputs-config", json.dumps({"backend": "xgrammar", "disable_any_whitespace": True})),
            # The model's own file would otherwise change the temperature that a candidate was given.
            *("--generation-config", "vllm"),
        ]
        if environment.is_cpu:
            # A question with a seed that is read in parts kills the engine on the processor: none is read in parts.
            told += ["--enforce-eager", "--max-num-seqs", "16", "--no-enable-chunked-prefill"]
        elif self.gpu_memory_utilization is not None:
            told += ["--gpu-memory-utilization", str(self.gpu_memory_utilization)]
        return (*told, *self.extra)

    def variables(self, environment: Mapping[str, str]) -> dict[str, str]:
        """The environment variables: the user's, without keys that are none of vLLM's business."""
        told = {name: value for name, value in environment.items() if name not in _KEYS_OF_OTHERS}
        told |= {"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}
        told.setdefault("VLLM_WORKER_MULTIPROC_METHOD", "spawn")
        told.setdefault("VLLM_CPU_KVCACHE_SPACE", environment.get("HARMONIC_VLLM_CPU_KVCACHE_GIB") or "4")
        told.pop("VLLM_API_KEY", None)
        if self.api_key is not None:
            told["VLLM_API_KEY"] = self.api_key.get_secret_value()
        if Path(self.model).exists():
            told.setdefault("HF_HUB_OFFLINE", "1")
        return told


def _checked_model(model: str) -> str:
    """The model as vLLM takes it: an absolute path, or a name as it is."""
    path = user_path(model)
    if path.is_dir():
        if not (path / "config.json").exists() and not (path / "params.json").exists():
            raise OptionError("MODEL", model, "a folder with a model in it (this one has no config.json)")
        return str(path.absolute())
    if path.is_file():
        return str(path.absolute())
    is_path = model.startswith(("/", ".", "~")) or model.count("/") > 1
    if is_path or not model.strip("/") or any(letter.isspace() for letter in model):
        raise OptionError(
            "MODEL", model, "a folder that is there, or a name on the Hugging Face hub such as Qwen/Qwen3-8B"
        )
    return model


def _check_extra(extra: tuple[str, ...]) -> None:
    if extra and not extra[0].startswith("-"):
        raise OptionError("MODEL", extra[0], "one model; arguments for vLLM stand after --")
    for argument in extra:
        name = argument.partition("=")[0].replace("_", "-")
        if name in _SECRET:
            raise OptionError(name, "…", "the key in VLLM_API_KEY instead; a command line can be read by others")
        if name in _OURS:
            raise OptionError("the arguments after --", name, "it before them, as an option of harmonic's own")


def _usual_length(model: str) -> int | None:
    """The length for a model in a folder: the usual one, or less where it was made for less."""
    file = Path(model) / "config.json"
    try:
        configuration = json.loads(file.read_text(encoding="utf-8"))
        known = configuration.get("text_config", configuration).get("max_position_embeddings")
    except (OSError, ValueError, AttributeError):
        return None
    return min(USUAL_LENGTH, known) if isinstance(known, int) and known > 0 else USUAL_LENGTH
