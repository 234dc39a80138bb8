"""Which language model is asked, where, and how patiently.

Owns reading `--model`, `--base-url` and their environment variables. Knows no client.
"""

from collections.abc import Mapping, Sequence
from sys import float_info
from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, ValidationError

from prefect_harmonic.errors import OptionError
from prefect_harmonic.planners.models.engine.settings import EngineSettings

OPENAI, VLLM, VLLM_LOCAL = "openai", "vllm", "vllm-local"
VLLM_ADDRESS = "http://127.0.0.1:8000/v1"
"""Where `vllm serve` listens when it is told nothing else."""

SHORTEST_SECRET = 8
"""Letters of a key that is kept secret. What is shorter is a word that was put in its place, such as `none` or `test`:
blotting that out would spoil answers."""

_KEYS_END_WITH = ("_API_KEY", "_TOKEN", "_TOKEN_BEDROCK", "_ACCESS_KEY", "_INFERENCE_KEY")
"""Names of variables in which providers that pydantic-ai knows look for their keys."""

_MOST_RETRIES = 10

KEY_VARIABLES = {OPENAI: ("HARMONIC_API_KEY", "OPENAI_API_KEY"), VLLM: ("HARMONIC_API_KEY", "VLLM_API_KEY")}
_ADDRESSES = {OPENAI: ("OPENAI_BASE_URL", None), VLLM: ("VLLM_BASE_URL", VLLM_ADDRESS)}
_FORMS = "openai:NAME, vllm:NAME or vllm-local:FOLDER, or PROVIDER:NAME with a provider that pydantic-ai knows"


class ModelChoice(BaseModel):
    """A model, its server and the bounds on every call.

    >>> choice = ModelChoice.read("openai:my-model", "http://gpu-box:8000/v1", {"OPENAI_API_KEY": "sk-1"})
    >>> choice.label, choice.base_url, str(choice.api_key)
    ('openai:my-model', 'http://gpu-box:8000/v1', '**********')
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: str = Field(description="openai, vllm, vllm-local, or another provider of pydantic-ai.")
    name: str = Field(min_length=1, description="What the server calls the model.")
    base_url: str | None = Field(default=None, description="Address of the server; the provider's own if left out.")
    api_key: SecretStr | None = Field(default=None, description="Key for that server.")
    timeout_seconds: float = Field(default=300, gt=0, description="For one answer, attempts and pauses included.")
    retries: int = Field(
        default=2, ge=0, le=_MOST_RETRIES, description="Further attempts after a failure that may pass."
    )
    pause_seconds: float = Field(default=0.5, ge=0, description="Before a further attempt; then twice as long.")
    max_answer_bytes: int = Field(default=4_000_000, gt=0, description="A longer answer is cut and refused.")
    max_tokens: int | None = Field(default=None, gt=0, description="Tokens of an answer; the server's own if left out.")
    engine: EngineSettings | None = Field(default=None, description="For a model that runs in this process.")
    others_keys: tuple[SecretStr, ...] = Field(default=(), description="Keys of which one may be another provider's.")

    @property
    def label(self) -> str:
        """Provider and name, as they are given on the command line."""
        return f"{self.provider}:{self.name}"

    @property
    def is_compatible_server(self) -> bool:
        """Whether it is asked over the protocol of OpenAI's chat completions."""
        return self.provider in KEY_VARIABLES

    @property
    def is_bounded(self) -> bool:
        """Whether texts in answers are held to a pattern, because the answer is decoded under its schema."""
        return self.provider in {VLLM, VLLM_LOCAL}

    @property
    def secrets(self) -> tuple[str, ...]:
        """What may stand in no log, error or recording."""
        keys = [key.get_secret_value() for key in (*([self.api_key] if self.api_key else ()), *self.others_keys)]
        return tuple(key for key in keys if len(key) >= SHORTEST_SECRET)

    @classmethod
    def read(cls, model: str, base_url: str | None, environment: Mapping[str, str]) -> Self:
        """The choice that was made on a command line or in a flow's parameters.

        Args:
            model: `openai:NAME`, `vllm:NAME`, `vllm-local:FOLDER`, another `PROVIDER:NAME`, or a bare name together
                with a server.
            base_url: Address of an OpenAI-compatible server; `HARMONIC_BASE_URL` if left out. A model in this process
                has none; it may be another model's, beside which it is the fallback.
            environment: Where keys and bounds are looked up.

        Raises:
            OptionError: The model, the address or a bound cannot be used.
        """
        address = base_url or environment.get("HARMONIC_BASE_URL") or None
        provider, name = _parted(model.strip(), address)
        engine = EngineSettings.read(name, environment) if provider == VLLM_LOCAL else None
        if engine is not None:
            address = None
        elif provider in _ADDRESSES:
            variable, default = _ADDRESSES[provider]
            address = address or environment.get(variable) or default
        if address is not None:
            _check_address(address)
            if provider not in KEY_VARIABLES:
                raise OptionError("base_url", address, f"no address with {provider}, or the model as openai:{name}")
        key = key_in(environment, KEY_VARIABLES.get(provider, ()))
        others = [environment[each] for each in sorted(environment) if each.endswith(_KEYS_END_WITH)]
        return cls(
            provider=provider,
            name=name,
            base_url=address,
            api_key=SecretStr(key) if key else None,
            timeout_seconds=_bound(environment, "HARMONIC_MODEL_TIMEOUT", 300.0),
            retries=int(_bound(environment, "HARMONIC_MODEL_RETRIES", 2, least=0, most=_MOST_RETRIES)),
            pause_seconds=_bound(environment, "HARMONIC_MODEL_PAUSE", 0.5, least=0),
            max_tokens=int(_bound(environment, "HARMONIC_MODEL_MAX_TOKENS", 0, least=0)) or None,
            engine=engine,
            others_keys=() if provider in KEY_VARIABLES or engine else tuple(map(SecretStr, others)),
        )


