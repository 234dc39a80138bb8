"""What a terminal is shown of the text of others, which may hold orders to terminals."""

import json
import sys
from io import BytesIO, StringIO, TextIOWrapper

import pytest
from rich.markdown import Markdown
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from prefect_harmonic.deployments.cli.console import CalmConsole, print_json
from prefect_harmonic.deployments.cli.main import exit_code

HOSTILE = "clear \x1b[2J title \x1b]0;x\x9b31m back \u202eward"


def table(text: str) -> Table:
    """A table of one cell."""
    shown = Table(box=None)
    shown.add_column("text", no_wrap=True)
    shown.add_row(escape(text))
    return shown


@pytest.mark.parametrize("made", [escape, Text, table, Markdown], ids=["text", "Text", "table", "Markdown"])
def test_orders_to_the_terminal_in_a_text_are_shown_and_not_obeyed(made: type[Text]) -> None:
    """Whatever they stand in; the only orders that are sent are the console's own, for colours."""
    written = StringIO()
    CalmConsole(file=written, width=200, force_terminal=True, color_system=None, highlight=False).print(made(HOSTILE))
    assert "clear \\u001b[2J title" in written.getvalue()
    assert not set("\x1b\x9b\u202e") & set(written.getvalue())


def test_styles_and_line_ends_of_its_own_are_as_they_were() -> None:
    """What is printed in colour is, on as many lines."""
    written = StringIO()
    CalmConsole(file=written, width=80, force_terminal=True, highlight=False).print("[bold]one[/]\ntwo\tthree")
    assert written.getvalue().splitlines() == ["\x1b[1mone\x1b[0m", "two     three"]


def test_an_error_gives_the_terminal_no_orders(capsys: pytest.CaptureFixture[str]) -> None:
    """The name of a file is the user's, what stands in it anybody's."""
    assert exit_code(["lint", "no\x1b[2Jfile"]) == 2
    told = capsys.readouterr().err
    assert "no\\u001b[2Jfile" in told
    assert "\x1b" not in told


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp1252", "latin-1"])
def test_json_is_the_same_document_in_every_encoding(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an old terminal or a pipe on Windows has no characters for is escaped, as JSON allows."""
    written, document = BytesIO(), {"goal": "Größe \u2192 \u6784\u5efa"}
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(written, encoding=encoding))
    print_json(document)
    assert document == json.loads(written.getvalue().decode(encoding))
