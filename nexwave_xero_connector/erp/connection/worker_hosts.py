"""Checks whether the workers' hosts read the same site_config.json as this one."""

from __future__ import annotations

import socket
import time

import frappe
import redis
from frappe.utils.background_jobs import get_queue, get_workers

from nexwave_xero_connector.erp.connection.installation import in_config
from nexwave_xero_connector.erp.worker import QUEUE, queue_answers

WAIT_SECONDS = 5.0
LOOK_AGAIN_SECONDS = 0.1


def host_without(installation: str) -> str:
	"""A worker's host whose site_config.json does not have the installation; "" if none is known.

	If all workers run on this host, no job is queued to find out. A worker that is busy for longer than a user waits
	for a page is not waited for: if its host lacks the installation, nothing is sent from there, and the log says so.
	"""
	if not queue_answers():
		return ""
	try:
		if not {worker.hostname for worker in get_workers(get_queue(QUEUE))} - {socket.gethostname()}:
			return ""
		job = frappe.enqueue(f"{__name__}.host_and_installation", queue=QUEUE, at_front=True)
		give_up_at = time.monotonic() + WAIT_SECONDS
		while time.monotonic() < give_up_at:
			if found := job.return_value(refresh=True):
				host, its_installation = found
				return host if its_installation != installation else ""
			time.sleep(LOOK_AGAIN_SECONDS)
	except redis.RedisError as failure:
		frappe.logger("xero").warning(f"No worker was asked for its site_config.json: {failure!r}")
	return ""


def host_and_installation() -> tuple[str, str]:
	"""The job: the host on which it runs, and the installation in that host's site_config.json."""
	return socket.gethostname(), in_config()
