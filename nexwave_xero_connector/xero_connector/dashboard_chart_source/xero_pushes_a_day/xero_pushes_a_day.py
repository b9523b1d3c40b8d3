"""The chart on the workspace: attempts per day, by outcome."""

import json

import frappe
from frappe.query_builder import DocType
from frappe.query_builder.functions import Count, Date
from frappe.utils import add_days, format_date, getdate, nowdate

from nexwave_xero_connector.api.permissions import require_log
from nexwave_xero_connector.erp.doctypes import LOG
from nexwave_xero_connector.erp.document_permissions import visible_only
from nexwave_xero_connector.erp.translation import _
from nexwave_xero_connector.sync.records import Status

DAYS = 13
"""The chart labels the last day and every second, third or fourth one: with 13 days, these labels do not overlap."""
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
	"""Attempts per day by outcome, of the rows that the user can see. The signature is Frappe's."""
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
	log, day = DocType(LOG), Date(DocType(LOG).finished_at)
	query = (
		frappe.qb.from_(log)
		.select(log.status, day.as_("day"), Count("*").as_("number"))
		.where(log.finished_at >= since)
		.where(log.status.isin([status.value for status in SHOWN]))
		.groupby(log.status, day)
	)
	if company:
		query = query.where(log.company == company)
	rows = visible_only(query, LOG).run(as_dict=True)
	return {(row.status, row.day): row.number for row in rows}
