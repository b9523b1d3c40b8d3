"""A worker of the bench whose job is killed by SIGKILL at a given step.

Run it with ``python -m nexwave_xero_connector.tests.dying_worker``.

RQ runs each job in a process of its own, forked from this one. That process is killed, as the kernel kills one when
memory runs out. The queue's Redis holds the number of the fatal step and of the last step taken.
"""

from __future__ import annotations

import os

import redis
from frappe.utils.background_jobs import start_worker

from nexwave_xero_connector.jobs import attachments, push
from nexwave_xero_connector.jobs.preload import preload
from nexwave_xero_connector.tests.stepping import Stepping, SteppingOutbox, Steps, killed_at

FATAL = "nexwave_xero_connector:fatal_step"
TAKEN = "nexwave_xero_connector:steps_taken"


def main() -> None:
	preload()
	shared = redis.Redis.from_url(os.environ["FRAPPE_REDIS_QUEUE"])

	def happens(number: int, what: str) -> None:
		shared.set(TAKEN, number)
		killed_at(int(shared.get(FATAL) or 0))(number, what)

	steps = Steps(happens)
	outbox, documents, open_organisation = push.FrappeOutbox, push.FrappeDocuments, push.open_organisation
	push.FrappeOutbox = lambda **only: SteppingOutbox(outbox(**only), steps)
	push.FrappeDocuments = lambda *of: Stepping(documents(*of), steps, "documents")
	push.open_organisation = lambda *of: Stepping(open_organisation(*of), steps, "xero")
	files, open_for_files = attachments.FrappeAttachments, attachments.open_organisation
	attachments.FrappeAttachments = lambda *of: Stepping(files(*of), steps, "attachments")
	attachments.open_organisation = lambda *of: Stepping(open_for_files(*of), steps, "xero")
	start_worker(queue="default,long", quiet=True)


if __name__ == "__main__":
	main()
