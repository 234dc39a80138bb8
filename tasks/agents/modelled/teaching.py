"""What a model may add to a learning path: lessons that a finding, a decision or a document calls for."""

from collections.abc import Sequence

from prefect_harmonic.planners.evidence import Claim, Evidence, Grade
from prefect_harmonic.tasks.agents.modelled.adding import Made, added, inline, with_section
from prefect_harmonic.tasks.agents.modelled.answer import MOST, StatedAnswer, StatedLesson
from prefect_harmonic.tasks.agents.modelled.claims import counted_claims, grounded
from prefect_harmonic.tasks.agents.modelled.judging import Judgement
from prefect_harmonic.tasks.agents.modelled.material import Material
from prefect_harmonic.tasks.agents.modelled.shown import Shown
from prefect_harmonic.tasks.agents.wording import clipped, sentence

_CONFIDENCE = 0.5


def taught(answer: StatedAnswer, material: Material, shown: Shown) -> Judgement:
    """Statements and lessons, each with what calls for it."""
    found = counted_claims(answer.claims, material, shown)
    lessons, problems = _lessons(answer.lessons, material, shown)

    def evidence(made: Made) -> Evidence:
        whole = added(material, answer, found, made)
        return _with_lessons(whole, lessons, made) if lessons else whole

    return Judgement((*found.problems, *problems), evidence)


Lessons = tuple[tuple[StatedLesson, Claim], ...]


def _lessons(stated: Sequence[StatedLesson], material: Material, shown: Shown) -> tuple[Lessons, tuple[str, ...]]:
    lessons: list[tuple[StatedLesson, Claim]] = []
    problems: list[str] = []
    known = {claim.text.casefold() for claim in material.given.claims}
    for at, one in enumerate(stated[: MOST["lessons"]], start=1):
        title = clipped(one.title, 100)
        problem, sources = grounded(f"{title}: {one.why}", one, material, shown)
        if problem:
            problems.append(f"lesson {at}: {problem}")
            continue
        derived = tuple(source.model_copy(update={"grade": Grade.DERIVED}) for source in sources)
        text = f"{title} has to be learned ({one.hours:g} h)."
        if not any(each.startswith(title.casefold()) for each in known):
            known.add(text.casefold())
            lessons.append((one, Claim(text=text, sources=derived, confidence=_CONFIDENCE)))
    return tuple(lessons), tuple(problems)


def _with_lessons(evidence: Evidence, lessons: Lessons, made: Made) -> Evidence:
    hours = sum(lesson.hours for lesson, _ in lessons)
    lines = [f"## Further lessons, added by {inline(made.label)} ({hours:g} hours)", ""]
    for lesson, claim in lessons:
        source = claim.sources[0]
        quoted = f"“{inline(clipped(source.quote, 120))}”"
        lines += [
            f"### {inline(clipped(lesson.title, 100))} ({lesson.hours:g} h)",
            "",
            f"- Why: {inline(sentence(clipped(lesson.why, 300)))} ({inline(str(source))}: {quoted})",
            *([f"- Exercise: {inline(sentence(clipped(lesson.exercise, 300)))}"] if lesson.exercise.strip() else []),
            "",
        ]
    data = {**evidence.data, "added_lessons": [clipped(lesson.title, 100) for lesson, _ in lessons]}
    claims = (*evidence.claims, *(claim for _, claim in lessons))
    return with_section(evidence.model_copy(update={"claims": claims, "data": data}), lines)
