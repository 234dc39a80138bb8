"""A language model's server for tests: real HTTP on a real port, which fails in every way when told to.

It runs in a thread with an event loop of its own. What it answers is decided by a function of the request, so that a
test says in a line what the server does.
"""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What the server does with one request.

    Attributes:
        content: Text of the model's message.
        thoughts: What the model thinks aloud, in a field of its own.
        status: HTTP status; anything but 200 sends `error` in place of an answer.
        headers: More header fields.
        error: Message of a refusal.
        finish_reason: Why the model stopped.
        refusal: What the model says in place of content.
        usage: As the server reports it; nothing is reported where this is empty.
        raw: The whole body, in place of the JSON of a completion.
        is_hanging: Never answers.
        is_cut: Ends the connection in the middle of the body.
        is_bare: Leaves out every field of the completion but the choices.
        seconds: Waits so long before it answers.
        calls: Tools that the model calls, each with its arguments.
    """

    content: str = ""
    thoughts: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    error: str = ""
    finish_reason: str = "stop"
    refusal: str | None = None
    usage: Mapping[str, Any] = field(default_factory=dict)
    raw: bytes | None = None
    is_hanging: bool = False
    is_cut: bool = False
    is_bare: bool = False
    seconds: float = 0.0
    calls: Sequence[tuple[str, Mapping[str, Any]]] = ()

    def body(self) -> bytes:
        """The body as it is sent."""
        if self.raw is not None:
            return self.raw
        if self.status != 200:
            return json.dumps({"error": {"message": self.error, "type": "test", "code": None}}).encode()
        message: dict[str, Any] = {"role": "assistant", "content": None if self.refusal else self.content}
        message["refusal"] = self.refusal
        if self.thoughts:
            message["reasoning_content"] = self.thoughts
        if self.calls:
            functions = [{"name": name, "arguments": json.dumps(arguments)} for name, arguments in self.calls]
            message["tool_calls"] = [
                {"id": f"call-{at}", "type": "function", "function": each} for at, each in enumerate(functions)
            ]
        completion: dict[str, Any] = {
            "choices": [
                {"index": 0, "message": message, "finish_reason": "tool_calls" if self.calls else self.finish_reason}
            ],
        }
        if not self.is_bare:
            completion |= {"id": "x", "object": "chat.completion", "created": 1, "model": "m"}
        if self.usage:
            completion["usage"] = dict(self.usage)
        return json.dumps(completion).encode()


@dataclass(frozen=True)
class Asked:
    """One request that arrived."""

    body: dict[str, Any]
    headers: Mapping[str, str]

    @property
    def text(self) -> str:
        """All messages, one after the other."""
        return "\n".join(str(message["content"]) for message in self.body["messages"])

    @property
    def tools(self) -> tuple[str, ...]:
        """Names of the tools that the model may call."""
        return tuple(tool["function"]["name"] for tool in self.body.get("tools", ()))

    @property
    def last(self) -> str:
        """The last message."""
        return str(self.body["messages"][-1]["content"])


Behaviour = Callable[[Asked], Reply]


class ModelServer:
    """The server while it runs.

    Attributes:
        behaviour: Decides about each request; may be changed between requests.
        asked: All requests so far, in the order of their arrival.
        let_go: How many clients went away before they were answered.
    """

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.asked: list[Asked] = []
        self.let_go = 0
        self.gone = threading.Event()
        self.arrived = threading.Event()
        self.url = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers the requests of one connection."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                headers = _headers(head)
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                asked = Asked(json.loads(body or b"{}"), headers)
                self.asked.append(asked)
                self.arrived.set()
                if not await self._replied(self.behaviour(asked), reader, writer):
                    break
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # the client went away, or the server ends
        finally:
            writer.close()

    async def _replied(self, reply: Reply, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        if reply.is_hanging:
            await reader.read(1)  # comes back when the client goes away
            self.let_go += 1
            self.gone.set()
            return False
        if reply.seconds:
            await asyncio.sleep(reply.seconds)
        body = reply.body()
        fields = {"Content-Type": "application/json", "Content-Length": str(len(body)), **reply.headers}
        head = f"HTTP/1.1 {reply.status} Said\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        writer.write(head.encode() + b"\r\n" + (body[: len(body) // 2] if reply.is_cut else body))
        await writer.drain()
        return not reply.is_cut


def _headers(head: bytes) -> dict[str, str]:
    lines = head.decode("latin-1").split("\r\n")[1:]
    pairs = (line.partition(":") for line in lines if line)
    return {name.strip().casefold(): value.strip() for name, _, value in pairs}


@contextmanager
def model_server(behaviour: Behaviour) -> Iterator[ModelServer]:
    """A server that runs as long as the context does."""
    served = ModelServer(behaviour)
    loop = asyncio.new_event_loop()
    is_ready = threading.Event()
    stop = asyncio.Event()

    async def serve() -> None:
        server = await asyncio.start_server(served.answer, "127.0.0.1", 0)
        served.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        is_ready.set()
        await stop.wait()
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    def run() -> None:
        asyncio.set_event_loop(loop)
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(serve())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert is_ready.wait(60), "the model's server did not start within 60 s"
    try:
        yield served
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)


def plan_text(*artifacts: Mapping[str, Any], requirements: tuple[str, ...] = ()) -> str:
    """The text of a plan as a model writes it."""
    return json.dumps({"requirements": list(requirements), "artifacts": list(artifacts)})
