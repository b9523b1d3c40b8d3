"""The processes that a test run starts. None of them outlives it."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

PATIENCE_SECONDS = 30


class Children:
	"""Shared by several threads. After `end` no more processes start."""

	def __init__(self) -> None:
		self._lock = threading.Lock()
		self._running: set[subprocess.Popen[str]] = set()
		self._ended = False

	@contextmanager
	def running(self, command: list[str], **options: Any) -> Iterator[subprocess.Popen[str]]:
		"""A process without input; read its output and errors from `stdout`.

		What it leaves behind, such as the server of a test that was killed, ends with it: the output would never end.
		"""
		with self._lock:
			if self._ended:
				raise KeyboardInterrupt
			process = subprocess.Popen(
				command,
				stdin=subprocess.DEVNULL,
				stdout=subprocess.PIPE,
				stderr=subprocess.STDOUT,
				text=True,
				errors="replace",
				start_new_session=True,
				**options,
			)
			self._running.add(process)
		threading.Thread(target=_end_with_its_group, args=(process,), daemon=True).start()
		try:
			yield process
		finally:
			process.wait()
			with self._lock:
				self._running.discard(process)

	def end(self) -> None:
		"""Interrupt them, as Ctrl-C does, so that tests stop the servers that they started."""
		with self._lock:
			self._ended = True
			running = list(self._running)
		for process in running:
			process.send_signal(signal.SIGINT)
		for process in running:
			try:
				process.wait(PATIENCE_SECONDS)
			except subprocess.TimeoutExpired:
				process.kill()


def _end_with_its_group(process: subprocess.Popen[str]) -> None:
	process.wait()
	try:
		os.killpg(process.pid, signal.SIGKILL)
	except ProcessLookupError:
		pass  # nothing is left of it
