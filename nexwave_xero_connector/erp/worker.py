"""Enqueue worker jobs. The rows wait in the database, so a job that cannot be enqueued only costs time."""

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
LONG_QUEUE = "long"
COMPARE = "compare_with_xero-"
ATTACH = "attach_in_xero-"
PUSH = "push_to_xero-"
"""Prefix of the ids of our jobs; Frappe puts the site before it."""
MAX_JOBS_LOOKED_AT = 1000
PROBE_SECONDS = 0.05
LOCK_SECONDS = 5
LOCK_PATIENCE_SECONDS = 0.25
LOCK_RETRY_SECONDS = 0.005
REMEMBERED_SECONDS = 7 * 24 * 3600


def enqueue_worker_after_commit(company: str) -> None:
	"""Enqueue a job once the transaction has committed: one per company, however many documents it has."""
	enqueuing = frappe.flags.setdefault("xero_companies_to_enqueue", set())
	if company in enqueuing:
		return
	enqueuing.add(company)

	def enqueue_now() -> None:
		enqueuing.discard(company)
		enqueue_worker(company)

	frappe.db.after_commit.add(enqueue_now)
	# A rollback drops the callback above; the next transaction needs its own.
	frappe.db.after_rollback.add(lambda: enqueuing.discard(company))


def enqueue_worker(company: str) -> bool:
	"""Ensure a job that starts after now will process the company's rows. False if Redis is unavailable.

	One waiting job is enough, so the id of the last one is kept in the queue's Redis, and its position in the queue is
	looked up: not its status, which may outlive it. RQ's own deduplication does not work here: it refuses a job while
	another one is running, which may already have seen its last row.
	"""
	messages = len(frappe.local.message_log)
	try:
		if not queue_answers():
			return False
		connection = get_redis_conn()
		key = _key(company)
		if _is_waiting(key, connection):
			return True
		with _one_at_a_time(connection, key):
			if _is_waiting(key, connection):
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
		# The user need not know: the document is saved, and the sweep enqueues a job as well. Frappe 16 throws, with a
		# message, if more than about 500 jobs are waiting in the queue.
		del frappe.local.message_log[messages:]
		frappe.logger("xero").warning(f"No job was enqueued for {company}: {failure!r}")
		return False


def enqueue_comparison_after_commit(company: str) -> None:
	"""Enqueue a job that goes on with the comparison of a period. If it cannot be, the daily check goes on with it."""

	def enqueue_now() -> None:
		try:
			frappe.enqueue(
				"nexwave_xero_connector.jobs.orphan_check.compare_period",
				queue=LONG_QUEUE,
				job_id=f"{COMPARE}{company}",
				deduplicate=True,
				company=company,
			)
		except Exception as failure:
			frappe.logger("xero").warning(f"{company}: the comparison waits for the daily check: {failure!r}")

	frappe.db.after_commit.add(enqueue_now)


def enqueue_attachments(company: str) -> None:
	"""Enqueue the job that sends the company's files, unless one waits or runs. Never raises.

	In the queue for long jobs, where no document waits for it. The next look tries again if it cannot be.
	"""
	messages = len(frappe.local.message_log)
	try:
		if queue_answers():
			frappe.enqueue(
				"nexwave_xero_connector.jobs.attachments.send",
				queue=LONG_QUEUE,
				timeout=int(JOB_TIMEOUT.total_seconds()),
				job_id=f"{ATTACH}{company}",
				deduplicate=True,
				company=company,
			)
	except Exception as failure:
		del frappe.local.message_log[messages:]
		frappe.logger("xero").warning(f"{company}: attachments wait for the next look: {failure!r}")


def enqueue_attachments_after_commit(company: str) -> None:
	frappe.db.after_commit.add(lambda: enqueue_attachments(company))


def enqueue_idle_worker(company: str) -> None:
	"""Like `enqueue_worker`, but only if a worker is idle: otherwise the job would delay another company's.

	Raises RedisError.
	"""
	if any(worker.get_state() == WorkerStatus.IDLE for worker in get_workers(get_queue(QUEUE))):
		enqueue_worker(company)


def _is_waiting(key: str, connection: redis.Redis) -> bool:
	job = connection.get(key)
	return bool(job) and get_queue(QUEUE).get_job_position(job.decode()) is not None


def push_of_another_waits(company: str) -> bool:
	"""Whether a job of this app for another company, of any site, waits in the queue. Raises RedisError."""
	return any(PUSH in job for job in _waiting_jobs(company))


def job_waits(company: str) -> bool:
	"""Whether any job other than the company's own waits in the queue. Raises RedisError."""
	return bool(_waiting_jobs(company))


def _waiting_jobs(company: str) -> list[str]:
	own = get_redis_conn().get(_key(company))
	return [
		job for job in get_queue(QUEUE).get_job_ids(0, MAX_JOBS_LOOKED_AT) if not own or job != own.decode()
	]


def _key(company: str) -> str:
	"""The key for the id of the company's waiting job. A bench with Redis users lets its sites write keys like this."""
	return f"rq:nexwave_xero_connector:{frappe.local.site}:{company}"


def queue_answers() -> bool:
	"""Whether Redis responds at once.

	Frappe's own connection tries five times, a second apart, and waits forever for a host that does not respond at all.
	"""
	try:
		_probe(frappe.conf.redis_queue).ping()
	except (ResponseError, AuthenticationError):
		pass  # It asks for a password, so it is running.
	except redis.RedisError as failure:
		frappe.logger("xero").warning(f"The queue does not respond: {failure!r}")
		return False
	return True


@cache
def _probe(url: str) -> redis.Redis:
	"""Kept open: connecting takes longer than a ping. A connection that Redis has closed is reopened, once."""
	return redis.Redis.from_url(
		url,
		socket_connect_timeout=PROBE_SECONDS,
		socket_timeout=PROBE_SECONDS,
		retry=Retry(NoBackoff(), 1),
		retry_on_error=[redis.ConnectionError],
	)


@contextmanager
def _one_at_a_time(connection: redis.Redis, key: str) -> Iterator[None]:
	"""Two callers at the same time would both find no job waiting.

	A caller that cannot get the lock quickly continues without it: a job too many is harmless, a missing one is not.
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
				pass  # It expired, or the queue was flushed.
