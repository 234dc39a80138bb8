"""A question that is put to a person, and the answer, as they are shown."""

from dataclasses import dataclass

from prefect_harmonic.planners.programme.question import Answer, AnswerAction, Question, QuestionKind
from prefect_harmonic.planners.programme.questions import MEANINGS
from prefect_harmonic.tasks.views.escaping import markdown_code, markdown_text, one_line

KIND_WORDS = {
    "plateaued": "nothing more is gained",
    "exhausted": "nothing further is left to try",
    "blocked": "something is blocked",
    "budget": "the budget is used up",
    "approval": "a changed plan waits for approval",
}

_OR_HERE = ", or by the button *Resume* on the page of its run while that is shown as paused or suspended."


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionRow:
    """One question.

    Attributes:
        kind: Why it is asked: `plateaued`, `exhausted`, `blocked`, `budget` or `approval`.
        subject: What it is about, such as a phase or an artifact.
        text: The question itself.
        options: The answers that are understood.
        findings: What is known so far, in a paragraph.
        action: The answer; empty while there is none.
        guidance: What the answer says beside.
        by: Who answered, or what did in place of a person.
    """

    kind: str
    subject: str = ""
    text: str = ""
    options: tuple[str, ...] = ()
    findings: str = ""
    action: str = ""
    guidance: str = ""
    by: str = ""

    @property
    def is_answered(self) -> bool:
        """Whether there is an answer."""
        return bool(self.action)


def question_markdown(question: QuestionRow, *, how_to_answer: str = "") -> str:
    """A question as a document of Prefect's: what is asked, what is known, the answers there are, the one given.

    Args:
        question: The question.
        how_to_answer: A command that answers it, if there is one.
    """
    why = KIND_WORDS.get(question.kind, question.kind)
    parts = [
        f"## {'Answered' if question.is_answered else 'A person is asked'}: {markdown_text(question.subject or why)}",
        markdown_text(f"Why: {why}."),
        markdown_text(question.text),
        _lines(question.findings),
        _options(question),
        f"**Answer.** {answer_words(question)}" if question.is_answered else "",
        f"To answer: {markdown_code(how_to_answer)}{_OR_HERE}" if how_to_answer and not question.is_answered else "",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def meaning(kind: str, action: str) -> str:
    """What an answer does, as its question means it; empty for one that the question does not take.

    >>> meaning("blocked", "retry"), meaning("blocked", "approve")
    ('try it once more as it is', '')
    """
    if kind not in set(QuestionKind) or action not in set(AnswerAction):
        return ""
    return MEANINGS[QuestionKind(kind)].get(AnswerAction(action), "")


def _options(question: QuestionRow) -> str:
    """The answers that are understood, each with what it does, as a Markdown list."""
    told = [(markdown_code(option), meaning(question.kind, option)) for option in question.options if option]
    listed = "\n".join(f"- {name}: {words}" if words else f"- {name}" for name, words in told)
    # Without words between them, Markdown makes this list and one before it a single list.
    return f"**The answers there are**\n\n{listed}" if listed else ""


def _lines(text: str) -> str:
    """Paragraphs and lists of a text that others may have written: everything else in it shows as it is."""
    told = []
    for line in text.splitlines():
        item = line.lstrip().startswith("- ")
        words = markdown_text(line.lstrip().removeprefix("- ") if item else line)
        told.append(f"- {words}" if item else words)
    return "\n".join(told).strip()


def answer_words(question: QuestionRow) -> str:
    """The answer in a Markdown line.

    >>> answer_words(QuestionRow(kind="blocked", action="retry", by="Ada"))
    '`retry` (try it once more as it is), by Ada'
    >>> answer_words(QuestionRow(kind="blocked"))
    'none yet'
    """
    if not question.is_answered:
        return "none yet"
    words = meaning(question.kind, question.action)
    by = f", by {markdown_text(question.by)}" if one_line(question.by) else ""
    guidance = f": “{markdown_text(question.guidance)}”" if one_line(question.guidance) else ""
    return f"{markdown_code(question.action)}{f' ({words})' if words else ''}{by}{guidance}"


def question_row(question: Question, answer: Answer | None = None) -> QuestionRow:
    """A question with its answer as it is shown."""
    return QuestionRow(
        kind=question.kind.value,
        subject=question.subject,
        text=question.text,
        options=tuple(option.value for option in question.options),
        findings=question.findings,
        action=answer.action.value if answer else "",
        guidance=answer.guidance if answer else "",
        by=answer.by if answer else "",
    )
