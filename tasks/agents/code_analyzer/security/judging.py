"""What bandit's findings mean here: how bad, how sure, and which are likely harmless.

bandit says the same of every call of a kind. What stands on the line tells a password from a key of a cache, and a name
from a secret; what is likely harmless is kept and counted, and not told as a weakness.
"""

import re
from dataclasses import dataclass, replace

from prefect_harmonic.tasks.agents.code_analyzer.security.rules import Rule, rule_catalogue
from prefect_harmonic.tasks.agents.code_analyzer.security.scanning import Hit
from prefect_harmonic.tasks.agents.weaknesses import Harm

_SURENESS = {"HIGH": 0.9, "MEDIUM": 0.75, "LOW": 0.5}
_PASSWORD = re.compile(r"passw|pwd|passphrase", re.IGNORECASE)
_EXAMPLE = re.compile(r"\bexamples?\b", re.IGNORECASE)
_TOKEN = re.compile(r"token", re.IGNORECASE)
_SECRET = re.compile(r"passw|pwd|passphrase|secret|token|api_?key|nonce|salt|session_?(id|key)|otp", re.IGNORECASE)
_FROM_OUTSIDE = re.compile(r"request|body|payload|recv|socket|upload|cookie|message", re.IGNORECASE)
_AS_BAD_AS_ITS_ORIGIN = frozenset({"B301", "B307", "B102", "B614"})
_RIGHT_ELSEWHERE = frozenset({"B701", "B702", "B104", "B310"})
"""Rules of what is right in many places, such as templates that make no web page."""
_SHELLS = frozenset({"B602", "B604", "B605"})
_SHELL = re.compile(r"shell\s*=\s*(True|1)\b")
_QUOTED_VALUE = re.compile(r"""'\{|'%s|%s'|'"\s*\+|\+\s*"'""")
_LITERAL = re.compile(r"""("{3}|'{3}|["'])(?:\\.|(?!\1).)*(?:\1|$)""")
_VALUE = re.compile(r"^Possible hardcoded password: '(?P<value>.*)'$", re.DOTALL)
_BEFORE_HOST = re.compile(r"""(?<=\w://)(?:[^\s:'"]|:(?!//))*@(?!sha(?:256|512):)""")
"""Wider than a user and a password are: what is shown may rather lack a part of a path than show a part of a secret."""
_KNOWN_KEY = re.compile(
    r"\b(?:A[KS]IA[0-9A-Z]|AIza|gh[opsur]_|github_pat_|glpat-|[sr]k_(?:live|test)_|sk-|xox[abeoprs]-|npm_|pypi-|hf_|eyJ)"
    r"(?=[\w.+/=-]{0,80}\d)[\w.+/=-]{4,}"
)
_KEY_SET = re.compile(
    r"""key(_?id)?['"]?\]?\s*(?:[:,]|==?)\s*[a-z]{0,2}["'](?![{%])|cookie|credential|bearer""", re.IGNORECASE
)
_RUN = re.compile(r"[A-Za-z0-9_+=-]{16,}")
_NAME_WORDS = re.compile(r"passw|pwd|pass|secret|token|key|auth|cred|login|user|bearer|type|field|name", re.IGNORECASE)
_MARK = re.compile(
    r"#\s*(nosec\b(?:[\s:,]*\bB\d{3}\b)*|noqa:(?=[^#]*\bS\d)(?:[\s,]*[A-Z]{1,4}\d{1,4}\b)+)", re.IGNORECASE
)
"""With its codes and without what follows them: a person writes there what nobody has looked at."""
_FILLED_IN = re.compile(
    r"\$\{|\$\(|^\$\w+$|\{\{|\{\w*\}|%\(|%s|^%\w+%$|^<.*>$|\*{3}|\.\.\.|…|^https?:|^/|^(x+|none|null|true|false|\d{1,5})$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one finding comes to.

    Attributes:
        rule: What it is, which may be another rule than bandit's.
        harm: What it can lead to here.
        sure: How sure it is.
        doubt: Why it is likely harmless, or empty.
    """

    rule: Rule
    harm: Harm
    sure: float
    doubt: str = ""


def judged(hit: Hit, text: str) -> Judgement | None:
    """What a finding on some lines of a file comes to; nothing for a rule that is not in the catalogue."""
    rules = rule_catalogue()
    rule = rules.get(hit.rule)
    if rule is None:
        return None
    usual = Judgement(rule, rule.harm, _SURENESS.get(hit.confidence, 0.5))
    if rule.id in {"B105", "B106", "B107"}:
        match = _VALUE.match(hit.text)
        value = match["value"] if match else ""
        is_marker = _TOKEN.search(text) and not _PASSWORD.search(text) and not any(map(str.isdigit, value))
        doubt = doubt_about(value) or ("it stands in an example" if _EXAMPLE.search(text) else "")
        doubt = doubt or ("the token is a word and no secret" if is_marker else "")
        return replace(usual, sure=0.75, doubt=doubt)
    if rule.id == "B324" and _PASSWORD.search(text):
        return Judgement(rules["password-digest"], Harm.HIGH, 0.9)
    if rule.id == "B324":
        return replace(usual, sure=0.5, doubt="" if _SECRET.search(text) else "no password or signature is in sight")
    if rule.id == "B311":
        return replace(usual, sure=0.6, doubt="" if _SECRET.search(text) else "no secret is in sight")
    if rule.id == "B608" and hit.confidence == "LOW":
        return replace(usual, doubt="the text is not handed to a database where it is put together")
    if rule.id == "B608":
        return replace(usual, sure=0.9 if _QUOTED_VALUE.search(text) else 0.7)
    if rule.id in _SHELLS and hit.severity == "LOW":
        return replace(usual, harm=Harm.LOW, doubt="the whole command stands in the source")
    if rule.id in {"B602", "B604"} and not _SHELL.search(text):
        return replace(usual, harm=Harm.LOW, sure=0.5)
    if rule.id in _RIGHT_ELSEWHERE:
        return replace(usual, sure=0.6)
    if rule.id in _AS_BAD_AS_ITS_ORIGIN and not _FROM_OUTSIDE.search(text):
        return replace(usual, harm=Harm.MEDIUM, sure=0.6)
    return usual


def doubt_about(value: str) -> str:
    """Why a text that stands where a secret would is none, or nothing.

    >>> doubt_about("tiger-in-the-tank"), doubt_about("access_token"), doubt_about("")
    ('', 'the text is a name and no secret', 'the text is empty or too short')
    """
    if len(value) < 4:
        return "the text is empty or too short"
    if any(character.isspace() for character in value) or _FILLED_IN.search(value):
        return "the text is a sentence, an address or filled in later"
    if _NAME_WORDS.search(value) and not any(character.isdigit() for character in value):
        return "the text is a name and no secret"
    return ""


def mark_in(text: str) -> str:
    """The comment by which a project declares lines harmless for bandit or ruff, if there is one.

    >>> mark_in("run(command)  # nosec B602"), mark_in("run(command)")
    ('nosec B602', '')
    >>> mark_in("PASSWORD = read()  # nosec B105 - was tiger9x before"), mark_in("run()  # noqa: E501, S603 (trusted)")
    ('nosec B105', 'noqa: E501, S603')
    """
    found = _MARK.search(text)
    return " ".join(found[1].split())[:60] if found else ""


def without_literals(line: str) -> str:
    """A line whose texts are left out: a report is read by more people than a secret may be.

    >>> without_literals('PASSWORD = "tiger"')
    'PASSWORD = "…"'
    """
    return _LITERAL.sub(lambda match: f"{match[1]}…{match[1]}", line)


def showable(line: str) -> str:
    """A line as it may be shown: without users of addresses, and without its texts if it may hold a secret.

    >>> showable("get(url, auth=('app', 'tiger'))"), showable("connect('postgres://app:tiger@db/orders')")
    ("get(url, auth=('…', '…'))", "connect('postgres://…@db/orders')")
    """
    shown = _BEFORE_HOST.sub("…@", line)
    if _SECRET.search(shown) or "auth" in shown.lower() or _KEY_SET.search(shown) or _holds_key(shown):
        shown = without_literals(shown)
    return _KNOWN_KEY.sub("…", shown)


def is_known_key(text: str) -> bool:
    """Whether a text holds a key of a form that a service gives out, whatever it is called.

    >>> is_known_key("ghp_1234567890abcdef"), is_known_key("github")
    (True, False)
    """
    return _KNOWN_KEY.search(text) is not None


def _holds_key(line: str) -> bool:
    """Whether a text on a line looks like a key: one that is known, or a long run of letters and digits."""
    runs = (run[0] for literal in _LITERAL.finditer(line) for run in _RUN.finditer(literal[0]))
    return is_known_key(line) or any(re.search("[0-9]", run) and re.search("[A-Za-z]", run) for run in runs)
