"""What earlier runs teach, read from the knowledge base before planning, and kept in it after a run.

Planning must not depend on it: where the knowledge base is not there yet, nothing is known; where it cannot be read,
that is said and planning goes on with what effort alone says.
"""

import configparser
import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from prefect_harmonic.errors import DatabaseAddressError, KnowledgeError, UnreadablePlanError
from prefect_harmonic.planners.experience.experience import Experience
from prefect_harmonic.planners.options import HoursFrom, PlanningOptions
from prefect_harmonic.planners.user_path import user_path
from prefect_harmonic.tasks.knowledge_address import default_place, is_knowledge_there, knowledge_address

_LONGEST_SETTINGS = 1_000_000
_PATIENCE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Looking:
    """What is asked of the record.

    Attributes:
        has_learned_hours: Whether hours are taken from it.
        has_offers: Whether plans that served before are offered.
        model: The language model of the runs that count.
        project: Folder of the project that the goal is about.
    """

    has_learned_hours: bool = True
    has_offers: bool = True
    model: str | None = None
    project: str | None = None

    @classmethod
    def by(cls, options: PlanningOptions, *, model: str | None, project: str | None) -> "Looking":
        """As the options of a planning say."""
        options = options.effective()
        return cls(options.hours is HoursFrom.HISTORY, options.reuse_plans, model, project)


async def read_experience(looking: Looking) -> Experience:
    """What the knowledge base knows of earlier runs with the same model."""
    known = Experience(
        project=project_identity(looking.project),
        has_learned_hours=looking.has_learned_hours,
        has_offers=looking.has_offers,
        place=default_place(),
    )
    if not is_knowledge_there():
        return known
    # SQLAlchemy takes longer to import than a plan takes to make; without a database there is no need to.
    from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase

    model = looking.model or ""
    try:
        async with KnowledgeBase(knowledge_address(), patience_seconds=_PATIENCE_SECONDS) as kb:
            work = await kb.finished_work(model=model) if looking.has_learned_hours else ()
            runs = await kb.past_runs(model=model, project=known.project)
    except (KnowledgeError, DatabaseAddressError, UnreadablePlanError) as error:
        return replace(known, problem=" ".join(str(error).split()))
    return replace(known, work=work, runs=runs)


def project_identity(project: str | Path | None) -> str:
    """What a project is recognised by in later runs; empty for none.

    Its repository's origin and the place of the project in it, or else the folder itself: two checkouts of one
    repository are one project, and two repositories that are checked out into one folder after the other are two.
    """
    if project is None:
        return ""
    root = user_path(project).resolve()
    for folder in (root, *root.parents):
        if origin := _origin(folder / ".git" / "config"):
            return _digest(origin, root.relative_to(folder).as_posix())
        if (folder / ".git").exists():
            break
    return _digest("", str(root))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def _origin(settings: Path) -> str:
    """The address of the repository's origin, without who asks for it; empty where there is none."""
    try:
        if settings.is_symlink() or not settings.is_file() or settings.stat().st_size > _LONGEST_SETTINGS:
            return ""
        parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
        parser.read_string(settings.read_text(encoding="utf-8", errors="replace"))
        url = parser.get('remote "origin"', "url", fallback="") or ""
    except (OSError, configparser.Error):
        return ""
    return _place(url)


def _place(url: str) -> str:
    """Host and path of a repository, however it is reached.

    >>> _place("https://me:secret@example.org/shop.git"), _place("git@example.org:shop")
    ('example.org/shop', 'example.org/shop')
    """
    _, separator, rest = url.partition("://")
    place = (rest if separator else url).rpartition("@")[2]
    if not separator and "@" in url:
        place = place.replace(":", "/", 1)
    return place.removesuffix("/").removesuffix(".git")
