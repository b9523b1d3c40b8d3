"""The chart of the workspace: how the attempts of each of the last days ended."""

import json

import frappe
from frappe import _
from frappe.utils import add_days, format_date, getdate, nowdate

from nexwave_xero_connector.api.rights import require_log
from nexwave_xero_connector.erp.sync_log import LOG
from nexwave_xero_connector.sync.records import Status

DAYS = 13
"""The chart writes the last day below it, and every second, third or fourth: these do not collide."""
SHOWN = (Status.SUCCESS, Status.FAILED, Status.VOIDED)


@frappe.whitelist(methods=["POST"])
def get(
	chart_name: str | None = None,
	chart: str | dict | None = None,
	no_cache: str | int | bool | None = None,
	filters: str | dict | list | None = None,
	from_date: str | None = None,
	to_date: str | None = None,
	timespan: str | None = None,
	time_interval: str | None = None,
	heatmap_year: str | int | None = None,
) -> dict[str, object]:
	"""Attempts a day by outcome, of the companies that the user may see. The signature is Frappe's."""
	require_log()
	company = _company(filters)
	days = [getdate(add_days(nowdate(), -back)) for back in range(DAYS - 1, -1, -1)]
	counted = _counted(days[0], company)
	return {
		"labels": [format_date(day, "d MMM") for day in days],
		"datasets": [
			{
				"name": _(status.value),
				"values": [counted.get((status.value, day), 0) for day in days],
			}
			for status in SHOWN
		],
	}


def _company(filters: str | dict | list | None) -> str | None:
	filters = json.loads(filters) if isinstance(filters, str) else filters
	return filters.get("company") if isinstance(filters, dict) else None


def _counted(since: object, company: str | None) -> dict[tuple[str, object], int]:
	conditions: dict[str, object] = {
		"finished_at": (">=", since),
		"status": ("in", [status.value for status in SHOWN]),
	}
	if company:
		conditions["company"] = company
	rows = frappe.get_list(
		LOG,
		filters=conditions,
		fields=["status", "date(finished_at) as day", "count(name) as number"],
		group_by="status, date(finished_at)",
		order_by=None,
		limit_page_length=0,
	)
	return {(row.status, row.day): row.number for row in rows}
