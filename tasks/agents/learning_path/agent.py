"""The learning path: what has to be learned for an artifact, in an order that works, and why each part is there."""

import asyncio
from itertools import chain

from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Claim, Evidence, Grade, ProducedFile
from prefect_harmonic.planners.words import spaced, stem, telling_stems, words_of
from prefect_harmonic.tasks.agents.asked import asked_of
from prefect_harmonic.tasks.agents.learning_path.curriculum import ASKED_FOR, Curriculum, Lesson, curriculum_for
from prefect_harmonic.tasks.agents.learning_path.topics import Topic, topic_catalogue
from prefect_harmonic.tasks.agents.registry import Specialist
from prefect_harmonic.tasks.agents.wording import clipped, counted, listed, sentence, summary_of, title_of

NAME = "learning-path"
_EXPERTISE = (
    "learning learn training curriculum enablement skill skills teach onboarding workshop course education lesson "
    "prerequisites"
)
_METHOD = (
    "The learning path works without a language model: topics, prerequisites and hours come from a packaged catalogue.",
    "A topic is included because words of the artifact, a decision or a finding name it, or because another needs it.",
    "Hours are for an engineer who knows the prerequisites; who knows a topic already skips it.",
    "Durations are counted as four hours of learning a day beside other work.",
    "Exercises name files of the project only where a finding does.",
    "What the team knows already is not known to the catalogue; strike those topics before planning the weeks.",
)
_NO_TOPIC_WORDS = (
    "team path plan create material materials list hour day week month stage order topic each exercise people "
    "requirement requirements two three four one engineer developer goal project use know total give name why "
    "operations operation migration migrate delivery separate new present needed decided chosen findings agreed gaps "
    "final task route level assessment skill curriculum progress check secure habit switch runbook enablement guide"
)
_NO_TOPIC = frozenset(stem(word) for word in (*_EXPERTISE.split(), *_NO_TOPIC_WORDS.split()))


async def teach(assignment: Assignment) -> Evidence:
    """A curriculum in stages with reasons, hours and exercises."""
    return await asyncio.to_thread(_taught, assignment)


LEARNING_PATH = Specialist(name=NAME, call=teach, version="5", expertise=frozenset(_EXPERTISE.split()))


def _taught(assignment: Assignment) -> Evidence:
    curriculum = curriculum_for(assignment, topic_catalogue())
    limits = _without_topic(assignment, curriculum)
    gaps = (*limits, *_out_of_time(curriculum))
    text = _text(assignment, curriculum, gaps)
    audience = asked_of(assignment.artifact).audience
    path = assignment.artifact.produces_file
    return Evidence(
        artifact=assignment.artifact.id,
        agent=NAME,
        summary=summary_of(_told(curriculum, gaps), _METHOD),
        confidence=_confidence(assignment, curriculum, gaps),
        claims=tuple(_claim(lesson) for lesson in curriculum.lessons if not lesson.is_prerequisite),
        gaps=gaps,
        text=text,
        data={
            "topics": [lesson.topic.id for lesson in curriculum.lessons],
            "stages": [[lesson.topic.id for lesson in stage] for stage in curriculum.stages],
            "hours": curriculum.hours,
            "left_out": [lesson.topic.id for lesson in curriculum.left_out],
            **({"limits": list(limits)} if limits else {}),
            **({"audience": audience} if audience else {}),
        },
        files=(ProducedFile(path=path, content=text),) if path else (),
    )


def _claim(lesson: Lesson) -> Claim:
    source = lesson.reason.source
    derived = source.model_copy(update={"grade": Grade.DERIVED}) if source else None
    return Claim(
        text=f"{lesson.topic.title} has to be learned ({lesson.topic.hours:g} h).",
        sources=(derived,) if derived else (),
        confidence=round(min(0.8, 0.4 + 0.1 * lesson.reason.weight), 2),
    )


def _without_topic(assignment: Assignment, curriculum: Curriculum) -> tuple[str, ...]:
    """What the artifact asks to be taught that no topic is about. No search of a project fills the catalogue."""
    artifact = assignment.artifact
    gaps = []
    if not curriculum.lessons and not curriculum.left_out:
        gaps.append("nothing that was given names a topic of the catalogue")
    taught: set[str] = set()
    for lesson in (*curriculum.lessons, *curriculum.left_out):
        taught |= _words_of(lesson.topic)
    asked = [word for word in words_of(spaced(artifact.id)) if stem(word) in telling_stems(word)]
    unknown = [word for word in asked if stem(word) not in taught | _NO_TOPIC]
    if unknown and curriculum.lessons:
        gaps.append(f"the catalogue has no topic for: {clipped(' '.join(dict.fromkeys(unknown)), 120)}")
    named = [name for name in artifact.covers if not (telling_stems(name) - _NO_TOPIC) & taught]
    gaps += [
        f"the catalogue has no topic for: {clipped(name, 120)}" for name in named if telling_stems(name) - _NO_TOPIC
    ]
    return tuple(dict.fromkeys(gaps))


