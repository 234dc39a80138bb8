"""Language models without training, made on the spot: no weights need to be downloaded to run a real vLLM.

`python -m benchmarks.random_model FOLDER [SHAPE]` makes a byte-level tokenizer with a chat template, a configuration
and, for small shapes, random weights. What such a model says means nothing; how long it takes, what its server caches
and whether its answers keep to a schema is real. Needs the packages `tokenizers`, `numpy` and `safetensors`, which
come with vLLM.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prefect_harmonic.planners.models.wording import PURPOSES, prompt

_BEGIN, _END, _PAD = "<|begin|>", "<|end|>", "<|pad|>"
_ROLES = ("<|system|>", "<|user|>", "<|assistant|>")
_LEARNT = 1024
_CHAT_TEMPLATE = (
    "{{ '<|begin|>' }}{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a Llama is.

    Attributes:
        hidden: Width of the residual stream.
        layers: Layers.
        heads: Attention heads.
        shared_heads: Heads of keys and values.
        inner: Width of the feed-forward part.
        vocabulary: Tokens that the output layer knows; those that the tokenizer never learnt are never decoded.
        positions: Tokens of context.
        is_weighted: Whether weights are written. Without them, vLLM makes up its own (`--load-format dummy`).
    """

    hidden: int
    layers: int
    heads: int
    shared_heads: int
    inner: int
    vocabulary: int
    positions: int
    is_weighted: bool = False


SHAPES = {
    "tiny": Shape(128, 2, 4, 2, 256, _LEARNT, 16_384, is_weighted=True),
    "1b": Shape(2048, 16, 32, 8, 8192, 128_256, 32_768),
    "3b": Shape(3072, 28, 24, 8, 8192, 128_256, 32_768),
    "8b": Shape(4096, 32, 32, 8, 14_336, 128_256, 32_768),
}
"""Shapes by name; all but the first are those of models that are in use."""


def make_model(folder: Path, shape: Shape = SHAPES["tiny"], seed: int = 0) -> Path:
    """Makes a model in a folder, and gives the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    _make_tokenizer(folder, shape.positions)
    _write(folder / "config.json", _configuration(shape))
    if shape.is_weighted:
        _make_weights(folder / "model.safetensors", shape, seed)
    return folder


def _make_tokenizer(folder: Path, positions: int) -> None:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=_LEARNT,
        special_tokens=[_BEGIN, _END, _PAD, *_ROLES],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator((prompt(purpose) for purpose in PURPOSES), trainer)
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": _BEGIN,
        "eos_token": _END,
        "pad_token": _PAD,
        "chat_template": _CHAT_TEMPLATE,
        "clean_up_tokenization_spaces": False,
        "model_max_length": positions,
    }
    _write(folder / "tokenizer_config.json", settings)


def _configuration(shape: Shape) -> dict[str, Any]:
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.shared_heads,
        "intermediate_size": shape.inner,
        "vocab_size": shape.vocabulary,
        "max_position_embeddings": shape.positions,
        "hidden_act": "silu",
        "rms_norm_eps": 1e-5,
        "rope_theta": 500_000.0,
        "tie_word_embeddings": False,
        "bos_token_id": 0,
        "eos_token_id": 1,
        "pad_token_id": 2,
        "torch_dtype": "bfloat16",
    }


def _make_weights(file: Path, shape: Shape, seed: int) -> None:
    import numpy
    from safetensors.numpy import save_file

    drawn = numpy.random.default_rng(seed)
    weights = {
        name: numpy.ones(size, dtype=numpy.float16)
        if len(size) == 1
        else drawn.normal(0.0, 0.02, size).astype(numpy.float16)
        for name, size in _sizes(shape)
    }
    save_file(weights, file, metadata={"format": "pt"})


def _sizes(shape: Shape) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The name and size of every weight, as transformers and vLLM call them."""
    hidden, shared = shape.hidden, shape.hidden // shape.heads * shape.shared_heads
    yield "model.embed_tokens.weight", (shape.vocabulary, hidden)
    yield "model.norm.weight", (hidden,)
    yield "lm_head.weight", (shape.vocabulary, hidden)
    for layer in range(shape.layers):
        at = f"model.layers.{layer}"
        yield f"{at}.input_layernorm.weight", (hidden,)
        yield f"{at}.post_attention_layernorm.weight", (hidden,)
        for name, width in (("q", hidden), ("k", shared), ("v", shared)):
            yield f"{at}.self_attn.{name}_proj.weight", (width, hidden)
        yield f"{at}.self_attn.o_proj.weight", (hidden, hidden)
        yield f"{at}.mlp.gate_proj.weight", (shape.inner, hidden)
        yield f"{at}.mlp.up_proj.weight", (shape.inner, hidden)
        yield f"{at}.mlp.down_proj.weight", (hidden, shape.inner)


def _write(file: Path, document: dict[str, Any]) -> None:
    file.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    folder, shape = (*sys.argv[1:3], "tiny")[:2]
    print(make_model(Path(folder), SHAPES[shape]))
