"""A queue and workers of the tests' own, so that neither the bench's worker nor its queue is in the way."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import frappe
import redis
from frappe.utils import background_jobs
from rq.worker import Worker, WorkerStatus

START_SECONDS = 30


@contextmanager
def running_redis() -> Iterator[str]:
	"""A Redis server on a free port; its URL. This process, and the workers below, queue their jobs there."""
	with socket.socket() as probe:
		probe.bind(("127.0.0.1", 0))
		port = probe.getsockname()[1]
	url = f"redis://127.0.0.1:{port}"
	server = subprocess.Popen(
		["redis-server", "--port", str(port), "--save", "", "--appendonly", "no"], stdout=subprocess.DEVNULL
	)
	try:
		_wait_for(lambda: redis.Redis.from_url(url).ping())
		with queue_at(url):
			yield url
	finally:
		server.terminate()
		server.wait()


@contextmanager
def queue_at(url: str) -> Iterator[None]:
	"""This process takes the Redis at `url` for the queue's; Frappe keeps the connection it has otherwise."""
	with patch.dict(frappe.local.conf, {"redis_queue": url}):
		with patch.object(background_jobs, "_redis_queue_conn", None):
			yield


@contextmanager
def running_worker(redis_url: str) -> Iterator[subprocess.Popen]:
	"""A real worker of the bench, in a process group of its own, on the default queue; it has nothing to do yet."""
	worker = subprocess.Popen(
		[
			sys.executable,
			"-m",
			"frappe.utils.bench_helper",
			"frappe",
			"worker",
			"--queue",
			"default",
			"--quiet",
		],
		cwd=frappe.local.sites_path,
		env={**os.environ, "FRAPPE_REDIS_QUEUE": redis_url, "CI": ""},
		stdout=subprocess.DEVNULL,
		stderr=subprocess.DEVNULL,
		start_new_session=True,
	)
	try:
		_wait_for(lambda: _is_idle(redis_url, worker.pid))
		yield worker
	finally:
		os.killpg(worker.pid, signal.SIGKILL)
		worker.wait()


def _is_idle(redis_url: str, pid: int) -> bool:
	workers = Worker.all(connection=redis.Redis.from_url(redis_url))
	return any(worker.pid == pid and worker.get_state() == WorkerStatus.IDLE for worker in workers)


def _wait_for(is_so) -> None:
	end = time.monotonic() + START_SECONDS
	while True:
		try:
			if is_so():
				return
		except redis.RedisError:
			pass
		if time.monotonic() > end:
			raise TimeoutError
		time.sleep(0.05)
