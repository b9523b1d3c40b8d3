"""Calls the hooks `xero_before_push`, `xero_before_contact` and `xero_after_push` of other apps, so that they can do no
harm.

In an app's hooks.py:

    xero_before_push = ["my_app.xero.before_push"]   # def before_push(doc, body)
    xero_before_contact = ["my_app.xero.before_contact"]   # def before_contact(party, body)
    xero_after_push = ["my_app.xero.after_push"]     # def after_push(doc, xero)

docs/extending.md says what each receives and may do.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from copy import deepcopy

import frappe
from frappe.utils import strip_html
from rq.timeouts import BaseTimeoutException

from nexwave_xero_connector.mapping.erp_document import ErpDocument, Party
from nexwave_xero_connector.mapping.errors import CannotMap
from nexwave_xero_connector.mapping.extended import with_body, with_details
from nexwave_xero_connector.mapping.payload import XeroPayload
from nexwave_xero_connector.mapping.settings import MappingSettings
from nexwave_xero_connector.sentence import DocLink, Sentence, _, join
from nexwave_xero_connector.sync.extensions import Extensions
from nexwave_xero_connector.sync.records import XeroDocument

BEFORE_CONTACT = "xero_before_contact"
BEFORE_PUSH = "xero_before_push"
AFTER_PUSH = "xero_after_push"


class FrappeExtensions(Extensions):
	def before_push(
		self, document: ErpDocument, payload: XeroPayload, mapping_settings: MappingSettings
	) -> XeroPayload:
		"""Each hook in turn may change the body; the totals that Xero would compute are checked after each."""
		link = _link(document)
		for hook in frappe.get_hooks(BEFORE_PUSH):
			body = deepcopy(payload.body)
			trouble = _call(hook, link, body)
			if trouble:
				raise CannotMap([_not_sent(hook, link, trouble)])
			payload = with_body(payload, body, mapping_settings, link, hook)
		return payload

	def before_contact(self, party: Party, body: Mapping[str, object]) -> Mapping[str, object]:
		"""Each hook in turn may add details to the new contact; what identifies it is checked after each."""
		link = DocLink(party.doctype, party.name)
		for hook in frappe.get_hooks(BEFORE_CONTACT):
			changed = deepcopy(dict(body))
			if trouble := _call(hook, link, changed):
				raise CannotMap([_not_sent(hook, link, trouble)])
			body = with_details(body, changed, link, hook)
		return body

	def after_push(self, document: ErpDocument, xero: XeroDocument) -> Sentence | None:
		link = _link(document)
		in_xero = {
			"id": xero.id,
			"number": xero.number,
			"type": xero.xero_type.value,
			"status": xero.status,
			"total": xero.total,
			"total_tax": xero.total_tax,
			"currency": xero.currency,
		}
		troubles = []
		for hook in frappe.get_hooks(AFTER_PUSH):
			trouble = _call(hook, link, dict(in_xero))
			if trouble:
				troubles.append(
					Sentence(
						_("It is in Xero, but {app} failed afterwards: {trouble}"), app=hook, trouble=trouble
					)
				)
		return join(troubles, " ") if troubles else None


def _call(hook: str, link: DocLink, given: dict[str, object]) -> str:
	"""Run the hook in its own transaction. Returns what it raised, as text, or ""."""
	frappe.db.commit()  # nosemgrep: frappe-manual-commit -- none of our work is rolled back with the app's
	try:
		function: Callable[..., object] = frappe.get_attr(hook)
		function(frappe.get_doc(link.doctype, link.name), given)
		frappe.db.commit()  # nosemgrep: frappe-manual-commit -- the app's work is kept, whatever comes of the push
	except BaseTimeoutException:
		raise  # the job's time is up, for which the app is not to blame
	except Exception as error:
		frappe.db.rollback()
		frappe.clear_messages()
		frappe.log_error(f"Xero: {hook} failed", traceback.format_exc(), link.doctype, link.name)
		frappe.db.commit()  # nosemgrep: frappe-manual-commit -- the traceback is kept, whatever happens next
		text = strip_html(str(error)).strip()
		return (
			text if isinstance(error, frappe.ValidationError) and text else f"{type(error).__name__}: {text}"
		)
	return ""


def _not_sent(hook: str, link: DocLink, trouble: str) -> Sentence:
	return Sentence(
		_("{app} stopped {document}: {trouble} Nothing was sent. Fix the cause, then press Retry."),
		app=hook,
		document=link,
		trouble=trouble if trouble.endswith((".", "!", "?")) else f"{trouble}.",
	)


def _link(document: ErpDocument) -> DocLink:
	return DocLink(document.ref.doctype, document.ref.name)
