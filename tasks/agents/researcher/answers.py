"""Answers: the sentences of a project's documents, and earlier findings, that answer a question.

Whole sentences of documents come first, then rows of tables, then docstrings where no document answers. What is asked
is no answer; the questions that documents themselves leave open are gaps.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from prefect_harmonic.planners.evidence import Claim, Source
from prefect_harmonic.planners.words import telling_stems
from prefect_harmonic.tasks.agents.researcher.documents import Passage, Sentence
from prefect_harmonic.tasks.agents.researcher.questions import Question
from prefect_harmonic.tasks.agents.researcher.search import Hit, PassageIndex
from prefect_harmonic.tasks.agents.wording import clipped

RELEVANCE_THRESHOLD = 0.5
"""Least share of a question's weight that a passage must carry to count as an answer."""

_FULL_THRESHOLD = 0.7  # questions of the catalogue name the words that an answer has
_LEAST_COMMON = 3
_MOST_CLAIMS = 3
_MOST_ROWS = 12
_LONGEST_QUOTE = 400
_ROW_QUALITY, _DOCSTRING_QUALITY = 0.6, 0.4
_LEAST_WORDS = 5
_UNDER_SHARE = 0.6
_EACH_SEARCH, _EACH_WORD = 0.15, 0.06
NO_STATEMENT = re.compile(
    r"^(?:\*\*)?(?:Date|Status|Author|Written|Last reviewed|Severity|Collected|Documents are|This is a list)\b"
    r"|[:?]$|^\S+(?:\s+\S+){0,3}$"
)
# "Open" and "Open questions" head what is open, "open connections" does not.
_OPEN_HEADING = re.compile(
    r"\bopen(?=\W*$| (?:questions?|points?|issues?|items?|matters?|ends?|decisions?|topics?|tasks?|for|until|since)\b)"
    r"|\b(?:undecided|unknown|unclear|not measured|not known|unknowns|unresolved|to be decided|tbd|questions?)\b",
    re.IGNORECASE,
)
_OPEN_START = re.compile(r"^(?:Open|Undecided|Unclear|Not known|To be decided|TBD)\s*:", re.IGNORECASE)
_NEGATED = re.compile(r"\b(?:open source|opening|opened|frequently asked|answered)\b", re.IGNORECASE)
_OPEN_STATEMENT = re.compile(
    r"\b(?:still|remains?|left) open\b"
    r"|\b(?:is|are|remains?) (?:still )?(?:undecided|unclear|unknown|unresolved|unsettled)\b"
    r"|\b(?:not|never) (?:yet )?(?:been )?(?:decided|agreed|settled|measured|named|chosen|clarified)\b"
    r"|\b(?:has|have) yet to be\b"
    r"|\b(?:remains?|is|are) (?:still )?to be (?:decided|settled|agreed|measured|clarified)\b"
    r"|\bno decision (?:yet|has been|on)\b|\b(?:nobody|no one) (?:knows|has (?:measured|decided|tried|asked))\b"
    r"|\bwe do not know\b",
    re.IGNORECASE,
)
_DEFINITION = re.compile(r"^\*\*[^*]+\*\*(?:\s*\([^)]*\))?:")


@dataclass(frozen=True, slots=True)
class Answer:
    """A question with the claims that answer it; without any it is open."""

    question: Question
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question that a document itself leaves open.

    `is_listed` says whether it stands among what is open, and not in the middle of something else.
    """

    text: str
    place: str
    stems: frozenset[str]
    is_listed: bool = True

    def __str__(self) -> str:
        return f"left open in {self.place}: {self.text}"


def answer_to(question: Question, index: PassageIndex, findings: tuple[Claim, ...]) -> Answer:
    """The sentences that answer a question: those of the best passages, then findings that speak of it."""
    best: dict[tuple[str, int, str], tuple[float, Claim]] = {}
    tabled: list[Claim] = []
    for passage, share in _candidates(question, index):
        sentence = _stating(passage, question)
        if sentence is None or not _is_about(question, passage, sentence):
            continue
        value = _quality(passage) * (share + _EACH_WORD * len(question.stems & telling_stems(sentence.text)))
        claim = _claim(passage, sentence, share * _quality(passage))
        if passage.is_row:
            tabled.append(claim)
        best[passage.path, sentence.line, sentence.text] = (value, claim)
    ranked = sorted(best.values(), key=lambda each: (-round(each[0], 4), str(each[1].sources[0]), each[1].text))
    documented = [claim for _, claim in ranked]
    if any(_is_documented(claim) for claim in documented):
        documented = [claim for claim in documented if _is_documented(claim)]
    sentences = [claim for claim in documented if claim.text not in {row.text for row in tabled}]
    named = [*(sentences or documented)[:_MOST_CLAIMS], *(tabled[:_MOST_ROWS] if question.takes_rows else ())]
    found = {claim.text: claim for claim in (*named, *_earlier(question, findings))}
    return Answer(question, tuple(found.values()))


def open_questions(index: PassageIndex) -> tuple[OpenQuestion, ...]:
    """What the documents themselves say is not decided or not known, as it stands there."""
    return tuple(each for passage in index.passages if passage.is_document for each in _open_in(passage))


def comparable(answers: tuple[Answer, ...], index: PassageIndex, findings: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """What is set against each other: whole passages that touch a question, and the earlier findings."""
    touched: dict[tuple[str, int, str], Claim] = {}
    for answer in answers:
        for words in answer.question.searches:
            for hit in index.hits(words, most=20):
                for each in hit.passage.sentences if hit.share >= RELEVANCE_THRESHOLD / 2 else ():
                    touched[hit.passage.path, each.line, each.text] = _claim(hit.passage, each, 0.75)
    documented = [touched[place] for place in sorted(touched)]
    return tuple({claim.text: claim for claim in (*documented, *findings)}.values())


def _candidates(question: Question, index: PassageIndex) -> Iterator[tuple[Passage, float]]:
    """Passages with the best share that any search gives them, a little more for each further search that does."""
    shares: dict[Passage, list[float]] = {}
    for words in question.searches:
        for hit in index.hits(words, most=12):
            if _is_answer(question, words, hit):
                shares.setdefault(hit.passage, []).append(hit.share)
    for passage in index.under(question.under):
        shares.setdefault(passage, []).append(_UNDER_SHARE)
    for passage, found in shares.items():
        yield passage, max(found) + _EACH_SEARCH * (len(found) - 1)


def _is_answer(question: Question, words: tuple[str, ...], hit: Hit) -> bool:
    """Whether a hit has enough of a search's words, by weight and, where it has several, by number."""
    least = _FULL_THRESHOLD if question.is_known else RELEVANCE_THRESHOLD
    return hit.share >= least and len(hit.words) >= min(2, len(words))


