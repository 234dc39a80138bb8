"""Text of others made safe to show: in HTML, in Markdown, in Mermaid, in XML.

What stands in a plan or in evidence is data that anybody may have written. It can hold markup, ends of scripts,
table bars, and characters that reverse or hide what follows; here it becomes text that shows as it is.
"""

import html
import re
from urllib.parse import quote

_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
    "|[\U000e0000-\U000e007f]"
)
"""Controls, lone surrogates, and characters that reorder, hide or smuggle text (Unicode technical report 36)."""

_XML_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MARKDOWN_SPECIAL = re.compile(r"[\\`*\[\]|$~]|(?<![^\W_])_|_(?![^\W_])")
_CODE_SPAN = re.compile(r"(?<!`)`([^`]*[^`\s][^`]*)`(?!`)")
_MARKDOWN_LEADING = re.compile(r"^(?:[#>+=-]|\d+(?=[.)]))")
_MERMAID_PLAIN = re.compile(r"[^\w .,:/+-]")
_ENTITY_LIKE = re.compile(r"&(?=#?\w+;)")


def visible(text: str) -> str:
    r"""The text with every character that could not be seen, or would reorder others, written out as its number.

    >>> visible("pay \u202eme")
    'pay \\u202eme'
    """
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def one_line(text: str) -> str:
    r"""The visible text with each run of white space made one space.

    >>> one_line("a\n  b")
    'a b'
    """
    return " ".join(visible(text.replace("\u2028", "\n").replace("\u2029", "\n")).split())


def html_text(text: str) -> str:
    """The text for HTML or SVG, as content and as a quoted attribute alike.

    >>> html_text('</script>"')
    '&lt;/script&gt;&quot;'
    """
    return html.escape(visible(text), quote=True)


def xml_text(text: str) -> str:
    r"""The text without the characters that no XML document can hold, escaped or not.

    >>> xml_text("a\x00b")
    'ab'
    """
    return _XML_FORBIDDEN.sub("", text.replace("\r", "\n"))


def markdown_text(text: str) -> str:
    r"""The text for a line, a list item or a table cell of Markdown; it is one line and starts no block.

    Code spans stay code, for agents write them on purpose and nothing in them is read as anything else.

    >>> print(markdown_text("a|b <i> `x_y`"))
    a\|b &lt;i> `x_y`
    """
    pieces = _CODE_SPAN.split(one_line(text))
    line = "".join(markdown_code(piece) if place % 2 else _escaped(piece) for place, piece in enumerate(pieces))
    return _MARKDOWN_LEADING.sub(lambda found: found[0] + "\\" if found[0].isdigit() else "\\" + found[0], line)


def _escaped(text: str) -> str:
    """Text without code spans, with a backslash before whatever Markdown would read."""
    line = _MARKDOWN_SPECIAL.sub(lambda found: "\\" + found[0], text)
    return _ENTITY_LIKE.sub("&amp;", line).replace("<", "&lt;")


def markdown_code(text: str) -> str:
    """The text as a code span, whatever backticks it holds.

    >>> markdown_code("a`b")
    '``a`b``'
    """
    line = one_line(text)
    if not line:
        return ""
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    padding = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{padding}{line}{padding}{fence}"


def markdown_link(label: str, path: str) -> str:
    """A link to a file beside the document; no path can leave for another scheme or host.

    >>> markdown_link("the plan", "plan.json")
    '[the plan](plan.json)'
    >>> markdown_link("x", "javascript:alert(1)")
    '[x](javascript%3Aalert%281%29)'
    """
    return f"[{markdown_text(label)}]({quote(_UNSEEN.sub('', path).lstrip('/'), safe='/')})"


def mermaid_text(text: str) -> str:
    """The text for a quoted label of Mermaid; what is not plain becomes a numbered entity.

    >>> mermaid_text('say "hi"')
    'say #34;hi#34;'
    """
    return _MERMAID_PLAIN.sub(lambda found: f"#{ord(found[0])};", one_line(text))


def shortened(text: str, limit: int) -> str:
    """The text on one line in at most `limit` characters, cut in the middle, where names differ least.

    Words of a sentence stay whole.

    >>> shortened("AuthenticationService", 12)
    'Authen…rvice'
    >>> shortened("the busiest day in the history of the company", 30)
    'the busiest … the company'
    """
    line = one_line(text)
    if len(line) <= limit:
        return line
    tail = (limit - 1) // 2
    head, end = line[: limit - 1 - tail], line[len(line) - tail :]
    before, after = head.rpartition(" ")[0], end.partition(" ")[2]
    if len(before) > len(head) // 2 and len(after) > len(end) // 2:
        return f"{before} … {after}"
    return f"{head}…{end}"
