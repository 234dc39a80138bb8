"""Full-text search over entities: all words must occur, those in the title count for more."""

from pydantic import BaseModel, ConfigDict
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from prefect_harmonic.planners.knowledge.entities import search_words
from prefect_harmonic.planners.knowledge.refusal import refused

_EXCERPT = 200
_MOST = 1_000

_SQLITE = text("""
    SELECT entity.id, entity.type, entity.status, entity.title, entity.content
    FROM kb_entity_search JOIN kb_entity AS entity ON entity.number = kb_entity_search.rowid
    WHERE kb_entity_search MATCH :query
    ORDER BY bm25(kb_entity_search, 4.0, 1.0), entity.number LIMIT :most
""")
_POSTGRESQL = text("""
    SELECT id, type, status, title, content
    FROM kb_entity
    WHERE search @@ plainto_tsquery('simple', :query)
    ORDER BY ts_rank_cd(search, plainto_tsquery('simple', :query)) DESC, number LIMIT :most
""")


class Found(BaseModel):
    """An entity that was found."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    type: str
    status: str | None
    title: str
    excerpt: str


async def entities_found(session: AsyncSession, query: str, most: int) -> tuple[Found, ...]:
    """The entities that hold all words of a query in one form or another, the best first.

    What stands in the query are words and never operators, whatever they look like.
    """
    if not 1 <= most <= _MOST:
        raise refused("limit", most, f"give 1 to {_MOST}")
    words = search_words(query).split()
    if not words:
        return ()
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    asked = " ".join(f'"{word}"' for word in words) if is_sqlite else " ".join(words)
    rows = await session.execute(_SQLITE if is_sqlite else _POSTGRESQL, {"query": asked, "most": most})
    return tuple(
        Found(id=row.id, type=row.type, status=row.status, title=row.title, excerpt=_excerpt(row.content))
        for row in rows
    )


def _excerpt(content: str) -> str:
    line = " ".join(content.split())
    return line if len(line) <= _EXCERPT else f"{line[: _EXCERPT - 1]}…"
