"""The tool that searches the project's documents."""

import asyncio
from pathlib import Path

from prefect_harmonic.planners.words import stem, telling_stems, words_of
from prefect_harmonic.tasks.agents.modelled.observation import Line, Observation
from prefect_harmonic.tasks.agents.researcher.search import index_of

_MOST_PASSAGES = 8


class DocumentSearch:
    """Searches the prose of one project: documents and docstrings.

    Args:
        root: The project's folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    async def search_documents(self, query: str) -> Observation:
        """Shows the passages of the project's documents that have most of some words.

        Args:
            query: A few telling words. Other wordings find other passages.
        """
        telling = telling_stems(query)
        words = [word for word in words_of(query) if stem(word) in telling]
        index = await asyncio.to_thread(index_of, self.root)
        hits = await asyncio.to_thread(index.hits, words[:16], _MOST_PASSAGES)
        lines = tuple(
            Line(path=hit.passage.path, number=sentence.line, text=sentence.quote)
            for hit in hits
            for sentence in hit.passage.sentences
        )
        return Observation(lines=lines, note="" if lines else f"No document of {index.documents} has these words.")
