"""The model that these tests run on."""

from pathlib import Path

from benchmarks.random_model import make_model


def test_the_tiny_model_is_the_same_whenever_it_is_made(tiny_model: Path, tmp_path: Path) -> None:
    """Weights and tokenizer depend on the seed alone, so that a failure can be seen again."""
    again = make_model(tmp_path / "again")
    files = sorted(file.name for file in tiny_model.iterdir())
    assert files == ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"]
    assert [(tiny_model / name).read_bytes() for name in files] == [(again / name).read_bytes() for name in files]
