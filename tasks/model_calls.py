"""The calls of specialists with a model as task runs: each request and each call of a tool one, none made twice.

Answers are kept as plain JSON among the workspace's books, each under a key made of all that decides it: the artifact's
own key and the question. A run that was killed and goes on finds there what was answered already.
"""

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from prefect import Task, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.context import TaskRunContext
from prefect.states import Failed
from pydantic import JsonValue

from prefect_harmonic.errors import HarmonicError, WorkspaceError
from prefect_harmonic.planners.dispatch import ArtifactState
from prefect_harmonic.tasks.agents.modelled.calls import CallKind, Work, current_caller
from prefect_harmonic.tasks.calling import completed, final_state, quoted, taken
from prefect_harmonic.tasks.ledger import digest
from prefect_harmonic.tasks.production import Production
from prefect_harmonic.tasks.workspace import LEDGER_FOLDER, Workspace

VERSION = 1
_CALLED = f"{LEDGER_FOLDER}/called"
_KEPT = ArtifactState.KEPT.value.capitalize()


@dataclass(frozen=True, slots=True)
class KeptAnswers:
    """The answers of one piece of work, one JSON file each.

    Attributes:
        workspace: Where they are kept.
        scope: What they are answers for; the same question for something else is another one.
    """

    workspace: Workspace
    scope: str

    def answer(self, key: str) -> tuple[JsonValue] | None:
        """The answer under a key; nothing if there is none or it cannot be read, so that it is asked again."""
        try:
            document = json.loads((self.workspace.root / self._path(key)).read_bytes())
            return (document["answer"],) if document["version"] == VERSION else None
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None

    def keep(self, key: str, name: str, answer: JsonValue) -> None:
        """Writes an answer. Raises `WorkspaceError`."""
        document = {"version": VERSION, "name": name, "answer": answer}
        self.workspace.write_own(self._path(key), json.dumps(document, ensure_ascii=False, indent=1) + "\n")

    def forget(self, key: str) -> None:
        """Takes an answer away, if there is one."""
        with suppress(OSError, WorkspaceError):
            self.workspace.own_path(self._path(key)).unlink()

    def _path(self, key: str) -> str:
        return f"{_CALLED}/{digest([self.scope, key])}.json"


@dataclass(slots=True)
class Call:
    """One call to be made, and how it failed if it did."""

    kept: KeptAnswers
    key: str
    work: Work
    failure: HarmonicError | None = None


async def _called(name: str, call: Call) -> State[JsonValue]:
    kept = call.kept.answer(call.key)
    if kept is not None:
        return completed(kept[0], name=_KEPT, message="answered before")
    try:
        answer = await call.work()
    except HarmonicError as error:
        call.failure = error
        return Failed(message=str(error))
    call.kept.keep(call.key, name, answer)
    return completed(answer)


@task(name=CallKind.MODEL.value, task_run_name="{name}", persist_result=False, cache_policy=NO_CACHE)
async def ask_model(name: str, call: Call) -> State[JsonValue]:
    """One request to a model, unless it was answered before. The answer is plain JSON."""
    return await _called(name, call)


@task(name=CallKind.TOOL.value, task_run_name="{name}", persist_result=False, cache_policy=NO_CACHE)
async def call_tool(name: str, call: Call) -> State[JsonValue]:
    """One call of a tool, unless it was answered before. The answer is plain JSON."""
    return await _called(name, call)


_TASKS: dict[CallKind, Task[..., Any]] = {CallKind.MODEL: ask_model, CallKind.TOOL: call_tool}


@dataclass(frozen=True, slots=True)
class TaskCaller:
    """Carries out each call as a task run and keeps its answer."""

    kept: KeptAnswers

    async def call(self, kind: CallKind, name: str, key: str, work: Work) -> JsonValue:
        """What the call answers, or answered before. Raises what the work does."""
        call = Call(self.kept, key, work)
        state = await final_state(_TASKS[kind], name, quoted(call))
        if call.failure is not None:
            raise call.failure
        if not state.is_completed():
            await state.aresult()  # raises what it failed with
        answer: JsonValue = taken(state)
        return answer

    def forget(self, keys: Collection[str]) -> None:
        """Has calls made again that were answered under these keys."""
        for key in keys:
            self.kept.forget(key)


@contextmanager
def calling_as_tasks(production: Production, artifact: str) -> Iterator[None]:
    """Has the calls for one artifact be task runs, if this is within one; asked for again, they are made again."""
    if TaskRunContext.get() is None:
        yield
        return
    key = production.key(artifact)
    earlier = production.ledger.entry(key) if artifact in production.again else None
    scope = f"{key} {earlier.finished}" if earlier else key
    token = current_caller.set(TaskCaller(KeptAnswers(production.workspace, scope)))
    try:
        yield
    finally:
        current_caller.reset(token)
