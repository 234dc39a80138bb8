"""Weaknesses as a page in Markdown: what to mend first, each kind with its places, and what was not looked at."""

from collections.abc import Sequence
from itertools import groupby

from prefect_harmonic.tasks.agents.code_analyzer.security.pins import Pin
from prefect_harmonic.tasks.agents.code_analyzer.security.review import Review
from prefect_harmonic.tasks.agents.code_analyzer.security.rules import Side, advisory_catalogue, rule_catalogue
from prefect_harmonic.tasks.agents.code_analyzer.security.scope import NAMES
from prefect_harmonic.tasks.agents.weaknesses import Weakness, grouped, ranking
from prefect_harmonic.tasks.agents.wording import counted, listed, sentence, table

_MOST_PLACES = 25
_MOST_PINS = 40
_MOST_DOUBTED = 10
_METHOD = (
    "A weakness is told by the form of a line: where its values come from was not followed, so that some of them are "
    "harmless here, and what is harmful in another way is not seen."
)
_BEYOND = {
    Side.SECRETS: "The history of the project was not searched: a secret that was removed may still stand there.",
    Side.CRYPTOGRAPHY: "Who may do what was not looked at: whether a route asks who calls it, nobody can tell from its "
    "form.",
    Side.SETTINGS: "Nothing was run: environment variables, servers, headers and rights as they are deployed were not "
    "looked at.",
    Side.DEPENDENCIES: "Known weaknesses of libraries stand in a database that is asked over the network, which was "
    "not done: run `pip-audit` (or the scanner of your forge) for that.",
}


def page(found: Review, sides: Sequence[Side]) -> str:
    """The page about some sides, without a heading. Ends in a newline."""
    own = found.of(frozenset(sides))
    parts = [sentence(overview(found, sides))]
    if own:
        parts += ["## What to mend first", ranking(own)]
    for side in sides:
        parts += _side(found, side)
    parts += [*_declared(found, sides), *_doubted(found, sides), _looked_at(found), _not_looked_at(found, sides)]
    return "\n\n".join(part for part in parts if part) + "\n"


def overview(found: Review, sides: Sequence[Side]) -> str:
    """How much was found on some sides, in what, in a sentence without its full stop."""
    own = found.of(frozenset(sides))
    names = [NAMES[side] for side in sides]
    about = ", ".join([*names[:1], *(name[:1].lower() + name[1:] for name in names[1:])])
    looked = _extent(found, sides)
    if tuple(sides) == (Side.DEPENDENCIES,) and not found.pinned:
        return f"{about}: no file names a library with one version, so none was compared with published weaknesses"
    if not own:
        return f"{about}: nothing was found in {looked}, which does not prove that there is nothing"
    high = sum(one.harm.value == "high" for one in own)
    places = len({one.path for one in own})
    told = f"{counted(len(own), 'weakness')} in {counted(places, 'file')}, {high} of high harm"
    return f"{about}: {told}; {looked} were looked at"


def _extent(found: Review, sides: Sequence[Side]) -> str:
    rules = sum(rule.side in sides for rule in rule_catalogue().values())
    if tuple(sides) == (Side.DEPENDENCIES,):
        return f"{counted(len(found.pinned), 'pinned library')} by {len(advisory_catalogue().advisories)} advisories"
    return f"{counted(len(found.python), 'Python file')} by {counted(rules, 'rule')}"


def _side(found: Review, side: Side) -> list[str]:
    parts = [f"## {NAMES[side]}"]
    groups = grouped(found.of(frozenset({side})))
    if not groups:
        parts.append(f"Nothing was found in {_extent(found, (side,))}.")
    for group in groups:
        first = group[0]
        parts.append(f"### {first.title}")
        parts.append(f"CWE-{first.cwe}, harm {first.harm.value}: {first.why}. {sentence(first.remedy)}")
        rows = [
            f"- `{one.place}`{_quoted(one)}, {one.likelihood} certainty"
            for one in sorted(group, key=lambda one: (one.path, one.line))[:_MOST_PLACES]
        ]
        rest = len(group) - _MOST_PLACES
        rows += [f"- and {counted(rest, 'more place')}, in `weaknesses.json`"] if rest > 0 else []
        parts.append("\n".join(rows))
    if side is Side.DEPENDENCIES:
        parts += _libraries(found)
    return parts


def _quoted(one: Weakness) -> str:
    quote = one.quote.replace("`", "'")
    return f": `{quote}`" if quote else ""


