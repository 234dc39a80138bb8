"""Every error of the package: it survives pickling, reads as one line, and stands in the tree of its docstring."""

import pickle
import re
from collections.abc import Iterator, Sequence
from inspect import signature
from typing import Any, get_type_hints

import pytest

from prefect_harmonic import errors
from prefect_harmonic.errors import CycleError, HarmonicError, NoValidPlanError, OptionError, UnreadablePlanError

SAMPLES: dict[object, object] = {
    str: "text with 'quotes' and {braces} and 100 %",
    int: 7,
    float: 1.5,
    dict[str, Any]: {"complete": False},
    Sequence[str]: ["first", "second"],
    Sequence[tuple[str, str]]: [("one", "other"), ("third", "fourth")],
    Sequence[tuple[str, str, str]]: [("one", "other", "third"), ("fourth", "fifth", "sixth")],
    Sequence[tuple[str, str, str, str]]: [("one", "other", "third", "fourth"), ("a", "b", "c", "d")],
}
"""A value for each type of argument; a new type needs one here."""


def classes(root: type[HarmonicError] = HarmonicError) -> Iterator[type[HarmonicError]]:
    """The root and all that inherits from it, as far as the package declares it."""
    yield root
    for child in root.__subclasses__():
        if child.__module__.startswith(f"{errors.__name__}."):
            yield from classes(child)


ALL = list(dict.fromkeys(classes()))


def sample(kind: type[HarmonicError]) -> HarmonicError:
    """An error of a class with a value for every argument."""
    if kind.__init__ is Exception.__init__:
        return kind()
    hints = get_type_hints(kind.__init__)
    return kind(*(SAMPLES[hints[name]] for name in list(signature(kind.__init__).parameters)[1:]))


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_error_survives_pickling_with_its_text_and_payload(kind: type[HarmonicError], protocol: int) -> None:
    """Prefect pickles what a task raises."""
    error = sample(kind)
    again = pickle.loads(pickle.dumps(error, protocol))
    assert type(again) is kind
    assert str(again) == str(error)
    assert again.args == error.args
    assert vars(again) == vars(error)


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_message_is_one_line_that_names_every_culprit(kind: type[HarmonicError]) -> None:
    """Fact and culprit, without a line break; each text that was given is in it."""
    error = sample(kind)
    text = str(error)
    assert "\n" not in text
    for argument in error.args:
        if isinstance(argument, tuple):
            assert all(str(part) in text for one in argument for part in ((one,) if isinstance(one, str) else one))
        elif isinstance(argument, str):
            assert argument in text or repr(argument) in text


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_error_is_described_and_says_whether_it_may_be_retried(kind: type[HarmonicError]) -> None:
    """A docstring of its own and a truth value."""
    assert kind.__doc__
    assert isinstance(kind.retryable, bool)


def test_tree_in_the_docstring_is_the_tree_of_the_classes() -> None:
    """Every class is drawn, once, and nothing else is; each can be imported from the package."""
    drawn = re.findall(r"^\s*[│├└─ ]*(\w+Error)\b", errors.__doc__ or "", flags=re.MULTILINE)
    assert sorted(drawn) == sorted(kind.__name__ for kind in ALL) == list(errors.__all__)


def test_payload_does_not_change_with_the_list_it_was_made_of() -> None:
    """Errors keep tuples."""
    reasons = [("candidate-0", "no answer")]
    error = NoValidPlanError(reasons)
    reasons.append(("candidate-1", "other"))
    assert error.reasons == (("candidate-0", "no answer"),)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (CycleError(["a", "b", "a"]), "the plan has a cycle: a → b → a; remove one of these requirements"),
        (OptionError("workers", "0", "a number from 1"), "workers cannot be '0': give a number from 1"),
        (UnreadablePlanError("p.json", "it is empty"), "cannot read plan p.json: it is empty"),
        (
            NoValidPlanError([("candidate-0", "the model server answered 404: The model `m` does not exist.")]),
            (
                "none of 1 candidates is a valid plan (candidate-0: the model server answered 404: The model `m` does "
                "not exist.); give --model a name that the server has, or add --fallback-model embedded, which needs "
                "none"
            ),
        ),
    ],
)
def test_messages_say_fact_culprit_and_remedy(error: HarmonicError, text: str) -> None:
    """Word for word, as users and scripts see them."""
    assert str(error) == text
