"""Tell a worker that there is something to do. The rows wait in the database: a wake-up that fails costs time only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from uuid import uuid4

import frappe
import redis
from frappe.utils.background_jobs import get_queue, get_redis_conn, get_workers
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, LockError, ResponseError
from redis.retry import Retry
from rq.worker import WorkerStatus

from nexwave_xero_connector.sync.policy import JOB_TIMEOUT

QUEUE = "default"
PUSH = "push_to_xero-"
"""With this the id of a job begins by which a company is pushed; Frappe puts the site before it."""
MAX_JOBS_LOOKED_AT = 1000
PROBE_SECONDS = 0.05
LOCK_SECONDS = 5
LOCK_PATIENCE_SECONDS = 0.25
LOCK_RETRY_SECONDS = 0.005
REMEMBERED_SECONDS = 7 * 24 * 3600


def enqueue_worker_after_commit(company: str) -> None:
	"""Wake a worker once the transaction has committed; once for a company, however many documents it has."""
	enqueuing = frappe.flags.setdefault("xero_companies_to_enqueue", set())
	if company in enqueuing:
		return
	enqueuing.add(company)

	def enqueue_now() -> None:
		enqueuing.discard(company)
		enqueue_worker(company)

	frappe.db.after_commit.add(enqueue_now)
	# A rollback drops the callback above; the next transaction needs one of its own.
	frappe.db.after_rollback.add(lambda: enqueuing.discard(company))


def enqueue_worker(company: str) -> bool:
	"""See to it that a job which starts after this moment looks at the company's rows; False when Redis failed us.

	One waiting job is enough, so the last one's id is remembered, next to the queue, and its place in the queue
	looked up: not its status, which may outlive it. RQ's own deduplication will not do: it refuses while the job is
	running, which may have seen its last row already.
	"""
	messages = len(frappe.local.message_log)
	try:
		if not queue_answers():
			return False
		connection = get_redis_conn()
		key = _key(company)
		if _job_waits_under(key, connection):
			return True
		with _one_at_a_time(connection, key):
			if _job_waits_under(key, connection):
				return True
			job = frappe.enqueue(
				"nexwave_xero_connector.api.sync.push_invoice",
				queue=QUEUE,
				timeout=int(JOB_TIMEOUT.total_seconds()),
				job_id=f"{PUSH}{uuid4()}",
				company=company,
			)
			connection.set(key, job.id, ex=REMEMBERED_SECONDS)
		return True
	except Exception as failure:
		# Nothing of this is the user's business: the document is saved, and the sweep wakes a worker as well. Frappe 16
		# throws, with a message, where more than some 500 jobs wait in the queue.
		del frappe.local.message_log[messages:]
		frappe.logger("xero").warning(f"No worker was woken for {company}: {failure!r}")
		return False


def enqueue_idle_worker(company: str) -> None:
	"""As `enqueue_worker`, where a worker has nothing to do; else the job would stand in the queue before another
	company's.

	Raises RedisError.
	"""
	if any(worker.get_state() == WorkerStatus.IDLE for worker in get_workers(get_queue(QUEUE))):
		enqueue_worker(company)


def _job_waits_under(key: str, connection: redis.Redis) -> bool:
	job = connection.get(key)
	return bool(job) and get_queue(QUEUE).get_job_position(job.decode()) is not None


def push_of_another_waits(company: str) -> bool:
	"""Whether a job of this app waits in the queue that is not the company's; any site's. Raises RedisError."""
	return any(PUSH in job for job in _waiting_jobs(company))


def job_waits(company: str) -> bool:
	"""Whether any job waits in the queue but the company's own. Raises RedisError."""
	return bool(_waiting_jobs(company))


def _waiting_jobs(company: str) -> list[str]:
	own = get_redis_conn().get(_key(company))
	return [
		job for job in get_queue(QUEUE).get_job_ids(0, MAX_JOBS_LOOKED_AT) if not own or job != own.decode()
	]


def _key(company: str) -> str:
	"""Where the id of the company's waiting job is kept. A bench with Redis users lets its sites write such keys."""
	return f"rq:nexwave_xero_connector:{frappe.local.site}:{company}"


def queue_answers() -> bool:
	"""Whether Redis answers within a blink.

	Frappe's own connection tries five times with a second between, and waits without limit for a host that does not
	answer at all.
	"""
	try:
		_probe(frappe.conf.redis_queue).ping()
	except (ResponseError, AuthenticationError):
		pass  # It asks for a password: it is there.
	except redis.RedisError as failure:
		frappe.logger("xero").warning(f"The queue does not answer: {failure!r}")
		return False
	return True


@cache
def _probe(url: str) -> redis.Redis:
	"""Kept open: to connect takes longer than to ask. What Redis has closed meanwhile is opened again, once."""
	return redis.Redis.from_url(
		url,
		socket_connect_timeout=PROBE_SECONDS,
		socket_timeout=PROBE_SECONDS,
		retry=Retry(NoBackoff(), 1),
		retry_on_error=[redis.ConnectionError],
	)


@contextmanager
def _one_at_a_time(connection: redis.Redis, key: str) -> Iterator[None]:
	"""Two wakers at once would each find no job waiting.

	One that cannot get the lock soon goes ahead without it: a job too many is harmless, a missing one is not.
	"""
	lock = connection.lock(
		f"{key}:lock",
		timeout=LOCK_SECONDS,
		sleep=LOCK_RETRY_SECONDS,
		blocking_timeout=LOCK_PATIENCE_SECONDS,
	)
	is_held = lock.acquire()
	try:
		yield
	finally:
		if is_held:
			try:
				lock.release()
			except LockError:
				pass  # It ran out, or the queue was flushed.
