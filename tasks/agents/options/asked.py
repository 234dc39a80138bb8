"""What an assignment has to do with a choice among options that the goal names."""

from dataclasses import dataclass

from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.choice import Choice, choice_in

_STUDIES = frozenset({"research", "analysis"})


@dataclass(frozen=True, slots=True)
class AskedOptions:
    """A choice, and those of its options that an artifact is about, in the order of the goal."""

    choice: Choice
    options: tuple[str, ...]

    @property
    def is_comparing(self) -> bool:
        """Whether it is about several of them."""
        return len(self.options) > 1

    @property
    def title(self) -> str:
        """The choice in words.

        >>> AskedOptions(Choice(("A", "B", "C"), "order events"), ("A",)).title
        'A, B or C for order events'
        """
        named = f"{', '.join(self.choice.options[:-1])} or {self.choice.options[-1]}"
        purpose = self.choice.purpose
        joint = (
            "to" if purpose.split(" ", 1)[0] in {"hold", "store", "keep", "run", "serve", "handle", "host"} else "for"
        )
        return f"{named} {joint} {purpose}" if purpose else named


def asked_options(assignment: Assignment) -> AskedOptions | None:
    """The options that an artifact covers; nothing where the goal names none or the artifact is about something else.

    One that covers other requirements of the goal as well and only one option is no study of it.
    """
    choice = choice_in(assignment.goal)
    if choice is None:
        return None
    options = tuple(option for option in choice.options if option in assignment.artifact.covers)
    is_whole = set(options) == set(choice.options)
    is_one = len(options) == 1 and len(assignment.artifact.covers) == 1
    return AskedOptions(choice, options) if is_whole or is_one else None


def is_study(assignment: Assignment) -> bool:
    """Whether an artifact finds out, by its kind, as against deciding, building or checking."""
    return assignment.artifact.domain_type in _STUDIES
