"""A company's setup progress: the four steps that Xero Sync Settings show, and the banner above them."""

from __future__ import annotations

from datetime import timedelta

import frappe
from frappe.model.document import Document
from frappe.utils import convert_utc_to_system_timezone, format_datetime

from nexwave_xero_connector.erp import clock
from nexwave_xero_connector.erp.connection.connect import companies_of
from nexwave_xero_connector.erp.connection.installation import belonging_of, why_not_ours
from nexwave_xero_connector.erp.connection.tokens import tokens_are_readable
from nexwave_xero_connector.erp.connection.xero_app import READY_MADE, credentials, is_custom, sandbox_host
from nexwave_xero_connector.erp.doctypes import CONNECTION, LOG
from nexwave_xero_connector.erp.outbox.log import OPEN_STATUSES
from nexwave_xero_connector.erp.rendering import plain_text
from nexwave_xero_connector.erp.scheduler import scheduler_trouble
from nexwave_xero_connector.erp.schema import unfinished_update
from nexwave_xero_connector.erp.setup.ceilings import broad_scopes, organisations_of_the_app
from nexwave_xero_connector.erp.setup.last_check import last_check
from nexwave_xero_connector.erp.translation import _
from nexwave_xero_connector.sync.errors import Cause
from nexwave_xero_connector.sync.installation import Belonging, site_of

TOO_LATE = timedelta(minutes=10)
WAYS_OUT = {
	Cause.APP_NOT_ACCEPTED.value: ["app", "connect"],
	Cause.SCOPE_MISSING.value: ["app", "connect"],
}
"""The buttons that fix a cause, the likelier one first. Otherwise it is Connect, or none where only time helps."""


def describe_setup(settings: Document) -> dict[str, object]:
	"""For the form. Texts are plain text in the user's language."""
	if unfinished := unfinished_update():
		banner = _lost(settings, _("Update not finished"), plain_text(unfinished), ways_out=[])
		return {"sandbox": sandbox_host(), "is_connected": False, "banner": banner, "steps": []}
	columns = (
		"state cause last_error paused_until pause_reason installation scope day_calls_remaining".split()
	)
	columns += ["outage_since", "links_missing"]
	connection = frappe.db.get_value(CONNECTION, settings.company, columns, as_dict=True)
	is_connected = bool(
		connection
		and connection.state == "Connected"
		and belonging_of(connection.installation) is Belonging.OURS
	)
	return {
		"sandbox": sandbox_host(),
		"is_connected": is_connected,
		"banner": _banner(settings, connection),
		"steps": [
			_connect(settings, connection if is_connected else None),
			_choose(settings, is_connected, bool(connection and connection.links_missing)),
			_check(settings),
			_enable(settings),
		],
	}


def _banner(settings: Document, connection: frappe._dict | None) -> dict[str, object] | None:
	"""Why nothing is sent when it should be, and how to fix it."""
	if not connection:
		return None
	if connection.state != "Not connected" and (
		not_ours := _another_installation(settings, connection.installation)
	):
		return not_ours
	if connection.state == "Connected":
		if not tokens_are_readable(settings.company):
			message = _(
				"The Xero tokens cannot be decrypted: the site was restored with another encryption key."
			)
			message += " " + _("Connect again; waiting documents will be sent then.")
			return _lost(settings, Cause.TOKEN_UNREADABLE.value, message)
		if connection.outage_since:
			return _outage(settings, connection)
		if until := _paused_until(connection):
			# It ends automatically, and no button can end it sooner.
			title = _("Xero accepts no calls until {0}").format(until)
			return _lost(settings, title, connection.pause_reason, ways_out=[])
		if connection.pause_reason and not connection.paused_until:
			title = _("Today's remaining Xero calls are reserved")
			return _lost(settings, title, connection.pause_reason, ways_out=[])
		return _late_retries(settings)
	if connection.state == "Not connected":
		if not settings.enabled:
			return None
		message = _("Disconnected from Xero. Documents wait here until you connect again.")
		return _lost(settings, connection.state, message)
	return _lost(settings, connection.cause or connection.state, connection.last_error)


def _outage(settings: Document, connection: frappe._dict) -> dict[str, object]:
	"""It ends automatically, or once somebody has fixed in Xero what the message is about."""
	since = format_datetime(convert_utc_to_system_timezone(connection.outage_since))
	message = connection.pause_reason or ""
	if until := _paused_until(connection):
		message += " " + _("Xero is asked again at {0}.").format(until)
	return _lost(settings, _("Waiting for Xero since {0}").format(since), message, ways_out=[])


def _late_retries(settings: Document) -> dict[str, object] | None:
	"""Documents that are due and that no worker takes, because no scheduler wakes one."""
	too_late = clock.to_column(clock.utc_now() - TOO_LATE)
	if not settings.enabled or not frappe.db.exists(
		LOG, {"company": settings.company, "due_at": ("<", too_late)}
	):
		return None
	trouble = scheduler_trouble()
	title = _("Retries are not running")
	return _lost(settings, title, plain_text(trouble), ways_out=[]) if trouble else None


