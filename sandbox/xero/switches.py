"""What is not proved about Xero, each point as a named switch.

The default is the choice that is harder on a connector.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .storage import Storage


@dataclass(frozen=True)
class Switch:
	name: str
	default: str
	choices: tuple[str, ...]
	meaning: str


SWITCHES: dict[str, Switch] = {
	switch.name: switch
	for switch in (
		Switch(
			"deleted_draft_frees_number",
			"yes",
			("yes", "no"),
			"PUT of a sales number that only a DELETED draft holds: accepted, or refused as not unique. "
			"With yes, a look-up by number can return more than one document.",
		),
		Switch(
			"bill_post_match",
			"number",
			("number", "number_and_contact"),
			"POST of a bill without an id replaces the bill with the same number: anybody's, or only the "
			"same contact's.",
		),
		Switch(
			"bill_reference",
			"dropped",
			("dropped", "kept"),
			"Reference on a bill: silently ignored, or stored.",
		),
		Switch(
			"totals_sent",
			"checked",
			("checked", "ignored"),
			"SubTotal, TotalTax and Total sent by the client: must equal Xero's, or are ignored.",
		),
		Switch(
			"tax_above_line",
			"accepted",
			("accepted", "refused"),
			"TaxAmount larger than the line. Measured as accepted; some vendors list it as refused.",
		),
		Switch(
			"micro_prices",
			"refused",
			("refused", "accepted"),
			"A price below one cent (with unitdp=4): refused, with two misleading messages, or accepted.",
		),
		Switch(
			"contact_errors",
			"nested",
			("nested", "document"),
			"Errors in a document's contact details: reported in its Contact, or for the document itself.",
		),
		Switch(
			"lock_dates_hold",
			"all",
			("all", "approved"),
			"Documents that a lock date locks: all, or only approved ones.",
		),
		Switch(
			"lock_date_itself",
			"locked",
			("locked", "open"),
			"A document dated on the lock date itself: locked, or not.",
		),
		Switch(
			"credit_note_number_taken",
			"credit_note",
			("credit_note", "invoice"),
			"The message for a credit note whose number is in use: Credit Note # must be unique, or Invoice #.",
		),
		Switch(
			"number_spaces",
			"separate",
			("separate", "shared"),
			"Sales invoices and their credit notes may have the same number, or share one set of numbers.",
		),
		Switch(
			"due_before_date",
			"accepted",
			("accepted", "refused"),
			"A DueDate before the Date: accepted, as Xero's own example has one, or refused.",
		),
		Switch(
			"account_needed",
			"submitted",
			("submitted", "authorised"),
			"The status from which every line with an amount needs an account.",
		),
		Switch(
			"item_codes",
			"refused",
			("refused", "ignored"),
			"ItemCode on a line: refused, as the seed has no items, or ignored.",
		),
		Switch(
			"void_with_content",
			"refused",
			("refused", "ignored"),
			"LineItems sent along with Status VOIDED or DELETED: the change is refused, or they are ignored.",
		),
		Switch(
			"void_checks_line_totals",
			"yes",
			("yes", "no"),
			"A change of status without unitdp=4 checks the stored four-decimal prices rounded to two.",
		),
		Switch(
			"fx_rate_resets",
			"yes",
			("yes", "no"),
			"LineItems of a foreign-currency document sent without CurrencyRate: the rate becomes the day's "
			"rate.",
		),
		Switch(
			"zero_total_is_paid",
			"yes",
			("yes", "no"),
			"An approved document of 0.00 is PAID at once.",
		),
		Switch(
			"lists_hide_archived_contacts",
			"yes",
			("yes", "no"),
			"Invoice lists without includeArchived=true leave out documents of archived contacts.",
		),
		Switch(
			"unpaged_lists",
			"capped",
			("capped", "complete"),
			"A list without page stops silently at 100 documents, or has all. Either way, without line items.",
		),
		Switch(
			"batch_error_elements",
			"failing",
			("failing", "all"),
			"Elements of the 400 that refuses a batch: only the failing ones, or all.",
		),
		Switch(
			"allocation_delete_answer",
			"bare",
			("bare", "full"),
			"DELETE of an allocation answers with AllocationId, Date and IsDeleted only, which xero-python "
			"cannot read, or with invoice and amount too.",
		),
		Switch(
			"allocation_create_answer",
			"without_id",
			("without_id", "with_id"),
			"PUT of an allocation answers without or with AllocationID.",
		),
		Switch(
			"end_twice",
			"refused",
			("refused", "accepted"),
			"Status VOIDED for a document that is VOIDED already, or DELETED for a DELETED one: not of valid "
			"status for modification, or 200.",
		),
		Switch(
			"allocated_credit_note_void",
			"edit",
			("edit", "void", "status"),
			"The message for voiding a credit note that is allocated: cannot be edited as it has a payment or "
			"credit note allocated to it, the status VOIDED cannot be applied, or not of valid status for "
			"modification.",
		),
		Switch(
			"ended_tax_rate",
			"type",
			("type", "account"),
			"The message for a tax rate that is not ACTIVE: does not exist or cannot be used for this type of "
			"transaction, or cannot be used with the account code.",
		),
		Switch(
			"missing_account",
			"specified",
			("specified", "valid"),
			"The message for a line without an account: Account code must be specified, or Account must be valid.",
		),
		Switch(
			"negative_total",
			"submitted",
			("submitted", "authorised"),
			"The status from which a document's total must not be below zero.",
		),
		Switch(
			"app_minute_word",
			"appminute",
			("appminute", "app-minute", "minute"),
			"X-Rate-Limit-Problem of the app's own limit per minute.",
		),
		Switch(
			"high_volume_partly_optimised",
			"refused",
			("refused", "accepted"),
			"Above the limit of records, a filter of which only a part is optimised, such as Type and several "
			"numbers joined by OR: HighVolumeException, or answered.",
		),
		Switch(
			"summary_where",
			"optimised",
			("optimised", "all"),
			"A filter with summaryOnly=true: only the fields that are optimised, or all.",
		),
		Switch(
			"rounding_amount",
			"refused",
			("refused", "ignored"),
			"RoundingAmount, for which an organisation must opt in: refused, or ignored. No organisation of "
			"the seed has opted in.",
		),
		Switch(
			"idempotency_key_elsewhere",
			"replayed",
			("replayed", "refused"),
			"The same Idempotency-Key, URL and body for another organisation: gets the first one's response,"
			" because the organisation is only in a header, or is refused as a different request.",
		),
		Switch(
			"encoded_slash_in_path",
			"refused",
			("refused", "accepted"),
			"A document number with a slash (%2F) in the path: 404, or looked up.",
		),
		Switch(
			"loopback_redirect",
			"refused",
			("refused", "accepted"),
			"A redirect URI on http://127.0.0.1; http://localhost is always accepted.",
		),
		Switch(
			"url_kept",
			"kept",
			("kept", "dropped"),
			"Url of an invoice or bill: stored and returned, or dropped. Reports contradict each other.",
		),
		Switch(
			"url_query",
			"kept",
			("kept", "dropped"),
			"The query of a Url (?key=value): kept, or dropped.",
		),
		Switch(
			"url_fragment",
			"kept",
			("kept", "dropped"),
			"The fragment of a Url (#key=value): kept, or dropped.",
		),
		Switch(
			"url_in_lists",
			"yes",
			("yes", "no"),
			"A list of invoices shows each Url, or only the single invoice does.",
		),
		Switch(
			"copy_keeps_url",
			"yes",
			("yes", "no"),
			"Copy to in Xero's pages: the copy has the Url of the original, or none.",
		),
		Switch(
			"voided_frees_number",
			"no",
			("no", "yes"),
			"PUT of a sales number that only a VOIDED document holds: refused as not unique, or accepted.",
		),
		Switch(
			"number_case",
			"ignored",
			("ignored", "compared"),
			"Sales numbers that differ only in case: the same number, or two.",
		),
		Switch(
			"supplier_credit_reference",
			"dropped",
			("dropped", "kept"),
			"Reference on a supplier credit note: silently ignored, or stored.",
		),
		Switch(
			"batch_order",
			"as_sent",
			("as_sent", "by_date"),
			"The elements of the response to a batch: in the order in which they were sent, or by their dates.",
		),
		Switch(
			"refused_batch_saves",
			"nothing",
			("nothing", "valid"),
			"A 400 that refuses a batch: nothing was saved, or the elements that are valid were.",
		),
		Switch(
			"unknown_contact",
			"not_found",
			("not_found", "element"),
			"An unknown ContactID in one element of a batch: 404 for the whole call, or an error of that element.",
		),
		Switch(
			"new_in_lists",
			"at_once",
			("at_once", "late"),
			"A document is in lists as soon as it is saved, or only two seconds later.",
		),
		Switch(
			"created_by_my_app",
			"filtered",
			("filtered", "ignored"),
			"createdByMyApp=true: only the documents that the app created, or all.",
		),
		Switch(
			"credit_notes_modified_since",
			"honoured",
			("honoured", "ignored"),
			"If-Modified-Since on the list of credit notes: honoured, or ignored.",
		),
		Switch(
			"long_query",
			"not_found",
			("not_found", "too_long", "answered"),
			"A query string of more than 2,048 characters: 404, 414, or accepted.",
		),
		Switch(
			"contact_name_accents",
			"ignored",
			("ignored", "compared"),
			"Contact names that differ only in accents: the same name, or two.",
		),
		Switch(
			"tax_amount_sent",
			"kept",
			("kept", "recalculated"),
			"A TaxAmount that differs from the rate: kept, or recalculated from the rate.",
		),
		Switch(
			"rate_places",
			"six",
			("six", "four"),
			"The number of decimals that are kept of a CurrencyRate.",
		),
		Switch(
			"zero_total_void",
			"accepted",
			("accepted", "refused"),
			"Voiding an approved document of 0.00: accepted, or refused as not of valid status.",
		),
		Switch(
			"allocation_repeated",
			"allocated",
			("allocated", "refused"),
			"The same allocation sent twice: allocated twice as far as both balances allow, or refused.",
		),
		Switch(
			"lock_holds_void",
			"yes",
			("yes", "no"),
			"Voiding a document dated before a lock date: refused, or accepted.",
		),
		Switch(
			"idempotency_errors",
			"kept",
			("kept", "forgotten"),
			"An error response to an Idempotency-Key: returned again for six minutes, or the call is carried"
			" out again.",
		),
		Switch(
			"attachment_same_name",
			"replaced",
			("replaced", "added"),
			"A second file with the same name: replaces the first, or is added.",
		),
		Switch(
			"attachment_name_with_blank",
			"not_found",
			("not_found", "error", "accepted"),
			"A blank in the name of a file: 404, 500, or accepted.",
		),
		Switch(
			"consent_without_openid",
			"accepted",
			("accepted", "refused"),
			"A consent that does not ask for openid: accepted, or refused as an invalid scope.",
		),
		Switch(
			"role_refusal",
			"disconnected",
			("disconnected", "worded"),
			"The 403 for a user whose role may not write: the same as for an organisation that is not connected, "
			"or with its own wording.",
		),
		Switch(
			"firewall",
			"none",
			("none", "page"),
			"Markup and database commands in a text: stored, or a firewall answers 403 with a page.",
		),
	)
}


class Switches:
	"""The current switches; values that differ from the default survive a restart.

	What was observed about the real Xero replaces the defaults, and a reset goes back to it.
	"""

	def __init__(self, storage: Storage, observed: Mapping[str, str] | None = None) -> None:
		self._storage = storage
		self._observed = dict(observed or {})
		self._changed: dict[str, str] = storage.value("switches", {})

	def get(self, name: str) -> str:
		return self._changed.get(name) or self._observed.get(name, SWITCHES[name].default)

	def set(self, name: str, value: str) -> None:
		"""Raises ValueError for a switch or value that does not exist."""
		check(name, value)
		self._changed[name] = value
		self._storage.remember("switches", self._changed)

	def reset(self) -> None:
		self._changed = {}
		self._storage.remember("switches", {})

	def all(self) -> dict[str, dict[str, Any]]:
		return {
			name: {
				"value": self.get(name),
				"default": switch.default,
				"choices": list(switch.choices),
				"meaning": switch.meaning,
			}
			for name, switch in SWITCHES.items()
		}


def check(name: str, value: str) -> None:
	"""Raises ValueError for a switch or value that does not exist."""
	if name not in SWITCHES:
		raise ValueError(f"No switch named {name}")
	if value not in SWITCHES[name].choices:
		raise ValueError(f"{name} is one of {', '.join(SWITCHES[name].choices)}")
