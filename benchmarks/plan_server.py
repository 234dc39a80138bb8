"""A stand-in for a language model: an HTTP server that answers every call with a plan after a fixed time.

It runs in a process of its own, so that answering takes nothing from the planner that is measured. No two of its plans
are alike in structure, so that no candidate is taken for a copy of another and generated again.

Run as a program it prints the port that it listens on, and ends when its standard input does.
"""

import asyncio
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

ANSWER_SECONDS = 0.5
_KINDS = ("protocol", "model", "service", "route", "test", "document", "migration", "setting")


def plan_number(number: int) -> dict[str, Any]:
    """A plan of its own for each number: kinds, edges and extent are drawn anew."""
    draw = random.Random(number)
    artifacts: list[dict[str, Any]] = []
    for place in range(draw.randint(8, 14)):
        before = [artifact["id"] for artifact in artifacts]
        required = draw.sample(before, min(len(before), draw.randint(0, 2)))
        artifacts.append(
            {
                "id": f"Part{place}",
                "description": f"Part {place} of the whole",
                "requires": [{"id": name, "because": "builds on it"} for name in sorted(required)],
                "domain_type": draw.choice(_KINDS),
                "effort": draw.choice(("low", "medium", "high")),
            }
        )
    known = [artifact["id"] for artifact in artifacts]
    artifacts.append({"id": "Whole", "description": "All of it together", "requires": known, "domain_type": "report"})
    return {"version": 1, "artifacts": artifacts}


@contextmanager
def plan_server() -> Iterator[str]:
    """The address of a server that runs as long as the context does."""
    command = [sys.executable, "-m", "benchmarks.plan_server"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            port = process.stdout.readline().strip() if process.stdout else ""
            if not port:
                raise RuntimeError("the plan server did not start; run `python -m benchmarks.plan_server` to see why")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


async def _served() -> None:
    numbers = count()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers the calls of one connection, one after the other, as HTTP/1.1 keeps it open."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                due = asyncio.get_running_loop().time() + ANSWER_SECONDS
                await reader.readexactly(_length(head))
                reply = _reply(next(numbers), head)
                await asyncio.sleep(due - asyncio.get_running_loop().time())
                writer.write(reply)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    # The benchmark that started this may be killed: its end of the pipe closes then, and so does this.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


def _length(head: bytes) -> int:
    for line in head.decode("latin-1").split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().casefold() == "content-length":
            return int(value)
    return 0


def _reply(number: int, head: bytes) -> bytes:
    if not head.startswith(b"POST /v1/chat/completions "):
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    message = {"role": "assistant", "content": json.dumps(plan_number(number))}
    body = json.dumps({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}).encode()
    fields = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return fields.encode() + body


if __name__ == "__main__":
    asyncio.run(_served())
