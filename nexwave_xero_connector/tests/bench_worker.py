"""A queue and workers of the tests' own, so that the bench's worker and queue cannot interfere."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from unittest.mock import patch

import frappe
import redis
from frappe.utils import background_jobs
from rq.worker import Worker, WorkerStatus

START_SECONDS = 30
PORTS_TRIED = 3


@contextmanager
def running_redis() -> Iterator[str]:
	"""A Redis server on a free port; its URL. This process, and the workers below, queue their jobs there."""
	server, url = _start_redis()
	try:
		with queue_at(url):
			yield url
	finally:
		server.terminate()
		server.wait()


def _start_redis() -> tuple[subprocess.Popen, str]:
	"""Another process, such as tests on another site, may take the port first. Then try another port."""
	for _attempt in range(PORTS_TRIED):
		with socket.socket() as probe:
			probe.bind(("127.0.0.1", 0))
			port = probe.getsockname()[1]
		url = f"redis://127.0.0.1:{port}"
		server = subprocess.Popen(
			["redis-server", "--port", str(port), "--save", "", "--appendonly", "no"],
			stdout=subprocess.DEVNULL,
		)
		connection = redis.Redis.from_url(url)
		_wait_for(lambda server=server, connection=connection: server.poll() is not None or connection.ping())
		if server.poll() is None and connection.info("server")["process_id"] == server.pid:
			return server, url
		server.kill()
		server.wait()
	raise RuntimeError(f"No Redis server started on any of {PORTS_TRIED} ports")


@contextmanager
def queue_at(url: str) -> Iterator[None]:
	"""Make this process use the Redis at `url` for its queue; otherwise Frappe keeps the connection it has.

	Frappe 15 reads the address from the site's config in memory. Frappe 17 reads the config again, and the environment
	first.
	"""
	with patch.dict(frappe.local.conf, {"redis_queue": url}), _environment("FRAPPE_REDIS_QUEUE", url):
		with patch.object(background_jobs, "_redis_queue_conn", None):
			yield


@contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
	"""One variable only: `patch.dict` empties the whole environment for a moment, while other threads read it."""
	before = os.environ.get(name)
	os.environ[name] = value
	try:
		yield
	finally:
		if before is None:
			del os.environ[name]
		else:
			os.environ[name] = before


@contextmanager
def running_worker(
	redis_url: str, prefix: Sequence[str] = (), queues: str = "default"
) -> Iterator[subprocess.Popen]:
	"""A real worker of the bench on the default queue, or on these, in its own process group, idle or busy with a job.

	`prefix`: a command that runs the worker and is replaced by it, as `env` does.
	"""
	worker = subprocess.Popen(
		[
			*prefix,
			sys.executable,
			"-m",
			"frappe.utils.bench_helper",
			"frappe",
			"worker",
			"--queue",
			queues,
			"--quiet",
		],
		cwd=frappe.local.sites_path,
		env={**os.environ, "FRAPPE_REDIS_QUEUE": redis_url, "CI": ""},
		stdout=subprocess.DEVNULL,
		stderr=subprocess.DEVNULL,
		start_new_session=True,
	)
	try:
		_wait_for(lambda: _is_at_work(redis_url, worker.pid))
		yield worker
	finally:
		os.killpg(worker.pid, signal.SIGKILL)
		worker.wait()


def _is_at_work(redis_url: str, pid: int) -> bool:
	workers = Worker.all(connection=redis.Redis.from_url(redis_url))
	ready = (WorkerStatus.IDLE, WorkerStatus.BUSY)
	return any(worker.pid == pid and worker.get_state() in ready for worker in workers)


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
