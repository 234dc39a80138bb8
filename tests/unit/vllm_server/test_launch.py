"""How vLLM is started: what it is told, what it is not told, and what is refused before anything starts."""

import json
from pathlib import Path

import pytest
from pydantic import SecretStr

from prefect_harmonic.deployments.vllm.environment import VllmEnvironment
from prefect_harmonic.deployments.vllm.launch import Launch
from prefect_harmonic.errors import OptionError

GPU = VllmEnvironment(Path("/env/bin/python"), "0.32.0", is_cpu=False)
CPU = VllmEnvironment(Path("/env/bin/python"), "0.32.0", is_cpu=True)


def model_in(folder: Path, **configuration: object) -> str:
    """A folder that looks like a model's."""
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(configuration))
    return str(folder)


def value_of(arguments: tuple[str, ...], name: str) -> str:
    """What follows an argument."""
    return arguments[arguments.index(name) + 1]


def test_planning_gets_what_it_wants_of_a_server() -> None:
    """The cache, its figures, no free white space, the candidate's own temperature, and only this machine."""
    arguments = Launch.of("Qwen/Qwen3-8B").arguments(GPU)
    assert arguments[:3] == ("/env/bin/python", "-m", "vllm.entrypoints.openai.api_server")
    assert {"--enable-prefix-caching", "--enable-prompt-tokens-details"} <= set(arguments)
    assert json.loads(value_of(arguments, "--structured-outputs-config")) == {
        "backend": "xgrammar",
        "disable_any_whitespace": True,
    }
    assert value_of(arguments, "--generation-config") == "vllm"
    assert value_of(arguments, "--host") == "127.0.0.1"
    assert value_of(arguments, "--served-model-name") == "Qwen/Qwen3-8B"
    assert "--enforce-eager" not in arguments


def test_on_the_processor_no_question_is_read_in_parts() -> None:
    """With a seed that kills the engine there."""
    assert "--no-enable-chunked-prefill" in Launch.of("Qwen/Qwen3-8B").arguments(CPU)


@pytest.mark.parametrize(
    ("configuration", "given", "length"),
    [
        ({"max_position_embeddings": 4096}, None, "4096"),
        ({"max_position_embeddings": 131_072}, None, "16384"),
        ({"text_config": {"max_position_embeddings": 8192}}, None, "8192"),
        ({}, None, "16384"),
        ({"max_position_embeddings": 4096}, 2048, "2048"),
    ],
)
def test_the_length_is_what_planning_needs_or_what_the_model_can(
    tmp_path: Path, configuration: dict[str, object], given: int | None, length: str
) -> None:
    """A model in a folder is asked; one on the hub is left to vLLM, which takes what fits."""
    model = model_in(tmp_path / "m", **configuration)
    assert value_of(Launch.of(model, max_model_len=given).arguments(GPU), "--max-model-len") == length
    assert value_of(Launch.of("Qwen/Qwen3-8B").arguments(GPU), "--max-model-len") == "auto"


def test_a_folder_is_called_by_its_last_part_and_needs_no_hub(tmp_path: Path) -> None:
    """What clients write is short, and nothing is asked of the network."""
    launch = Launch.of(model_in(tmp_path / "tiny"))
    assert (launch.name, launch.model) == ("tiny", str(tmp_path / "tiny"))
    assert launch.variables({})["HF_HUB_OFFLINE"] == "1"
    assert "HF_HUB_OFFLINE" not in Launch.of("Qwen/Qwen3-8B").variables({})


def test_the_key_is_in_the_environment_alone_and_keys_of_others_are_not() -> None:
    """Command lines can be read by everyone on a machine."""
    launch = Launch.of("Qwen/Qwen3-8B", api_key=SecretStr("sk-marked"))
    user = {"OPENAI_API_KEY": "sk-other", "HARMONIC_API_KEY": "sk-marked", "HF_TOKEN": "hf", "VLLM_API_KEY": "sk-old"}
    variables = launch.variables(user)
    assert "sk-marked" not in " ".join(launch.arguments(GPU)) + repr(launch)
    assert variables["VLLM_API_KEY"] == "sk-marked"
    assert variables["HF_TOKEN"] == "hf"
    assert not {"OPENAI_API_KEY", "HARMONIC_API_KEY"} & variables.keys()
    assert "VLLM_API_KEY" not in Launch.of("Qwen/Qwen3-8B").variables(user)


def test_memory_is_what_was_asked_for() -> None:
    """The GPU's by an argument, the processor's by a variable that vLLM wants; the user's own variable is left."""
    launch = Launch.of("Qwen/Qwen3-8B", gpu_memory_utilization=0.5)
    assert value_of(launch.arguments(GPU), "--gpu-memory-utilization") == "0.5"
    assert "--gpu-memory-utilization" not in launch.arguments(CPU)
    assert launch.variables({"HARMONIC_VLLM_CPU_KVCACHE_GIB": "1"})["VLLM_CPU_KVCACHE_SPACE"] == "1"
    assert launch.variables({"VLLM_CPU_KVCACHE_SPACE": "9"})["VLLM_CPU_KVCACHE_SPACE"] == "9"


@pytest.mark.parametrize("model", ["/nowhere/at/all", "./here", "~/nowhere", "a b", "one/two/three", " ", ""])
def test_a_model_that_is_not_there_is_refused(model: str) -> None:
    """What looks like a folder is one or is none; what looks like a name is the hub's to know."""
    with pytest.raises(OptionError, match="MODEL cannot be"):
        Launch.of(model)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    """The usual mistake is the folder above."""
    with pytest.raises(OptionError, match=r"no config\.json"):
        Launch.of(str(tmp_path))


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        (("--api-key", "sk-marked"), "VLLM_API_KEY"),
        (("--api_key=sk-marked",), "VLLM_API_KEY"),
        (("--port", "1"), "before them"),
        (("--served-model-name=x",), "before them"),
        (("second-model",), "one model"),
    ],
)
def test_arguments_that_are_ours_to_give_are_refused(extra: tuple[str, ...], told: str) -> None:
    """The address and the name are what we tell the user; a key has no place on a command line, nor in the refusal."""
    with pytest.raises(OptionError, match=told) as refused:
        Launch.of("Qwen/Qwen3-8B", extra=extra)
    assert "sk-marked" not in str(refused.value)


def test_further_arguments_come_last_so_that_they_win() -> None:
    """VLLM takes the last of two."""
    arguments = Launch.of("Qwen/Qwen3-8B", extra=("--tensor-parallel-size", "2")).arguments(GPU)
    assert arguments[-2:] == ("--tensor-parallel-size", "2")


@pytest.mark.parametrize(
    ("host", "address", "is_open"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000/v1", False),
        ("0.0.0.0", "http://127.0.0.1:8000/v1", True),
        ("::1", "http://[::1]:8000/v1", False),
        ("gpu-box", "http://gpu-box:8000/v1", True),
    ],
)
def test_the_address_is_one_that_a_client_can_use(host: str, address: str, is_open: bool) -> None:
    """And whether others can use it too."""
    launch = Launch.of("Qwen/Qwen3-8B", host=host)
    assert (launch.base_url, launch.is_open) == (address, is_open)
