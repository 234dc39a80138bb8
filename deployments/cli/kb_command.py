"""`harmonic kb`: the knowledge base for scripts. Positional arguments in, JSON out, a refusal in one line on stderr."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click
from pydantic import BaseModel, JsonValue

from prefect_harmonic.deployments.cli.console import print_json

if TYPE_CHECKING:
    from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase

Result = TypeVar("Result")

# Contents and titles may begin with a dash, as Markdown lists do; what is no option of ours is taken as it stands.
_VERB = {"ignore_unknown_options": True, "help_option_names": ["--help"]}


def _json_object(text: str) -> dict[str, JsonValue]:
    """The JSON object that an argument holds; an empty text is an empty object."""
    try:
        read = json.loads(text or "{}")
    except (ValueError, RecursionError) as error:
        raise click.BadParameter(f"no JSON: {error}") from None
    if not isinstance(read, dict):
        raise click.BadParameter('no JSON object, such as {"type": "plan"}')
    return read


def _asked(ask: Callable[["KnowledgeBase"], Awaitable[Result]]) -> Result:
    """Asks the knowledge base that the environment names."""
    from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase
    from prefect_harmonic.tasks.knowledge_address import knowledge_address

    async def answer() -> Result:
        async with KnowledgeBase(knowledge_address()) as kb:
            return await ask(kb)

    return asyncio.run(answer())


def _print(answer: object) -> None:
    """The answer as JSON on stdout; the same text for the same answer."""
    print_json(_plain(answer))


def _plain(answer: object) -> object:
    if isinstance(answer, BaseModel):
        return answer.model_dump(mode="json")
    if isinstance(answer, tuple | list):
        return [_plain(each) for each in answer]
    return answer


@click.group("kb")
def kb() -> None:
    """The knowledge base: what was found out, decided and spent.

    The database is HARMONIC_DATABASE_URL, or harmonic.db under Prefect's home. Put -- before an argument that would be
    read as an option.
    """


@kb.command(context_settings=_VERB)
@click.argument("title")
@click.argument("content", default="")
@click.argument("metadata", type=_json_object, default="{}")
def add(title: str, content: str, metadata: dict[str, JsonValue]) -> None:
    """Adds an entity and prints its id."""
    _print({"id": _asked(lambda kb: kb.add(title, content, metadata)).id})


@kb.command(context_settings=_VERB)
@click.argument("entity", metavar="ID")
def get(entity: str) -> None:
    """Prints an entity, or a task, whole."""
    _print(_asked(lambda kb: _entity_or_task(kb, entity)))


async def _entity_or_task(kb: "KnowledgeBase", entity: str) -> BaseModel:
    from prefect_harmonic.errors import UnknownRecordError

    try:
        return await kb.get(entity)
    except UnknownRecordError as unknown:
        try:
            return await kb.task(entity)
        except UnknownRecordError:
            raise unknown from None


@kb.command(context_settings=_VERB)
@click.argument("entity", metavar="ID")
@click.argument("title", default="")
@click.argument("content", default="")
@click.argument("metadata", type=_json_object, default="{}")
def update(entity: str, title: str, content: str, metadata: dict[str, JsonValue]) -> None:
    """Changes an entity or a task: an empty text leaves what is there, metadata is merged."""
    _print(_asked(lambda kb: _updated(kb, entity, title, content, metadata)))


async def _updated(
    kb: "KnowledgeBase", entity: str, title: str, content: str, metadata: dict[str, JsonValue]
) -> BaseModel:
    if isinstance(await _entity_or_task(kb, entity), _entity_type()):
        return await kb.update(entity, title, content, metadata)
    status = metadata.get("status")
    others = {key: value for key, value in metadata.items() if key != "status"}
    told = None if status is None else str(status)
    return await kb.update_task(entity, status=told, title=title, instruction=content, metadata=others)


def _entity_type() -> type[BaseModel]:
    from prefect_harmonic.planners.knowledge.entity import Entity

    return Entity


@kb.command(context_settings=_VERB)
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.argument("link_type", metavar="TYPE")
def link(source: str, target: str, link_type: str) -> None:
    """Links two entities: decomposes_to, blocks, informs, enables, unblocks, requires or spawned."""
    _print(_asked(lambda kb: kb.link(source, target, link_type)))


@kb.command(context_settings=_VERB)
@click.argument("entity", metavar="ID")
@click.argument("direction", type=click.Choice(["from", "to"]), required=False)
def links(entity: str, direction: Any) -> None:  # click has checked it
    """Prints what an entity is linked with, in the order of the work."""
    _print(_asked(lambda kb: kb.links(entity, direction)))


@kb.command("add-task", context_settings=_VERB)
@click.argument("title")
@click.argument("instruction")
@click.argument("entity")
@click.argument("metadata", type=_json_object, default="{}")
def add_task(title: str, instruction: str, entity: str, metadata: dict[str, JsonValue]) -> None:
    """Adds a pending task for an entity and prints its id."""
    _print({"id": _asked(lambda kb: kb.add_task(title, instruction, entity, metadata)).id})


@kb.command(context_settings=_VERB)
@click.argument("status", required=False)
def tasks(status: str | None) -> None:
    """Prints the tasks of a status, or all, oldest first."""
    _print(_asked(lambda kb: kb.tasks(status)))


@kb.command(context_settings=_VERB)
@click.argument("entity", metavar="ID")
def export(entity: str) -> None:
    """Prints an entity as Markdown, with all that is known about it."""
    click.echo(_asked(lambda kb: kb.export(entity)), nl=False)


@kb.command("add-eval", context_settings=_VERB)
@click.argument("entity")
@click.argument("max_iterations", type=int, default=5)
@click.argument("criteria", type=_json_object, default="{}")
def add_eval(entity: str, max_iterations: int, criteria: dict[str, JsonValue]) -> None:
    """Starts to evaluate an entity and prints the id of the evaluation."""
    record = _asked(lambda kb: kb.add_evaluation(entity, max_iterations, criteria))
    _print({"eval_id": record.eval_id})


@kb.command("update-eval", context_settings=_VERB)
@click.argument("evaluation", metavar="EVAL")
@click.argument("values", metavar="JSON", type=_json_object)
def update_eval(evaluation: str, values: dict[str, JsonValue]) -> None:
    """Adds an iteration to an evaluation, or more about the last one."""
    _print(_asked(lambda kb: kb.update_evaluation(evaluation, values)))


@kb.command(context_settings=_VERB)
@click.argument("evaluation", metavar="EVAL")
def converged(evaluation: str) -> None:
    """Prints whether an evaluation converged, plateaued, is exhausted, or goes on, and why."""
    _print(_asked(lambda kb: kb.convergence(evaluation)))


@kb.command(context_settings=_VERB)
@click.argument("parent")
@click.argument("title")
@click.argument("content")
@click.argument("agent")
def spawn(parent: str, title: str, content: str, agent: str) -> None:
    """Adds a part to an entity for an agent, within the budget of its tree, and prints its id."""
    child = _asked(lambda kb: kb.spawn(parent, title, content, agent))
    _print({"id": child.id, "depth": child.depth})


@kb.command(context_settings=_VERB)
@click.argument("entity", metavar="ID")
def budget(entity: str) -> None:
    """Prints what an entity may still spawn."""
    _print(_asked(lambda kb: kb.budget(entity)))


@kb.command(context_settings=_VERB)
@click.argument("entity", metavar="ID")
def context(entity: str) -> None:
    """Prints what an agent is told when it starts on an entity."""
    _print(_asked(lambda kb: kb.context(entity)))


@kb.command(context_settings=_VERB)
@click.argument("entity", metavar="ID")
def reflect(entity: str) -> None:
    """Prints what is claimed below an entity without source, weakly or against itself."""
    _print(_asked(lambda kb: kb.reflect(entity)))
