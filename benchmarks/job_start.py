"""What a job does before its first call: ``python -m benchmarks.job_start SITE COMPANY``, in the bench's Python.

A worker forks a process for each job. That process has what the worker itself has imported with the commands of all
apps, and imports the rest again each time. Prints the seconds of each stage as JSON. Sends what is due.
"""

from __future__ import annotations

import itertools
import json
import sys
import time
from unittest.mock import patch

import frappe
import frappe.utils.background_jobs
from frappe.utils.bench_helper import get_app_groups


def main(site: str, company: str) -> None:
	sys.argv = ["bench", "frappe", "worker"]
	get_app_groups()
	moments = [("", time.perf_counter())]

	def ends(stage: str) -> None:
		moments.append((stage, time.perf_counter()))

	frappe.init(site=site)
	frappe.connect()
	ends("site and database")
	from nexwave_xero_connector.api.sync import push_invoice

	ends("imports of the job")
	from nexwave_xero_connector.erp.connection.tokens import open_organisation

	def opened(*arguments: object) -> object:
		ends("settings, log, what is due")
		organisation = open_organisation(*arguments)
		ends("token and client, with xero-python")
		return organisation

	def acquired(limiter: object, *arguments: object) -> object:
		if moments[-1][0] != "claim, documents, a turn":
			ends("claim, documents, a turn")
		return acquire(limiter, *arguments)

	from nexwave_xero_connector.erp.connection.rate_limiter import OrganisationRateLimiter

	acquire = OrganisationRateLimiter.acquire
	with (
		patch("nexwave_xero_connector.jobs.push.open_organisation", opened),
		patch.object(OrganisationRateLimiter, "acquire", acquired),
	):
		push_invoice(company)
	stages = {stage: at - before for (_stage, before), (stage, at) in itertools.pairwise(moments)}
	print(json.dumps(stages))


if __name__ == "__main__":
	main(*sys.argv[1:3])
