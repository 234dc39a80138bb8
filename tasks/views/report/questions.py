"""What was put to a person, and what came back."""

from prefect_harmonic.tasks.agents.wording import counted
from prefect_harmonic.tasks.views.escaping import markdown_text
from prefect_harmonic.tasks.views.question import KIND_WORDS, answer_words
from prefect_harmonic.tasks.views.report.prose import section, sentence, table
from prefect_harmonic.tasks.views.report.subject import ReportInput


def questions_section(subject: ReportInput) -> str:
    """The section: every question with its answer; open ones are said to be open."""
    rows = [
        [
            str(number),
            markdown_text(one.subject),
            markdown_text(KIND_WORDS.get(one.kind, one.kind)),
            sentence(one.text),
            answer_words(one),
        ]
        for number, one in enumerate(subject.questions, 1)
    ]
    waiting = sum(not one.is_answered for one in subject.questions)
    verb = "waits" if waiting == 1 else "wait"
    note = f"**{counted(waiting, 'question')} {verb} for an answer.**" if waiting else ""
    return section("Questions put to a person", note, table(["#", "About", "Why", "Question", "Answer"], rows))
