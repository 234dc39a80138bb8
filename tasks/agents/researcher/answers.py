"""Answers: the sentences of a project's documents, and earlier findings, that answer a question.

Whole sentences of documents come first, then rows of tables, then docstrings where no document answers. What is asked
is no answer; the questions that documents themselves leave open are gaps.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from prefect_harmonic.planners.evidence import Claim, Source
from prefect_harmonic.planners.words import telling_stems
from prefect_harmonic.tasks.agents.researcher.documents import Passage, Sentence
from prefect_harmonic.tasks.agents.researcher.questions import Question
from prefect_harmonic.tasks.agents.researcher.search import Hit, PassageIndex
from prefect_harmonic.tasks.agents.researcher.signs import Signs
from prefect_harmonic.tasks.agents.researcher.support import ENOUGH, Around, Marks, marks_of
from prefect_harmonic.tasks.agents.wording import clipped

RELEVANCE_THRESHOLD = 0.5
"""Least share of a question's weight that a passage must carry to count as an answer."""

_MOST_CLAIMS = 3
_MOST_ROWS = 12
_MOST_TOUCHED = 20
_LONGEST_QUOTE = 400
_ROW_QUALITY, _DOCSTRING_QUALITY = 0.6, 0.4
_LEAST_WORDS = 5
_UNDER_SHARE = 0.6
_EACH_SEARCH, _EACH_WORD, _EACH_MARK = 0.15, 0.06, 0.25
_BESIDE_BEST = 2
"""Marks by which an answer may fall behind the best one and still be told beside it."""

POSSIBLE = 0.4
"""Confidence of what may answer a question and may as well answer another."""

