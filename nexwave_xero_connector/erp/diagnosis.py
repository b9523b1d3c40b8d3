"""A diagnosis for support: what somebody who helps from afar asks first, without secrets.

In English and with our own terms, because it is read by whoever knows the connector. Each part has a name and stands
alone: one that fails says so, and the others are still there. To add a part, write a function and list it below.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version

import frappe
from frappe.utils import get_datetime, get_system_timezone, now_datetime
from frappe.utils.background_jobs import get_queue, get_redis_conn, get_workers
from frappe.utils.scheduler import is_dormant, is_scheduler_disabled

from nexwave_xero_connector.erp import clock
from nexwave_xero_connector.erp.attachments.summary import describe_attachments
from nexwave_xero_connector.erp.connection.installation import belonging_of, in_config
from nexwave_xero_connector.erp.connection.rate_limiter import OrganisationRateLimiter
from nexwave_xero_connector.erp.connection.tokens import tenant_of, tokens_are_readable
from nexwave_xero_connector.erp.connection.xero_app import sandbox_host
from nexwave_xero_connector.erp.doctypes import CONNECTION, LOG, SETTINGS
from nexwave_xero_connector.erp.outbox.log import OPEN_STATUSES
from nexwave_xero_connector.erp.outbox.stuck import why_company_waits
from nexwave_xero_connector.erp.rendering import plain_text, without_tokens
from nexwave_xero_connector.erp.scheduler import scheduler_trouble
from nexwave_xero_connector.erp.schema import unfinished_update
from nexwave_xero_connector.erp.worker import QUEUE, queue_answers
from nexwave_xero_connector.sync.installation import site_of
from nexwave_xero_connector.sync.records import Status

APP = "nexwave_xero_connector"
MAX_CAUSES = 10
SETTINGS_SHOWN = ("Check", "Currency", "Data", "Date", "Datetime", "Int", "Link", "Select")
"""Never a Password. The app's client ID and secret are in the Connected App, not in the settings."""
CONNECTION_FIELDS = (
	"state",
	"cause",
	"last_error",
	"scope",
	"expires_at",
	"paused_until",
	"outage_since",
	"pause_reason",
	"day_calls_remaining",
	"links_missing",
)

Facts = dict[str, object]


def diagnose(companies: Sequence[str] | None = None) -> Facts:
	"""The facts about the site and about these companies; about all that have Xero Sync Settings if None."""
	if companies is None:
		companies = frappe.get_all(SETTINGS, pluck="company", order_by="company")
	facts: Facts = {name: _facts(look) for name, look in SITE_PARTS.items()}
	facts["companies"] = {
		company: {name: _facts(look, company) for name, look in COMPANY_PARTS.items()}
		for company in companies
	}
	return facts


def as_text(facts: Mapping[str, object]) -> str:
	"""The facts as text to paste into an e-mail."""
	return without_tokens("\n".join(_lines(facts, "")))


def as_json(facts: Mapping[str, object]) -> str:
	return without_tokens(frappe.as_json(facts))


def _lines(facts: Mapping[str, object], indent: str) -> list[str]:
	lines = []
	for name, fact in facts.items():
		if isinstance(fact, Mapping):
			lines += [f"{indent}{name}:", *_lines(fact, f"{indent}  ")]
		elif isinstance(fact, list | tuple):
			lines += [f"{indent}{name}:", *(f"{indent}  - {one}" for one in fact or ["none"])]
		else:
			lines.append(f"{indent}{name}: {'-' if fact in (None, '') else fact}")
	return lines


def _facts(look: Callable[..., Facts], *args: str) -> Facts:
	try:
		return look(*args)
	except Exception as failure:
		return {"could not be read": f"{type(failure).__name__}: {failure}"}


def versions() -> Facts:
	apps = {app: frappe.get_attr(f"{app}.__version__") for app in frappe.get_installed_apps()}
	return {
		**apps,
		"xero-python": version("xero-python"),
		"Python": platform.python_version(),
		"database": frappe.db.sql("select version()")[0][0],  # nosemgrep: frappe-using-db-sql -- of no table
	}


def site() -> Facts:
	here, database = now_datetime(), clock.utc_now()
	return {
		"name": frappe.local.site,
		"time": here,
		"time zone": get_system_timezone(),
		"database's clock (UTC)": database.isoformat(timespec="seconds"),
		"xero_installation in site_config.json": "yes" if in_config() else "no",
		"connected to a sandbox": sandbox_host() or "no",
		"unfinished update": str(unfinished_update() or "no"),
	}


def scheduler() -> Facts:
	jobs = frappe.get_all(
		"Scheduled Job Type",
		filters={"method": ("like", f"{APP}.%")},
		fields=["name", "method", "frequency", "stopped", "last_execution"],
		order_by="method",
	)
	failed = frappe.get_all(
		"Scheduled Job Log",
		filters={"scheduled_job_type": ("in", [job.name for job in jobs]), "status": "Failed"},
		fields=["scheduled_job_type", "creation"],
		order_by="creation desc",
		limit=3,
	)
	trouble = scheduler_trouble()
	return {
		"trouble": plain_text(trouble) if trouble else "none",
		"disabled": bool(is_scheduler_disabled(verbose=False)),
		"paused": bool(frappe.conf.pause_scheduler),
		"dormant": bool(is_dormant()),
		"jobs": [
			f"{job.method.removeprefix(f'{APP}.')}, {job.frequency}, last {job.last_execution or 'never'}"
			+ (", STOPPED" if job.stopped else "")
			for job in jobs
		],
		"last failures": [f"{one.scheduled_job_type} at {one.creation}" for one in failed],
	}