def _out_of_time(curriculum: Curriculum) -> tuple[str, ...]:
    """What the duration leaves no room for."""
    # What a finding names by the way may wait; what the artifact or a decision asks for may not.
    missed = [one for one in curriculum.left_out if one.reason.weight >= ASKED_FOR or not curriculum.lessons]
    if missed and (curriculum.is_budget_named or not curriculum.lessons):
        titles = listed([lesson.topic.title for lesson in missed])
        return (f"{curriculum.budget:g} hours leave no room for: {titles}",)
    return ()


def _words_of(topic: Topic) -> set[str]:
    return set(chain.from_iterable(telling_stems(phrase) for phrase in (topic.title, *topic.aliases)))


def _confidence(assignment: Assignment, curriculum: Curriculum, gaps: tuple[str, ...]) -> float:
    """High where findings and decisions ask for the topics; low where only the artifact's own words do."""
    if not curriculum.lessons:
        return 0.1
    asked = [lesson for lesson in curriculum.lessons if not lesson.is_prerequisite]
    own = {assignment.artifact.id, "goal"}
    found = sum(1 for lesson in asked if lesson.reason.source and lesson.reason.source.path not in own)
    base = 0.45 if not (assignment.inputs or assignment.background) else 0.5 + 0.3 * found / len(asked)
    return round(max(0.1, base - 0.07 * min(len(gaps), 3)), 2)


def _told(curriculum: Curriculum, gaps: tuple[str, ...]) -> list[str]:
    lessons = curriculum.lessons
    if not lessons:
        return ["There is no topic to learn in this curriculum.", *(sentence(gap) for gap in gaps)]
    allowed = f" of {curriculum.budget:g} that the duration allows" if curriculum.is_budget_named else ""
    in_stages = f"{counted(len(lessons), 'topic')} in {counted(len(curriculum.stages), 'stage')}"
    told = [f"{in_stages}, {curriculum.hours:g} hours in all{allowed}."]
    stages = [listed([lesson.topic.title for lesson in stage], most=4) for stage in curriculum.stages]
    told += [f"{'First' if at == 0 else 'Then'} {each}." for at, each in enumerate(stages)]
    asked = [lesson for lesson in lessons if lesson.reason.source]
    told += [f"{lesson.topic.title} is there because of {clipped(_where(lesson), 160)}." for lesson in asked[-2:]]
    return told + [sentence(gap) for gap in gaps]


def _where(lesson: Lesson) -> str:
    source = lesson.reason.source
    return f"{source}: “{clipped(source.quote, 90)}”" if source and source.quote else str(source or lesson.reason.text)


def _text(assignment: Assignment, curriculum: Curriculum, gaps: tuple[str, ...]) -> str:
    lines = [f"# {title_of(spaced(assignment.artifact.id).capitalize())}", ""]
    total = f"{counted(len(curriculum.lessons), 'topic')}, {curriculum.hours:g} hours"
    if curriculum.is_budget_named:
        total += f" of {curriculum.budget:g} that the duration allows"
    audience = asked_of(assignment.artifact).audience
    lines += [f"For: {audience}."] if audience else []
    lines += [f"{total}. Strike what the team knows already.", ""]
    for number, stage in enumerate(curriculum.stages, start=1):
        hours = sum(lesson.topic.hours for lesson in stage)
        lines += [f"## Stage {number} ({hours:g} hours)", ""]
        for lesson in stage:
            lines += [*_lesson(lesson), ""]
    if curriculum.left_out:
        lines += ["## Left out for now", ""]
        lines += [
            f"- {lesson.topic.title} ({lesson.topic.hours:g} h): {_where(lesson)}" for lesson in curriculum.left_out
        ]
        lines.append("")
    if gaps:
        lines += ["## What is missing", "", *(f"- {sentence(gap)}" for gap in gaps)]
    return "\n".join(lines).rstrip() + "\n"


def _lesson(lesson: Lesson) -> list[str]:
    topic = lesson.topic
    titles = topic_catalogue().by_id
    needs = f" Needs: {', '.join(titles[need].title for need in topic.needs)}." if topic.needs else ""
    lines = [
        f"### {topic.title} ({topic.hours:g} h)",
        "",
        f"- Why: {_where(lesson).rstrip('.')}.{needs}",
        f"- Afterwards one can {topic.after}.",
    ]
    if lesson.files:
        where = listed([f"`{path}`" for path in lesson.files], most=3)
        lines.append(f"- Exercise in {where}: {topic.after[:1].upper()}{topic.after[1:]}.")
    return lines
