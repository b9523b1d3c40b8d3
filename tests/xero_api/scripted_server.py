"""An HTTP server with scripted responses, for those that the Xero sandbox never gives.

Everything that Xero does is tested against the sandbox. This is for what a network, a gateway or a changed Xero might
do, and for looking at the exact bytes that were sent.
"""

from __future__ import annotations

import json
import ssl
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import parse_qs, urlsplit


@dataclass
class Seen:
	"""A request as it arrived."""

	method: str
	path: str
	query: dict[str, list[str]]
	query_length: int
	headers: dict[str, str]
	body: bytes


@dataclass
class Scripted:
	"""A response.

	fault: "drop" closes the connection without a response, "cut" breaks off in the middle, "stall" responds after three
	seconds.
	"""

	status: int = 200
	body: bytes = b""
	headers: dict[str, str] = field(default_factory=dict)
	fault: str = ""


class ScriptedServer:
	"""Gives each request the next response, and repeats the last one forever."""

	def __init__(self, tls: ssl.SSLContext | None = None) -> None:
		self.seen: list[Seen] = []
		self._answers: deque[Scripted] = deque()
		self._closing = threading.Event()
		outer = self

		class Handler(BaseHTTPRequestHandler):
			protocol_version = "HTTP/1.1"
			wbufsize = -1

			def handle_any(self) -> None:
				outer._handle(self)

			do_GET = do_PUT = do_POST = do_DELETE = handle_any

			def log_message(self, format: str, *args: object) -> None:
				pass

		self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
		self._server.daemon_threads = True
		if tls:
			# The handshake runs in the connection's own thread: one that fails must not stop the server.
			self._server.socket = tls.wrap_socket(
				self._server.socket, server_side=True, do_handshake_on_connect=False
			)
			self._server.handle_error = lambda request, client_address: None
		self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
		self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._server.server_port}"

	def answer(
		self,
		body: object = b"",
		*,
		status: int = 200,
		headers: dict[str, str] | None = None,
		fault: str = "",
	) -> ScriptedServer:
		"""Queue a response; anything but bytes is sent as JSON."""
		raw = body if isinstance(body, bytes) else json.dumps(body).encode()
		self._answers.append(Scripted(status, raw, headers or {}, fault))
		return self

	def __enter__(self) -> ScriptedServer:
		self._thread.start()
		return self

	def __exit__(
		self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
	) -> None:
		self._closing.set()
		self._server.shutdown()
		self._server.server_close()

	def _handle(self, handler: BaseHTTPRequestHandler) -> None:
		url = urlsplit(handler.path)
		body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
		headers = {name.lower(): value for name, value in handler.headers.items()}
		self.seen.append(Seen(handler.command, url.path, parse_qs(url.query), len(url.query), headers, body))
		answer = self._answers.popleft() if len(self._answers) > 1 else self._answers[0]
		if answer.fault == "drop" or (answer.fault == "stall" and self._closing.wait(3)):
			handler.close_connection = True
			return
		handler.send_response(answer.status)
		for name, value in answer.headers.items():
			handler.send_header(name, value)
		handler.send_header("Content-Length", str(len(answer.body) + (100 if answer.fault == "cut" else 0)))
		handler.end_headers()
		handler.wfile.write(answer.body)
		if answer.fault == "cut":
			handler.close_connection = True