def queue() -> Facts:
	if not queue_answers():
		return {"responds": "no"}
	jobs = get_queue(QUEUE)
	return {
		"responds": "yes",
		"Redis": get_redis_conn().info("server")["redis_version"],
		f"workers of the queue {QUEUE}": [
			f"{worker.hostname}: {worker.get_state()}" for worker in get_workers(jobs)
		],
		"jobs waiting": jobs.count,
	}


def errors() -> Facts:
	"""Only titles: what is below them may hold customers' data."""
	rows = frappe.get_all(
		"Error Log",
		filters={"method": ("like", "%xero%")},
		fields=["method", "creation"],
		order_by="creation desc",
		limit=MAX_CAUSES,
	)
	return {"last in the Error Log": [f"{row.creation}: {row.method}" for row in rows]}


def settings(company: str) -> Facts:
	doc = frappe.get_doc(SETTINGS, company)
	facts: Facts = {
		field.fieldname: doc.get(field.fieldname)
		for field in doc.meta.fields
		if field.fieldtype in SETTINGS_SHOWN and doc.get(field.fieldname) not in (None, "")
	}
	rows = {
		f"rows in {field.fieldname}": len(doc.get(field.fieldname)) for field in doc.meta.get_table_fields()
	}
	return {**facts, **rows, "changed": doc.modified}


def connection(company: str) -> Facts:
	fields = [*CONNECTION_FIELDS, "installation"]
	row = frappe.db.get_value(CONNECTION, company, fields, as_dict=True)
	if not row:
		return {"state": "never connected"}
	installation = row.pop("installation")
	return {
		**row,
		"belongs to": f"{site_of(installation or '') or 'no site'} ({belonging_of(installation).name.lower()})",
		"tokens can be decrypted": "yes" if tokens_are_readable(company) else "no",
		"why documents wait": why_company_waits(company) or "-",
	}


def limits(company: str) -> Facts:
	return OrganisationRateLimiter(company, tenant_of(company)).usage()


def log(company: str) -> Facts:
	rows = frappe.qb.DocType(LOG)
	latest = (rows.company == company) & (rows.is_latest == 1)
	count = frappe.query_builder.functions.Count("*")
	by_status = frappe.qb.from_(rows).select(rows.status, count).where(latest).groupby(rows.status).run()
	needs = {"company": company, "needs_attention": 1}
	return {
		"documents by status": dict(by_status),
		"need attention": frappe.db.count(LOG, needs),
		"stuck": frappe.db.count(LOG, {**needs, "is_stuck": 1}),
		"orphans": frappe.db.count(LOG, {**needs, "is_orphan": 1}),
		"different in Xero": frappe.db.count(LOG, {**needs, "is_different": 1}),
		"oldest waiting row": _oldest(company),
	}


def _oldest(company: str) -> Facts:
	"""Of the rows that wait, or are being worked on."""
	row = frappe.db.get_value(
		LOG,
		{"company": company, "due_at": ("is", "set")},
		["name", "status", "operation", "triggered_by", "queued_at", "due_at", "times_claimed", "message"],
		as_dict=True,
		order_by="queued_at asc",
	)
	return dict(row) if row else {"none": "nothing waits"}


def causes(company: str) -> Facts:
	"""The newest attempts that failed or wait for a reason, those that a later one has followed too."""
	fields = ["name", "modified", "error_class", "operation", "attempt", "message"]
	found = []
	for is_latest in (1, 0):
		for status in (Status.FAILED.value, *OPEN_STATUSES):
			filters = {"is_latest": is_latest, "status": status, "company": company}
			found += frappe.get_all(
				LOG,
				filters=filters | {"error_class": ("is", "set")},
				fields=fields,
				order_by="creation desc",
				limit=MAX_CAUSES,
			)
	newest = sorted(found, key=lambda row: get_datetime(row.modified), reverse=True)[:MAX_CAUSES]
	return {
		"newest first": [
			f"{row.modified}, {row.error_class}, {row.operation} attempt {row.attempt}, row {row.name}: {row.message}"
			for row in newest
		]
	}


def sweep(company: str) -> Facts:
	row = frappe.db.get_value(CONNECTION, company, ["last_sweep", "last_sweep_found"], as_dict=True)
	return {"at": (row and row.last_sweep) or "never", "found": row and row.last_sweep_found}


def attachments(company: str) -> Facts:
	settings = frappe.get_doc(SETTINGS, company)
	return describe_attachments(settings) or {"attached": "nothing"}


SITE_PARTS: dict[str, Callable[[], Facts]] = {
	"versions": versions,
	"site": site,
	"scheduler": scheduler,
	"queue": queue,
	"errors": errors,
}
COMPANY_PARTS: dict[str, Callable[[str], Facts]] = {
	"settings": settings,
	"connection": connection,
	"limits": limits,
	"log": log,
	"last causes": causes,
	"last sweep": sweep,
	"attachments": attachments,
}