def _parted(model: str, address: str | None) -> tuple[str, str]:
    """Provider and name. A bare name is one of the server that was given."""
    provider, separator, name = model.partition(":")
    is_provider = provider.replace("-", "").isalnum() and "/" not in provider
    is_ours = provider in KEY_VARIABLES or provider == VLLM_LOCAL
    if separator and name and is_provider and (address is None or is_ours or "/" not in name):
        return provider, name
    if model and address is not None:
        return OPENAI, model
    raise OptionError("model", model, _FORMS)


def key_in(environment: Mapping[str, str], variables: Sequence[str]) -> str | None:
    r"""The key in the first of these variables that holds one. Files that keys are read from end with a line break.

    Raises:
        OptionError: It could not be sent.

    >>> key_in({"OPENAI_API_KEY": "sk-1\n"}, KEY_VARIABLES[OPENAI])
    'sk-1'
    """
    for variable in variables:
        if key := environment.get(variable, "").strip():
            if not key.isascii() or not key.isprintable() or " " in key:
                raise OptionError(variable, "…", "a key of printable ASCII without blanks")
            return key
    return None


def _check_address(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise OptionError("base_url", address, "an address such as http://127.0.0.1:8000/v1")
    if parts.username or parts.password:
        raise OptionError("base_url", f"{parts.scheme}://…@{parts.hostname}", "the key in HARMONIC_API_KEY instead")
    if parts.query or parts.fragment:
        shown = f"{address.partition('?')[0].partition('#')[0]}?…"
        raise OptionError("base_url", shown, "an address that ends with its path, and a key in HARMONIC_API_KEY")


def _bound(
    environment: Mapping[str, str],
    variable: str,
    default: float,
    *,
    least: float = 0.001,
    most: float = float_info.max,
) -> float:
    text = environment.get(variable)
    if not text:
        return default
    try:
        value = TypeAdapter(float).validate_python(text)
    except ValidationError:
        value = -1.0
    if not least <= value <= most:
        upper = "" if most == float_info.max else f" to {most:g}"
        raise OptionError(variable, text, f"a number from {least:g}{upper}")
    return value
