"""Whether Frappe's scheduler runs this app's jobs often enough: retries and the sweep for lost documents need it."""

from __future__ import annotations

from datetime import timedelta

import frappe
from frappe.utils import get_datetime, now_datetime
from frappe.utils.scheduler import is_dormant, is_scheduler_inactive

from nexwave_xero_connector.sentence import Sentence, _

TICK = "nexwave_xero_connector.jobs.sweep.enqueue_due"
"""The job that runs at every tick: once a minute on Frappe 15, every four minutes on Frappe 16."""
TOO_LONG = timedelta(minutes=30)


def scheduler_trouble() -> Sentence | None:
	"""Why due retries are not sent automatically, for a person; None if the scheduler runs.

	Documents are still sent when they are submitted, and each such job takes due retries along.
	"""
	if is_scheduler_inactive(verbose=False):
		return Sentence(
			_(
				"This site's scheduler is switched off or paused. Documents are sent when you submit them, but retries"
				" and checks only run along with these. Ask your administrator to enable the scheduler."
			)
		)
	if is_dormant():
		return Sentence(
			_(
				"Nobody has logged in to this site for some days, so Frappe runs its scheduled jobs only once a day."
				" Retries and checks are late until somebody logs in."
			)
		)
	job = frappe.db.get_value(
		"Scheduled Job Type", {"method": TICK}, ["stopped", "last_execution", "creation"], as_dict=True
	)
	if job and not job.stopped and now_datetime() - _last_run(job) <= TOO_LONG:
		return None
	return Sentence(
		_(
			"The scheduled job {job} last ran at {time}. Retries and checks are late until it runs every few minutes."
			" Ask your administrator to look at the scheduler, and at Scheduled Job Type."
		),
		job=TICK,
		time=_last_run(job) if job else "-",
	)


def _last_run(job: frappe._dict) -> object:
	return get_datetime(job.last_execution or job.creation)