def _libraries(found: Review) -> list[str]:
    """What the project names, so that whoever asks a database knows what for."""
    if not found.pins:
        return ["No file names the libraries that the project needs (requirements, pyproject, a lock)."]
    affected = {(one.path, one.line) for one in found.of(frozenset({Side.DEPENDENCIES}))}
    pinned = sorted(found.pinned, key=lambda pin: ((pin.path, pin.line) not in affected, pin.path, pin.line))
    rows = [
        (pin.library, pin.version, f"`{pin.path}:{pin.line}`", _state(pin, affected)) for pin in pinned[:_MOST_PINS]
    ]
    rest = len(pinned) - _MOST_PINS
    parts = [f"### {counted(len(pinned), 'pinned library')}"]
    parts.append(table(("Library", "Version", "Where", "Published weaknesses"), rows) if rows else "None is pinned.")
    parts += [f"And {counted(rest, 'more library')}, none of them in the list."] if rest > 0 else []
    loose = [f"{pin.library} (`{pin.path}:{pin.line}`)" for pin in found.pins if not pin.version]
    if loose:
        parts.append(f"Without one version, so that it is not known what is installed: {listed(loose, most=12)}.")
    return parts


def _state(pin: Pin, affected: set[tuple[str, int]]) -> str:
    listed_ones = {each.library for each in advisory_catalogue().advisories}
    if (pin.path, pin.line) in affected:
        return "yes, see above"
    return "none of those in the list" if pin.library in listed_ones else "not looked up"


def _declared(found: Review, sides: Sequence[Side]) -> list[str]:
    """What the project's own comments would silence."""
    own = [one for one in found.marked if one.side in sides]
    if not own:
        return []
    rows = [(one.title, f"`{one.place}`", one.harm.value, f"`{one.marked}`") for one in own[:_MOST_PLACES]]
    rest = len(own) - _MOST_PLACES
    have = "has" if len(own) == 1 else "have"
    told = f"{counted(len(own), 'place')} {have} a comment that silences such findings. They are not counted above"
    return [
        "## Declared harmless by the project",
        f"{told}; whether the comment is right was not looked at.",
        table(("Weakness", "Where", "Harm", "Comment"), rows),
        f"And {counted(rest, 'more place')}, in `weaknesses.json`." if rest > 0 else "",
    ]


def _doubted(found: Review, sides: Sequence[Side]) -> list[str]:
    """What looks alike and is likely harmless, so that nothing is left out without a word."""
    own = [(one.title, why) for one, why in found.doubted if one.side in sides]
    if not own:
        return []
    counts = [(title, why, len(list(each))) for (title, why), each in groupby(sorted(own))]
    counts.sort(key=lambda each: (-each[2], each[:2]))
    rows = [(title, why, str(number)) for title, why, number in counts[:_MOST_DOUBTED]]
    return [
        "## Likely harmless, and not counted",
        table(("What it looks like", "Why it is likely harmless", "Places"), rows),
        "Each with its place under `likely_harmless` in `weaknesses.json`.",
    ]


def _looked_at(found: Review) -> str:
    rules = rule_catalogue().values()
    bandits = sum(rule.is_bandits for rule in rules)
    known = advisory_catalogue()
    python, pinned = counted(len(found.python), "Python file"), counted(len(found.pinned), "pinned library")
    extent = f"{len(known.advisories)} advisories for {len({each.library for each in known.advisories})} libraries"
    lines = [
        f"{python} by {bandits} rules of bandit and {len(rules) - bandits} of our own.",
        f"{counted(found.tests, 'test file')} passed over: what stands there is not deployed.",
        f"{counted(len(found.texts), 'file')} of settings for secrets.",
        f"{pinned} against {extent}, as of {known.as_of.isoformat()}.",
        "Nothing of the project was imported or run, and no configuration of it was heeded.",
    ]
    return "## What was looked at\n\n" + "\n".join(f"- {line}" for line in lines)


def _not_looked_at(found: Review, sides: Sequence[Side]) -> str:
    lines = [_BEYOND[side] for side in sides if side in _BEYOND]
    if found.languages:
        told = listed([f"{counted(number, 'file')} of {name}" for name, number in found.languages], most=8)
        lines.append(f"Other languages than Python: {told}.")
    if found.unread:
        lines.append(
            f"Files that could not be read: {listed([f'{path} ({why})' for path, why in found.unread], most=5)}."
        )
    if found.is_truncated:
        lines.append("The project has more files than are read; what lies beyond is missing.")
    return "## What was not looked at\n\n" + "\n".join(f"- {line}" for line in (*lines, _METHOD))
