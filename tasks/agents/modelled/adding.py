"""The embedded specialist's evidence with what counts of a model's answer added to it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from prefect_harmonic.planners.evidence import Claim, Evidence, ProducedFile
from prefect_harmonic.planners.models.usage import Usage
from prefect_harmonic.planners.words import telling_stems
from prefect_harmonic.tasks.agents.asked import asked_of, within
from prefect_harmonic.tasks.agents.modelled.answer import MOST, StatedAnswer
from prefect_harmonic.tasks.agents.modelled.claims import Counted
from prefect_harmonic.tasks.agents.modelled.material import Material
from prefect_harmonic.tasks.agents.wording import clipped, sentence, summary_of

_SUREST = 0.9
_SAME = 0.5
_LONGEST_GAP = 200
_METHOD = (
    "A specialist without a language model looked first; a model then added to what it found and changed none of it.",
    "Each statement of the model that counts quotes a place that a tool had shown to it, and no other was taken over.",
    "A figure that does not stand in the quoted words was not taken over either.",
    "How the model puts a thing is its own; read the quoted place where something depends on the wording.",
    "What the model says of its own confidence can lower that of the whole and never raise it.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """How an answer came about.

    Attributes:
        label: The model.
        usage: What it took.
        calls: Calls of tools.
        dropped: What was left out of the answer, and why.
    """

    label: str
    usage: Usage
    calls: int
    dropped: tuple[str, ...] = ()

    def figures(self) -> dict[str, JsonValue]:
        """It as figures of the evidence. No seconds: the same answer gives the same evidence."""
        return {
            "model": self.label,
            "model_requests": self.usage.requests,
            "model_tokens": self.usage.input_tokens + self.usage.output_tokens,
            "model_tool_calls": self.calls,
            "model_dropped": list(self.dropped),
        }


def added(material: Material, answer: StatedAnswer, found: Counted, made: Made) -> Evidence:
    """The evidence with the statements that count; without any it is the embedded specialist's, with a note."""
    given = material.given
    left = tuple(gap for number, gap in material.gaps.items() if number not in found.closed)
    gaps = (*left, *_new_gaps(answer.open, material))
    section = claims_section(found.claims, made.label, [gap for gap in given.gaps if gap not in left])
    # The embedded specialist's summary ends in how it works; what it found stands first.
    head = given.summary.partition(". ")[0]
    told = [*(claim.text for claim in (*found.claims[:3], *given.claims[:2])), head]
    summary = summary_of([sentence(each) for each in told], _METHOD) if found.claims else given.summary
    data = {**given.data, **made.figures()}
    if found.closed and not left and data.get("is_closed") is False:
        data["is_closed"] = True
    evidence = given.model_copy(
        update={
            "summary": within(summary, asked_of(material.assignment.artifact).summary_length),
            "confidence": _confidence(material, answer, found),
            "claims": (*given.claims, *found.claims),
            "gaps": gaps,
            "data": data,
        }
    )
    return with_section(evidence, section)


def with_section(evidence: Evidence, section: Sequence[str]) -> Evidence:
    """The evidence with more at the end of its text, and of the file that is its text."""
    if not section:
        return evidence
    text = "\n".join([evidence.text.rstrip(), "", *section]).strip() + "\n"
    files = tuple(
        ProducedFile(path=file.path, content=text) if file.content == evidence.text else file for file in evidence.files
    )
    return evidence.model_copy(update={"text": text, "files": files})


def claims_section(claims: Sequence[Claim], label: str, closed: Sequence[str]) -> list[str]:
    """What a model added, as Markdown; nothing if it added nothing."""
    if not claims:
        return []
    lines = [f"## Added by {inline(label)}", ""]
    for claim in claims:
        places = ", ".join(f"`{coded(str(source))}`" for source in claim.sources)
        quote = next((source.quote for source in claim.sources if source.quote), "")
        lines.append(f"- {inline(claim.text)} ({places})")
        lines += [f"  > {inline(clipped(quote, 300))}"] if quote else []
    lines += ["", *(f"Closed by it: {inline(sentence(gap))}" for gap in closed)]
    return lines


def inline(text: str) -> str:
    """A text in a line of Markdown, in which nothing of it is markup for a link, an image or code of HTML."""
    return re.sub(r"([<>\[\]`|])", r"\\\1", " ".join(text.split()))


def coded(text: str) -> str:
    """A text between the marks of code, which it does not end."""
    return " ".join(text.replace("`", "'").split())


def _new_gaps(stated: Sequence[str], material: Material) -> tuple[str, ...]:
    """What the model leaves open beyond what was open: of the artifact's own subject, and not the same once more."""
    artifact = material.assignment.artifact
    about = telling_stems(f"{artifact.id} {artifact.description} {artifact.contract} {' '.join(artifact.covers)}")
    known = [telling_stems(gap) for gap in material.gaps.values()]
    gaps: list[str] = []
    for one in stated[: MOST["open"]]:
        words = telling_stems(one)
        if words & about and not any(len(words & other) >= _SAME * len(words | other) for other in known):
            known.append(words)
            gaps.append(clipped(one, _LONGEST_GAP))
    return tuple(gaps)


def _confidence(material: Material, answer: StatedAnswer, found: Counted) -> float:
    """Raised by what was open and is answered with a source; lowered, half way, by a model that is less sure."""
    sure = material.given.confidence
    if found.closed:
        sure += max(0.0, _SUREST - sure) * 0.5 * len(found.closed) / len(material.gaps)
    if found.claims and answer.percent / 100 < sure:
        sure = (sure + answer.percent / 100) / 2
    return round(sure, 2)


def told_dropped(problems: Sequence[str]) -> tuple[str, ...]:
    """What was left out of an answer, short enough to be kept."""
    return tuple(clipped(problem, 160) for problem in problems[:10])
