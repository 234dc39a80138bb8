"""Words: when two texts speak of the same thing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect_harmonic.planners.words import phrase_of, phrase_position, stem, stems_of, words_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("service", "services"),
        ("query", "queries"),
        ("migrating", "migrate"),
        ("authentication", "authenticate"),
        ("Settings", "setting"),
        ("cache", "caching"),
        ("process", "Process"),
    ],
)
def test_forms_of_one_word_have_one_stem(one: str, other: str) -> None:
    """Case, plural and common endings do not tell words apart."""
    assert stem(one) == stem(other)


@pytest.mark.parametrize(("one", "other"), [("bus", "bu"), ("class", "clas"), ("test", "text"), ("rest", "ring")])
def test_different_words_have_different_stems(one: str, other: str) -> None:
    """Endings are only taken off where a word remains."""
    assert stem(one) != stem(other)


def test_joined_words_are_taken_apart_where_their_case_changes() -> None:
    """An id and the phrase it stands for have the same words."""
    assert words_of("UserHTTPModel") == words_of("user http model")


def test_a_text_of_stop_words_still_has_stems() -> None:
    """Otherwise every text would contain it."""
    assert stems_of("to be") == {"to", "be"}


@given(st.text(max_size=80))
def test_every_text_is_found_in_itself(text: str) -> None:
    """Where there are words at all."""
    assert phrase_position(phrase_of(text), phrase_of(text)) == (0 if phrase_of(text) else -1)
