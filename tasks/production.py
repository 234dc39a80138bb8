"""Making the artifacts of one plan: who makes each, from what, under which key, and what has come of it so far.

Owns the state of a run in this process. Knows no engine: the Prefect task in `prefect_harmonic.tasks.artifacts` and
tests call it alike.
"""

import asyncio
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from inspect import isawaitable
from time import monotonic

from prefect_harmonic.errors import AgentError, CalledOffError
from prefect_harmonic.planners.agent_choice import AgentChoice, chosen_agent
from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.gate.files import normalised, writers
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.tasks.agents.registry import AgentRegistry, Specialist
from prefect_harmonic.tasks.ledger import Entry, Ledger, artifact_key
from prefect_harmonic.tasks.metering import Meter, Unmetered
from prefect_harmonic.tasks.run_log import RunLog
from prefect_harmonic.tasks.workspace import Workspace


@dataclass(kw_only=True)
class Production:
    """One run of a plan in a workspace.

    Attributes:
        graph: What is to be made.
        agents: Who can make it.
        workspace: Where it is written.
        log: Where events go; its clock is the run's.
        project: Root of the project it is about, if there is one.
        project_digest: Changes when any file of the project does.
        seed: Seed for whatever is drawn at random.
        entries: What is there so far.
        again: What is made again although it is there, because somebody asked for it, with when that was finished.
        meter: Is told of the work, and may refuse it.
        called_off: What is not wanted any more, with why; whoever was at it has stopped.
    """

    graph: ArtifactGraph
    agents: AgentRegistry
    workspace: Workspace
    log: RunLog
    project: str | None = None
    project_digest: str = ""
    seed: int = 0
    entries: dict[str, Entry] = field(default_factory=dict)
    again: dict[str, str] = field(default_factory=dict)
    meter: Meter = field(default_factory=Unmetered)
    called_off: dict[str, str] = field(default_factory=dict)
    _keys: dict[str, str] = field(default_factory=dict, repr=False)
    _at_work: "dict[str, asyncio.Task[object]]" = field(default_factory=dict, repr=False)

    def under(self, graph: ArtifactGraph, kept: Collection[str]) -> "Production":
        """The same production under a changed plan.

        Args:
            graph: The plan as it is now.
            kept: Ids of what is there and stays; whatever else there was is made again or dropped.

        Raises:
            UnknownAgentError: The plan names an agent that is not registered.
        """
        entries = {name: entry for name, entry in self.entries.items() if name in kept}
        changed = replace(self, graph=graph, entries=entries, _keys={})
        _ = changed.choices
        return changed

    @cached_property
    def ledger(self) -> Ledger:
        """The books of the workspace."""
        return Ledger(self.workspace)

    @cached_property
    def choices(self) -> Mapping[str, AgentChoice]:
        """Who makes each artifact, and why.

        Raises:
            UnknownAgentError: The plan names an agent that is not registered.
        """
        expertise = {name: specialist.expertise for name, specialist in self.agents.items()}
        choices = {name: chosen_agent(artifact, expertise) for name, artifact in self.graph.artifacts.items()}
        for choice in choices.values():
            _ = self.agents[choice.agent]
        return choices

    @cached_property
    def _owners(self) -> Mapping[str, tuple[str, ...]]:
        return writers(self.graph.artifacts.values())

    def forget(self, artifacts: Collection[str], project_digest: str) -> None:
        """Has artifacts made from the project's files as they are now; nothing of them may be running."""
        self.project_digest = project_digest
        for artifact in artifacts:
            self.entries.pop(artifact, None)
            self._keys.pop(artifact, None)

    def specialist(self, artifact: str) -> Specialist:
        """Who makes an artifact."""
        return self.agents[self.choices[artifact].agent]

    def key(self, artifact: str) -> str:
        """The key of an artifact whose requirements are all there."""
        if artifact not in self._keys:
            self._keys[artifact] = self._computed_key(artifact)
        return self._keys[artifact]

    def _computed_key(self, artifact: str) -> str:
        specialist = self.specialist(artifact)
        inputs = {required: self.entries[required] for required in self.graph.requirements_of(artifact)}
        return artifact_key(
            self.graph.artifacts[artifact],
            agent=specialist.name,
            agent_version=specialist.version,
            goal=self.graph.goal,
            requirements=self.graph.requirements,
            seed=self.seed,
            project=self.project_digest if specialist.is_reading_project else "",
            inputs={required: (entry.key, entry.output) for required, entry in inputs.items()},
        )

    def keep(self, artifact: str) -> Entry | None:
        """What an earlier run made of an artifact, if that still holds; its missing files are written again."""
        entry = self.ledger.entry(self.key(artifact))
        if entry is not None and entry.finished == self.again.get(artifact):
            entry = None
        if entry is not None:
            self.ledger.restore(entry)
            self.entries[artifact] = entry
        return entry

    async def make(self, artifact: str) -> Entry:
        """Has an artifact made, writes its files and enters it into the books.

        Raises:
            AgentError: What the specialist gave is not what was asked for.
            BudgetSpentError: The run may not spend any more.
            WorkspaceError: A file cannot be written.
        """
        key, agent = self.key(artifact), self.choices[artifact].agent
        await self.meter.begin(artifact, key, agent)
        try:
            entry = await self._made(artifact, key)
        except asyncio.CancelledError:
            if artifact in self.called_off:
                await self.meter.fail(artifact, key, self.called_off[artifact])
            raise  # else the run was interrupted, and whoever carries it on finds the work begun
        except BaseException as error:
            reason = self.called_off.get(artifact) or str(error) or type(error).__name__
            await self.meter.fail(artifact, key, reason)
            raise
        self.entries[artifact] = entry
        self.again.pop(artifact, None)
        await self.meter.end(artifact, entry)
        return entry

    def call_off(self, artifact: str, reason: str) -> None:
        """Ends the work on an artifact that is not wanted any more, whether it has begun or not."""
        self.called_off[artifact] = reason
        if artifact in self._at_work:
            self._at_work[artifact].cancel(reason)

    @contextmanager
    def at_work(self, artifact: str) -> Iterator[None]:
        """Marks that this task works on an artifact, so that it can be called off.

        Raises:
            CalledOffError: It was called off, before or within. The task itself goes on.
        """
        task = asyncio.current_task()
        if artifact in self.called_off:
            raise CalledOffError(artifact, self.called_off[artifact])
        assert task is not None  # noqa: S101 - a coroutine that runs is a task's
        self._at_work[artifact] = task
        try:
            yield
        except asyncio.CancelledError:
            if artifact not in self.called_off:  # it is the run that ends
                raise
            task.uncancel()
            raise CalledOffError(artifact, self.called_off[artifact]) from None
        finally:
            del self._at_work[artifact]

    async def _made(self, artifact: str, key: str) -> Entry:
        specialist = self.specialist(artifact)
        started, watch = self.log.clock(), monotonic()
        evidence = self._accepted(artifact, await self._found(artifact, specialist))
        for file in evidence.files:
            self.workspace.write(file.path, file.content)
        entry = Entry(
            key=key,
            evidence=evidence,
            started=started.isoformat(),
            finished=self._now().isoformat(),
            seconds=max(0.0, monotonic() - watch),
        )
        self.ledger.record(entry)
        return entry

    async def _found(self, artifact: str, specialist: Specialist) -> Evidence:
        """What a specialist gives. One that exits or cancels itself has failed, and takes nobody else along."""
        task = asyncio.current_task()
        try:
            called: object = specialist.call(self.assignment(artifact))
            if not isawaitable(called):
                raise AgentError(specialist.name, artifact, "it is not asynchronous; make it an async function")
            found: object = await called
        except asyncio.CancelledError:
            if task is not None and task.cancelling():  # it was us who called it off
                raise
            raise AgentError(specialist.name, artifact, "it cancelled its own work") from None
        except SystemExit as error:
            raise AgentError(specialist.name, artifact, f"it asked to exit with {error.code!r}") from None
        except Exception as error:
            told = _said(error)
            if (sendable := told.encode("utf-8", "backslashreplace").decode("utf-8")) == told:
                raise
            # It quotes a name that is no UTF-8. Neither Prefect nor a database takes that: the failure would be lost.
            problem = f"{type(error).__name__}: {sendable}"
            raise AgentError(specialist.name, artifact, problem).with_traceback(error.__traceback__) from None
        if not isinstance(found, Evidence):
            problem = f"it returned a value of type {type(found).__name__}; return Evidence (planners.evidence)"
            raise AgentError(specialist.name, artifact, problem)
        return found

    def _now(self) -> datetime:
        return self.log.clock()

    def assignment(self, artifact: str) -> Assignment:
        """What the specialist is told: the artifact, and the evidence of everything that was made before it."""
        near = set(self.graph.requirements_of(artifact))
        far = self.graph.ancestors_of(artifact) - near
        return Assignment(
            artifact=self.graph.artifacts[artifact],
            goal=self.graph.goal,
            requirements=self.graph.requirements,
            project=self.project,
            workspace=str(self.workspace.root),
            inputs={name: self.entries[name].evidence for name in sorted(near)},
            background={name: self.entries[name].evidence for name in sorted(far) if name in self.entries},
            today=self._now().date(),
            seed=self.seed,
        )

    def _accepted(self, artifact: str, evidence: Evidence) -> Evidence:
        """The evidence without files that belong to others, if it is what was asked for."""
        asked = self.graph.artifacts[artifact]
        agent = self.choices[artifact].agent
        if evidence.artifact != artifact:
            raise AgentError(agent, artifact, f"it gave evidence for {evidence.artifact!r} instead")
        if evidence.blockers:
            raise AgentError(agent, artifact, f"it is blocked: {'; '.join(evidence.blockers)}")
        files = tuple(file for file in evidence.files if self._may_write(asked, file.path))
        if asked.produces_file is not None and normalised(asked.produces_file) not in {
            normalised(file.path) for file in files
        }:
            raise AgentError(agent, artifact, f"it gave no content for {asked.produces_file}")
        return evidence.model_copy(update={"files": files})

    def _may_write(self, artifact: Artifact, path: str) -> bool:
        """Whether a file is the artifact's own or nobody's."""
        owners = self._owners.get(normalised(path), ())
        return not owners or artifact.id in owners


def _said(error: Exception) -> str:
    """What an error says; one of somebody else's may fail even at that."""
    try:
        return str(error)
    except Exception:  # it is known by its type
        return ""
