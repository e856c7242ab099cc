"""Stands in for the python of an environment that has vLLM: takes the same command, answers and counts by a table.

The environment gives ``COUNTS`` (tokens of a question by the sizes of its pictures), ``SKEW`` (added for questions with
pictures) and ``DIES`` (ends at once).
"""

import base64
import json
import os
import signal
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COUNTS = json.loads(os.environ.get("COUNTS", "{}"))
SKEW = int(os.environ.get("SKEW", "0"))


def sizes(body: dict) -> str:
    content = body["messages"][-1]["content"]
    parts = content if isinstance(content, list) else []
    urls = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    heads = [base64.b64decode(url.partition(",")[2])[16:24] for url in urls]
    return json.dumps([struct.unpack(">II", head) for head in heads])


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._reply({"data": []})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        wanted = f"Bearer {os.environ.get('VLLM_API_KEY', '')}".strip()
        if self.headers.get("Authorization", "Bearer") != wanted:
            self._reply({"error": "key"}, 401)
            return
        shown = sizes(body)
        count = COUNTS[shown] + SKEW * (shown != "[]")
        message = {"role": "assistant", "content": "ok"}
        self._reply(
            {
                "model": body["model"],
                "choices": [{"index": 0, "message": message, "finish_reason": "length"}],
                "usage": {"prompt_tokens": count, "completion_tokens": body["max_tokens"]},
            }
        )

    def _reply(self, body: dict, status: int = 200) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_) -> None:
        pass


def main(arguments: list[str]) -> int:
    assert arguments[:3] == ["-m", "vllm.entrypoints.cli.main", "serve"], arguments
    given = dict(zip(arguments[4::2], arguments[5::2], strict=False))
    if os.environ.get("DIES"):
        return 3
    server = ThreadingHTTPServer((given["--host"], int(given["--port"])), Handler)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever(poll_interval=0.01)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