def _another_installation(settings: Document, installation: str | None) -> dict[str, object] | None:
	"""The banner for a copy, or for a connection that nobody has confirmed; None if the connection is ours."""
	reason = why_not_ours(settings.company, installation)
	if reason is None:
		return None
	if belonging_of(installation) is Belonging.UNCONFIRMED:
		title = _("Does this site send to {0}?").format(settings.organisation_name or _("Xero"))
		message = _(
			"{0} was connected before a copy of a site could be distinguished from the original. Nothing is sent until"
			" a System Manager confirms that this site sends to Xero. Do not confirm on a copy, such as a restored"
			" backup or a staging site: disconnect it here, which changes nothing in Xero."
		).format(settings.company)
		return _lost(settings, title, message, ["confirm", "disconnect"])
	site = site_of(installation or "")
	if site == frappe.local.site:
		title = _("Connected by another installation of {0}").format(site)
	else:
		title = _("This is a copy of {0}").format(site)
	return _lost(settings, title, plain_text(reason), ["connect", "disconnect"])


def _lost(
	settings: Document, cause: str, message: str | None, ways_out: list[str] | None = None
) -> dict[str, object]:
	waiting = frappe.db.count(LOG, {"company": settings.company, "status": ("in", OPEN_STATUSES)})
	return {
		"cause": _(cause),
		"message": message or "",
		"waiting": _("Documents waiting: {0}.").format(waiting) if waiting else "",
		"ways_out": WAYS_OUT.get(cause, ["connect"]) if ways_out is None else ways_out,
	}


def _paused_until(connection: frappe._dict) -> str:
	"""When Xero accepts calls again, after the daily limit was reached or Xero was unavailable; "" if it does now."""
	until = clock.from_column(connection.paused_until)
	if not until or until <= clock.utc_now():
		return ""
	return format_datetime(convert_utc_to_system_timezone(until.replace(tzinfo=None)))


def _connect(settings: Document, connection: frappe._dict | None) -> dict[str, object]:
	"""`connection`: None while the company is not connected."""
	if connection:
		warning = broad_scopes(connection.scope or "")
		action = "app" if warning else ""
		text = _("Connected to Xero.")
		if left := connection.day_calls_remaining:  # 0 also means that Xero has not said it yet
			text += " " + _("When it was last called, {0} calls were left for the day.").format(left)
		return _step("connect", _("Connect"), text, action, is_done=True, warning=warning)
	if not all(credentials(settings.connected_app or READY_MADE)):
		return _step(
			"connect", _("Connect"), _("Enter the client ID and the client secret of your Xero app."), "app"
		)
	text = (
		_("Connect with the app's own credentials.")
		if is_custom(settings.company)
		else _("Authorise this site on Xero's sign-in page.")
	)
	return _step("connect", _("Connect"), text, "connect")


def _choose(settings: Document, is_connected: bool, links_are_missing: bool) -> dict[str, object]:
	title = _("Choose Organisation")
	if not settings.tenant_id:
		text = _("Choose the organisation.") if is_connected else _("Connect first.")
		return _step("choose", title, text, "choose" if is_connected else "")
	text = _("{0} ({1}).").format(settings.organisation_name, settings.base_currency)
	others = [other for other in companies_of(settings.tenant_id) if other != settings.company]
	warnings = []
	if not others:
		warnings.append(organisations_of_the_app(settings.connected_app or READY_MADE))
	else:
		warnings.append(
			_(
				"It already receives documents from {0}. Each company should have its own organisation."
			).format(", ".join(others))
		)
	if links_are_missing:
		warnings.append(
			_(
				"Xero does not show the links to ERPNext that are sent with invoices and bills. They are still"
				" recognised by their IDs in Xero, and after a lost response by number, contact and figures. What"
				" somebody copies in Xero, or what was sent and lost here by a restore, is not recognised: check"
				" those in Xero."
			)
		)
	action = "choose" if is_connected and others else ""
	return _step(
		"choose", title, text, action, is_done=True, warning=" ".join([text for text in warnings if text])
	)


def _check(settings: Document) -> dict[str, object]:
	title = _("Check")
	if not settings.tenant_id:
		return _step("check", title, _("Choose the organisation first."))
	if not (settings.tax_mapping or settings.default_sales_account or settings.account_mapping):
		return _step("check", title, _("Map accounts and tax templates to Xero."), "suggest")
	last = last_check(settings)
	if not last:
		return _step("check", title, _("Check how your last invoices would be sent."), "check")
	if not last.is_current:
		return _step("check", title, _("The mapping has changed since the last check."), "check")
	text = _("{0} of {1} invoices would go to Xero.").format(last.would_go, last.checked)
	return _step("check", title, text, "" if last.is_clean else "check", is_done=last.is_clean)


def _enable(settings: Document) -> dict[str, object]:
	title = _("Enable")
	if settings.enabled:
		text = _("Documents dated {0} or later are sent to Xero.").format(
			frappe.format(settings.start_date, "Date")
		)
		return _step("switch_on", title, text, is_done=True)
	text = _("Nothing is sent yet.") if settings.tenant_id else _("Choose the organisation first.")
	return _step("switch_on", title, text, "switch_on" if settings.tenant_id else "")


def _step(
	key: str, title: str, text: str, action: str = "", is_done: bool = False, warning: str = ""
) -> dict[str, object]:
	"""`action`: the button that does what is missing, or fixes what the warning is about."""
	return {
		"key": key,
		"title": title,
		"text": text,
		"action": action,
		"is_done": is_done,
		"warning": warning,
	}
