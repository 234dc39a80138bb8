"""Reading which model is meant, and refusing what cannot be."""

import subprocess
import sys

import pytest

from prefect_harmonic.errors import OptionError
from prefect_harmonic.planners.models.choice import VLLM_ADDRESS, ModelChoice
from prefect_harmonic.planners.models.choosing import source_for
from prefect_harmonic.planners.sources.methods.source import MethodSource

URL = "http://gpu-box:8000/v1"


@pytest.mark.parametrize(
    ("model", "base_url", "environment", "expected"),
    [
        ("openai:my-model", URL, {}, ("openai", "my-model", URL)),
        ("openai:org/model:7b", URL, {}, ("openai", "org/model:7b", URL)),
        ("vllm:path/or/name", None, {}, ("vllm", "path/or/name", VLLM_ADDRESS)),
        ("vllm:/models/tiny", URL, {}, ("vllm", "/models/tiny", URL)),
        ("my-model", URL, {}, ("openai", "my-model", URL)),
        ("org/model:7b", URL, {}, ("openai", "org/model:7b", URL)),
        ("openai:m", None, {"HARMONIC_BASE_URL": URL}, ("openai", "m", URL)),
        ("openai:m", None, {}, ("openai", "m", None)),
        ("anthropic:some-model", None, {}, ("anthropic", "some-model", None)),
    ],
)
def test_model_and_address_are_read(
    model: str, base_url: str | None, environment: dict[str, str], expected: tuple[str, str, str | None]
) -> None:
    """The forms of the command line, and what the environment adds."""
    choice = ModelChoice.read(model, base_url, environment)
    assert (choice.provider, choice.name, choice.base_url) == expected


@pytest.mark.parametrize(
    ("model", "base_url", "environment"),
    [
        ("my-model", None, {}),
        ("", URL, {}),
        ("openai:", None, {}),
        ("openai:m", "gpu-box:8000", {}),
        ("openai:m", "file:///etc/passwd", {}),
        ("openai:m", "http://user:secret@gpu-box/v1", {}),
        ("openai:m", f"{URL}?api-key=secret", {}),
        ("openai:m", f"{URL}#secret", {}),
        ("openai:m", URL, {"OPENAI_API_KEY": "sk-secret-clé"}),
        ("openai:m", URL, {"OPENAI_API_KEY": "sk-secret\nX-Evil: 1"}),
        ("anthropic:m", URL, {}),
        ("openai:m", URL, {"HARMONIC_MODEL_TIMEOUT": "soon"}),
        ("openai:m", URL, {"HARMONIC_MODEL_RETRIES": "-1"}),
        ("openai:m", URL, {"HARMONIC_MODEL_RETRIES": "11"}),
    ],
)
def test_what_cannot_be_used_is_refused(model: str, base_url: str | None, environment: dict[str, str]) -> None:
    """Before anything is asked; a password or a key is not repeated."""
    with pytest.raises(OptionError) as caught:
        ModelChoice.read(model, base_url, environment)
    assert "secret" not in str(caught.value)


def test_key_from_a_file_is_sent_without_its_line_break() -> None:
    """And is looked for without it where it must not stand; a variable with blanks alone holds none."""
    choice = ModelChoice.read("openai:m", URL, {"HARMONIC_API_KEY": " \n", "OPENAI_API_KEY": "sk-from-a-file\n"})
    assert choice.secrets == ("sk-from-a-file",)


def test_without_a_model_the_embedded_planner_plans() -> None:
    """No option, no model."""
    assert isinstance(source_for(environment={}), MethodSource)


@pytest.mark.parametrize("options", [{"base_url": URL}, {"record": "x"}, {"replay": "x"}, {"fallback": "embedded"}])
def test_options_of_a_model_need_one(options: dict[str, str]) -> None:
    """An option that would do nothing is a mistake."""
    with pytest.raises(OptionError, match="a model as well"):
        source_for(environment={}, **options)


@pytest.mark.parametrize("model", ["no-such-provider:m", "openai:m"])
def test_a_model_that_cannot_be_reached_is_refused_before_planning(model: str) -> None:
    """An unknown provider, and a provider of the internet without a key."""
    with pytest.raises(OptionError):
        source_for(model, environment={})


def test_planning_without_a_model_loads_nothing_of_the_layer() -> None:
    """The package works where pydantic-ai is missing, and says what to install where it is needed."""
    code = (
        "import sys\n"
        "sys.modules['pydantic_ai'] = sys.modules['openai'] = None\n"
        "from prefect_harmonic.planners.models.choosing import source_for\n"
        "source_for(environment={})\n"
        "import prefect_harmonic.planners\n"
        "try:\n"
        "    source_for('openai:m', 'http://127.0.0.1:1/v1', environment={})\n"
        "except Exception as error:\n"
        "    print(type(error).__name__, error)\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told.startswith("MissingPackageError")
    assert "pip install 'pydantic-ai-slim[openai]'" in told
