"""A question that is put to a person, and the answer, as they are shown."""

from collections.abc import Sequence
from dataclasses import dataclass

from prefect_harmonic.tasks.views.escaping import markdown_code, markdown_text, one_line

KIND_WORDS = {
    "plateaued": "nothing more is gained",
    "exhausted": "the evaluations allowed are used up",
    "blocked": "something is blocked",
    "budget": "the budget is used up",
    "approval": "a changed plan waits for approval",
}

OPTION_WORDS = {
    "retry": "try again",
    "skip": "go on with what there is",
    "replan": "plan the rest anew, with guidance",
    "stop": "start nothing more and report what there is",
    "approve": "let the changed plan pass",
}


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
        f"**What is known so far.** {markdown_text(question.findings)}" if question.findings.strip() else "",
        options_list(question.options),
        f"**Answer.** {answer_words(question)}" if question.is_answered else "",
        f"To answer: {markdown_code(how_to_answer)}" if how_to_answer and not question.is_answered else "",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def options_list(options: Sequence[str]) -> str:
    """The answers that are understood, each with what it does, as a Markdown list."""
    told = [(markdown_code(option), OPTION_WORDS.get(option, "")) for option in options if option]
    return "\n".join(f"- {name}: {words}" if words else f"- {name}" for name, words in told)


def answer_words(question: QuestionRow) -> str:
    """The answer in a Markdown line.

    >>> answer_words(QuestionRow(kind="blocked", action="retry", by="Ada"))
    '`retry` (try again), by Ada'
    >>> answer_words(QuestionRow(kind="blocked"))
    'none yet'
    """
    if not question.is_answered:
        return "none yet"
    meaning = f" ({OPTION_WORDS[question.action]})" if question.action in OPTION_WORDS else ""
    by = f", by {markdown_text(question.by)}" if one_line(question.by) else ""
    guidance = f": “{markdown_text(question.guidance)}”" if one_line(question.guidance) else ""
    return f"{markdown_code(question.action)}{meaning}{by}{guidance}"
