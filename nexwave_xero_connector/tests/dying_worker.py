"""A worker of the bench whose job is killed by SIGKILL at a given step.

To be run: ``python -m nexwave_xero_connector.tests.dying_worker``.

RQ runs each job in a process of its own, forked from this one: that one dies, as by the kernel when memory
runs out. Which step is fatal, and which was the last one taken, is told in the Redis of the queue.
"""

from __future__ import annotations

import os

import redis
from frappe.utils.background_jobs import start_worker

from nexwave_xero_connector.jobs import push
from nexwave_xero_connector.tests.stepping import Stepping, SteppingOutbox, Steps, killed_at

FATAL = "nexwave_xero_connector:fatal_step"
TAKEN = "nexwave_xero_connector:steps_taken"


def main() -> None:
	told = redis.Redis.from_url(os.environ["FRAPPE_REDIS_QUEUE"])

	def happens(number: int, what: str) -> None:
		told.set(TAKEN, number)
		killed_at(int(told.get(FATAL) or 0))(number, what)

	steps = Steps(happens)
	outbox, documents, open_organisation = push.FrappeOutbox, push.FrappeDocuments, push.open_organisation
	push.FrappeOutbox = lambda **only: SteppingOutbox(outbox(**only), steps)
	push.FrappeDocuments = lambda: Stepping(documents(), steps, "documents")
	push.open_organisation = lambda *of: Stepping(open_organisation(*of), steps, "xero")
	start_worker(queue="default", quiet=True)


if __name__ == "__main__":
	main()