_MOST_POSSIBLE = 2
NO_STATEMENT = re.compile(
    r"^(?:\*\*)?(?:Date|Status|Author|Written|Last reviewed|Severity|Collected|Documents are|This is a list)\b"
    r"|[:?]$|^\S+(?:\s+\S+){0,3}$"
    r"|^(?:\[[^\]]+\]\([^)]*\)|`[^`]+ <[^>]+>`_+)\W*(?:\([^)]*\)\W*)?$"
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


_Told = tuple[Passage, Sentence, float]
"""A sentence that may answer a question, the passage it stands in, and how much speaks for it."""

_Marked = tuple[Passage, Sentence, Marks]
"""The same with the marks of an answer that it has."""

_kept: WeakKeyDictionary[PassageIndex, dict[Question, tuple[_Marked, ...]]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Answer:
    """A question with the claims that answer it; without any it is open.

    `possible` holds what may answer it and has one mark only; there is none where something answers.
    """

    question: Question
    claims: tuple[Claim, ...] = ()
    possible: tuple[Claim, ...] = ()


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
    """The sentences that answer a question: those of the best passages, then findings that speak of it.

    A question of the catalogue is answered by what has two marks of an answer; where nothing has, what has one is told
    as possible.
    """
    if question.signs is None:
        told = _named(question, _told_by_words(question, index))
        return Answer(question, _joined(told, _spoken_of(question, findings)))
    marked = _told_by_signs(question, index)
    surest = max((marks.count for _, _, marks in marked), default=0)
    best = [one for one in marked if one[2].count >= max(ENOUGH, surest - _BESIDE_BEST)]
    signed = [(question.signs.count(claim.text), claim) for claim in findings]
    answered = [claim for count, claim in signed if count >= ENOUGH][:_MOST_CLAIMS]
    claims = _joined(_named(question, _shared(best)), answered)
    if claims:
        return Answer(question, claims)
    possible = _joined(_named(question, _shared(marked)), [claim for count, claim in signed if count][:_MOST_CLAIMS])
    return Answer(question, possible=tuple(_doubted(claim) for claim in possible[:_MOST_POSSIBLE]))


def _shared(marked: Sequence[_Marked]) -> Iterator[_Told]:
    """Sentences with how much speaks for each instead of its marks."""
    for passage, sentence, marks in marked:
        yield passage, sentence, _EACH_MARK * marks.count


def _named(question: Question, told: Iterable[_Told]) -> list[Claim]:
    """The best of some sentences as claims: whole sentences, then rows, and docstrings where no document answers."""
    best: dict[tuple[str, int, str], tuple[float, Claim]] = {}
    tabled: list[Claim] = []
    stems = question.stems
    for passage, sentence, share in told:
        value = _quality(passage) * (share + _EACH_WORD * len(stems & telling_stems(sentence.text)))
        claim = _claim(passage, sentence, share * _quality(passage))
        if passage.is_row:
            tabled.append(claim)
        best[passage.path, sentence.line, sentence.text] = (value, claim)
    ranked = sorted(best.values(), key=lambda each: (-round(each[0], 4), str(each[1].sources[0]), each[1].text))
    documented = [claim for _, claim in ranked]
    if any(_is_documented(claim) for claim in documented):
        documented = [claim for claim in documented if _is_documented(claim)]
    sentences = [claim for claim in documented if claim.text not in {row.text for row in tabled}]
    return [*(sentences or documented)[:_MOST_CLAIMS], *(tabled[:_MOST_ROWS] if question.takes_rows else ())]


def _joined(documented: Iterable[Claim], earlier: Iterable[Claim]) -> tuple[Claim, ...]:
    return tuple({claim.text: claim for claim in (*documented, *earlier)}.values())


def _doubted(claim: Claim) -> Claim:
    """A claim that may answer something else: no surer than a guess, however sure it was before."""
    return claim.model_copy(update={"confidence": min(claim.confidence, POSSIBLE)})


def open_questions(index: PassageIndex) -> tuple[OpenQuestion, ...]:
    """What the documents themselves say is not decided or not known, as it stands there."""
    return tuple(each for passage in index.passages if passage.is_document for each in _open_in(passage))


def comparable(answers: tuple[Answer, ...], index: PassageIndex, findings: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """What is set against each other: whole passages that touch a question, and the earlier findings."""
    touched: dict[tuple[str, int, str], Claim] = {}
    for answer in answers:
        hits = [hit for words in answer.question.searches for hit in index.hits(words, most=_MOST_TOUCHED)]
        passages = [hit.passage for hit in hits if hit.share >= RELEVANCE_THRESHOLD / 2]
        told = sorted(_told_by_signs(answer.question, index), key=lambda each: -each[2].count)
        for passage in (*passages, *dict.fromkeys(passage for passage, _, _ in told[:_MOST_TOUCHED])):
            for each in passage.sentences:
                touched[passage.path, each.line, each.text] = _claim(passage, each, 0.75)
    documented = [touched[place] for place in sorted(touched)]
    return tuple({claim.text: claim for claim in (*documented, *findings)}.values())


def _told_by_signs(question: Question, index: PassageIndex) -> tuple[_Marked, ...]:
    """The sentences that have marks of an answer, with them. Kept as long as the index: many artifacts ask the same."""
    if question.signs is None:
        return ()
    kept = _kept.setdefault(index, {})
    if question not in kept:
        kept[question] = tuple(_marked(question, question.signs, index))
    return kept[question]


def _marked(question: Question, signs: Signs, index: PassageIndex) -> Iterator[_Marked]:
    """Every sentence is looked at, which takes a second for a hundred thousand."""
    stated = [
        (passage, sentence, signs.count(sentence.text))
        for passage in index.passages
        if not is_open(passage) and (question.takes_rows or not passage.is_row)
        for sentence in passage.sentences
        if (passage.is_row or _is_stating(sentence)) and signs.may_answer(sentence.text)
    ]
    around = Around()
    for passage, _, count in stated:
        around.add(passage, is_signed=bool(count))
    for passage, sentence, count in stated:
        marks = marks_of(sentence, passage, question, count, around)
        if marks.count:
            yield passage, sentence, marks


def _told_by_words(question: Question, index: PassageIndex) -> tuple[_Told, ...]:
    """The best sentence of each passage that has enough of a question's words."""
    told: list[_Told] = []
    for passage, share in _candidates(question, index):
        sentence = _stating(passage, question)
        if sentence is not None:
            told.append((passage, sentence, share))
    return tuple(told)


def _candidates(question: Question, index: PassageIndex) -> Iterator[tuple[Passage, float]]:
    """Passages with the best share that any search gives them, a little more for each further search that does."""
    shares: dict[Passage, list[float]] = {}
    for words in question.searches:
        for hit in index.hits(words, most=12):
            if _is_answer(words, hit):
                shares.setdefault(hit.passage, []).append(hit.share)
    for passage in index.under(question.under):
        shares.setdefault(passage, []).append(_UNDER_SHARE)
    for passage, found in shares.items():
        yield passage, max(found) + _EACH_SEARCH * (len(found) - 1)


def _is_answer(words: tuple[str, ...], hit: Hit) -> bool:
    """Whether a hit has enough of a search's words, by weight and, where it has several, by number."""
    return hit.share >= RELEVANCE_THRESHOLD and len(hit.words) >= min(2, len(words))


def _stating(passage: Passage, question: Question) -> Sentence | None:
    """The sentence of a passage that has most of the question's words, the first of several.

    Labels, dates, questions, fragments and introductions ("Undecided:") state nothing and are no answer.
    """
    if is_open(passage):
        return None
    stating = [each for each in passage.sentences if passage.is_row or _is_stating(each)]
    if not stating:
        return None
    stems = question.stems
    return max(stating, key=lambda each: (len(stems & telling_stems(each.text)), -each.line))


def _is_stating(sentence: Sentence) -> bool:
    return not _is_idle(sentence.text) and len(sentence.text.split()) >= _LEAST_WORDS


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


def _spoken_of(question: Question, findings: tuple[Claim, ...]) -> list[Claim]:
    """The earlier findings that have at least half of the words of one of a question's searches."""
    wanted = [telling_stems(" ".join(words)) or question.stems for words in question.searches]

    def share(claim: Claim) -> float:
        stems = telling_stems(claim.text)
        return max((len(words & stems) / len(words) for words in wanted if len(words & stems) > 1), default=0.0)

    found = [(share(claim), claim) for claim in findings]
    return [claim for part, claim in sorted(found, key=lambda each: -each[0]) if part >= RELEVANCE_THRESHOLD][
        :_MOST_CLAIMS
    ]


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