def _is_about(question: Question, passage: Passage, sentence: Sentence) -> bool:
    """Whether a sentence has more in common with a question than chance gives it.

    A question of the catalogue is asked of every project, in few and common words, some of its searches in one or two:
    what answers it has three of all of its words, or stands under one of its headings.
    """
    if not question.is_known or _stands_under(passage, question):
        return True
    own = question.stems | telling_stems(question.text)
    return len(own & telling_stems(f"{passage.heading} {sentence.text}")) >= _LEAST_COMMON


def _stands_under(passage: Passage, question: Question) -> bool:
    heading = telling_stems(passage.nearest_heading)
    return any(words <= heading for words in map(telling_stems, question.under) if words)


def _stating(passage: Passage, question: Question) -> Sentence | None:
    """The sentence of a passage that has most of the question's words, the first of several.

    Labels, dates, questions, fragments and introductions ("Undecided:") state nothing and are no answer.
    """
    if is_open(passage):
        return None
    stating = [each for each in passage.sentences if passage.is_row or not _is_idle(each.text)]
    if not passage.is_row:
        stating = [each for each in stating if len(each.text.split()) >= _LEAST_WORDS]
    if not stating:
        return None
    return max(stating, key=lambda each: (len(question.stems & telling_stems(each.text)), -each.line))


def _is_idle(text: str) -> bool:
    """Whether a sentence states nothing, or nothing but that something is open."""
    return bool(NO_STATEMENT.search(text) or _OPEN_STATEMENT.search(text))


def _quality(passage: Passage) -> float:
    if not passage.is_document:
        return _DOCSTRING_QUALITY
    if passage.is_row or _DEFINITION.match(passage.sentences[0].quote):
        return _ROW_QUALITY
    return 1.0


def _claim(passage: Passage, sentence: Sentence, value: float) -> Claim:
    source = Source(path=passage.path, line=sentence.line, quote=clipped(sentence.quote, _LONGEST_QUOTE))
    return Claim(
        text=clipped(sentence.text, _LONGEST_QUOTE),
        sources=(source,),
        confidence=round(0.5 + 0.4 * min(1.0, value), 2),
    )


def _is_documented(claim: Claim) -> bool:
    return not claim.sources[0].path.endswith(".py")


def _earlier(question: Question, findings: tuple[Claim, ...]) -> list[Claim]:
    """The earlier findings that have at least half of the words of one of a question's searches."""
    wanted = [telling_stems(" ".join(words)) or question.stems for words in question.searches]

    def share(claim: Claim) -> float:
        stems = telling_stems(claim.text)
        return max((len(words & stems) / len(words) for words in wanted if len(words & stems) > 1), default=0.0)

    least = _FULL_THRESHOLD if question.is_known else RELEVANCE_THRESHOLD
    found = [(share(claim), claim) for claim in findings]
    return [claim for part, claim in sorted(found, key=lambda each: -each[0]) if part >= least][:_MOST_CLAIMS]


def is_open(passage: Passage) -> bool:
    """Whether a passage of a document is about something that is not decided or not known."""
    heading = passage.nearest_heading
    is_under = bool(_OPEN_HEADING.search(heading)) and not _NEGATED.search(heading)
    return passage.is_document and (is_under or bool(_OPEN_START.match(passage.sentences[0].text)))


def _open_in(passage: Passage) -> Iterator[OpenQuestion]:
    """What a passage leaves open: the first question of one that is open, or else its first sentence.

    Of any other, the first sentence that says of something that it is not decided or not known.
    """
    if passage.is_row:
        return
    if is_open(passage):
        asked = [each for each in passage.sentences if each.text.endswith("?")]
        told = asked or [each for each in passage.sentences if not each.text.endswith(":")]
    else:
        told = [each for each in passage.sentences if _OPEN_STATEMENT.search(each.text)]
    for each in told[:1]:
        text = _OPEN_START.sub("", each.text).strip()
        yield OpenQuestion(
            clipped(text, 180), f"{passage.path}:{each.line}", telling_stems(passage.text), is_open(passage)
        )
