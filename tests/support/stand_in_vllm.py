"""A Python whose vLLM is a few lines: starts in no time, and is well, hung, broken or late as a test wants it."""

import os
import sys
from pathlib import Path

_SERVER = """
import http.server, json, os, subprocess, sys, time
given = dict(zip(sys.argv[1::1], sys.argv[2::1]))
mood = os.environ.get("STAND_IN_MOOD", "well")
print("arguments:", json.dumps(sys.argv[1:]), flush=True)
if mood == "broken":
    print("(EngineCore pid=7) ERROR 11-22 06:15:36 [core.py:208] ValueError: no memory left for "
          + os.environ.get("VLLM_API_KEY", "the cache"))
    print("RuntimeError: Engine core initialization failed. See root cause above.")
    sys.exit(1)
if mood == "late":
    time.sleep(600)
if mood != "lonely":
    engine = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    print("engine:", engine.pid, flush=True)

class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
        if self.path == "/metrics":
            self.wfile.write(b'# HELP vllm:running of it\\n')
            self.wfile.write(b'vllm:running{engine="0"} 2.0\\nvllm:running{engine="1"} 1.5\\n')
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        key = os.environ.get("VLLM_API_KEY")
        if mood == "hung":
            time.sleep(600)
        if key and self.headers.get("Authorization") != f"Bearer {key}":
            return self.answer(401, {"error": "Unauthorized"})
        if asked["model"] != given["--served-model-name"] or mood == "wordless":
            return self.answer(400, {"error": {"message": "no chat template"}})
        self.answer(200, {"choices": [{"message": {"content": "!"}}]})
        if mood == "brief":
            os._exit(3)
    def answer(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status); self.send_header("Content-Length", str(len(body))); self.end_headers()
        self.wfile.write(body); self.wfile.flush()

http.server.ThreadingHTTPServer((given["--host"], int(given["--port"])), Answers).serve_forever()
"""


def python_with_vllm(folder: Path, distribution: str = "vllm", version: str = "0.32.0") -> Path:
    """Makes an interpreter that has it, and gives its path."""
    package = folder / "site" / "vllm" / "entrypoints" / "openai"
    package.mkdir(parents=True)
    (package / "api_server.py").write_text(_SERVER)
    told = folder / "site" / f"{distribution.replace('-', '_')}-{version}.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
    python = folder / "python"
    python.write_text(f"#!/bin/sh\nPYTHONPATH='{folder}/site' exec '{sys.executable}' \"$@\"\n")
    python.chmod(0o755)
    return python


def is_running(process: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        os.kill(process, 0)
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except (OSError, IndexError):
        return False
