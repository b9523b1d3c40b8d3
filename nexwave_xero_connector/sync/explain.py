"""Xero's validation errors as sentences that say what to do."""

from __future__ import annotations

import re
from collections.abc import Callable

from nexwave_xero_connector.mapping.erp_document import ErpDocument
from nexwave_xero_connector.mapping.settings import MappingSettings
from nexwave_xero_connector.sentence import DocLink, Sentence, _, join, settings_link
from nexwave_xero_connector.sync.batch import Batch
from nexwave_xero_connector.sync.errors import OrganisationRefuses
from nexwave_xero_connector.sync.records import ValidationErrors

_LOCK_DATE = re.compile(r"the (?P<lock>end of year|period) lock date(?:, currently set at (?P<day>.+?))?\.?$")
"""Xero words it in two ways: one for a new document, one for a change."""

_CURRENCY = re.compile(r"not subscribed to currency '?(?P<currency>\w{3})")
_ENDED_ACCOUNT = re.compile(r"Account code '(?P<account>.+?)' has been archived, or has been deleted")
_INVALID_ACCOUNT = re.compile(r"Account code '(?P<account>.+?)' is not a valid code for this document")
_ENDED_TRACKING = re.compile(r"no ACTIVE tracking (?:category|option) with the name '(?P<option>.*?)'")
_ARCHIVED_CONTACT = re.compile(r"contact .*has been archived", re.IGNORECASE)


def is_archived_contact(errors: ValidationErrors) -> bool:
	"""Whether Xero says that the contact is archived. It also says so of a contact merged into another one."""
	return any(_ARCHIVED_CONTACT.search(message) for message in errors.messages)


def lock_in(errors: ValidationErrors) -> tuple[bool, str] | None:
	"""Whether it is the end of year lock date that prevents this, and its day, or ""; None if no lock date does."""
	for message in errors.messages:
		if found := _LOCK_DATE.search(message):
			return found["lock"] == "end of year", found["day"] or ""
	return None


def lock_date(is_year_end: bool, day: object) -> Sentence:
	"""One of Xero's two lock dates, by name, with its day if that is known."""
	if is_year_end:
		return Sentence(_("end of year lock date {day}") if day else _("end of year lock date"), day=day)
	return Sentence(_("period lock date {day}") if day else _("period lock date"), day=day)


def with_names(errors: ValidationErrors, settings: MappingSettings) -> ValidationErrors:
	"""Xero's messages with names in place of the ids that we have sent."""
	names = {account.id: f"{account.code} {account.name}" for account in settings.accounts.values()}
	for option in settings.tracking.values():
		names |= {option.option_id: option.option, option.category_id: option.category}
	messages = []
	for message in errors.messages:
		for xero_id, name in names.items():
			message = message.replace(xero_id, name) if xero_id else message
		messages.append(message)
	return ValidationErrors(tuple(messages))


_PLAN_LIMIT = re.compile(r"reached (the|your) limit of \w+ you can", re.IGNORECASE)
"""Plans such as Starter, Early and Ignite allow so many invoices and bills a month, by the document's date."""


def organisation_limit(batch: Batch, errors: ValidationErrors) -> OrganisationRefuses | None:
	"""Xero's refusal of a document as that of the organisation's plan, if that is what Xero's words say."""
	for message in errors.messages:
		if _PLAN_LIMIT.search(message):
			return OrganisationRefuses(
				Sentence(
					_(
						"Xero's plan for this organisation allows no more documents for now: {message} Nothing is lost."
						" Documents waiting here are sent automatically once the limit is raised or a new month begins."
						" The plan is {plan}; see Subscription and billing in Xero."
					),
					message=_as_sentence(message),
					plan=batch.plan or "-",
				),
				message,
			)
	return None


def _as_sentence(message: str) -> str:
	return message if message.endswith((".", "!", "?")) else f"{message}."


def explained(errors: ValidationErrors, link: DocLink, document: ErpDocument | None) -> Sentence:
	"""What Xero said about the document: with the remedy where we know it, otherwise in Xero's own words."""
	sentences: dict[Sentence, None] = {}
	for message in errors.messages:
		sentences[_explained(message, link, document)] = None
	return join(sentences, " ")


def _explained(message: str, link: DocLink, document: ErpDocument | None) -> Sentence:
	for pattern, explain in _EXPLANATIONS:
		found = pattern.search(message)
		if found:
			return explain(found, link, document)
	return Sentence("{message}", message=_as_sentence(message))


def _lock_date(found: re.Match[str], link: DocLink, document: ErpDocument | None) -> Sentence:
	template = (
		_(
			"{document} is dated {date}, in a year that is closed in Xero ({lock}). Cancel the"
			" document and amend it with a later date."
		)
		if found["lock"] == "end of year"
		else _(
			"{document} is dated {date}, in a period that is locked in Xero ({lock}). Have an adviser"
			" move the lock date in Xero, or cancel the document and amend it with a later date."
		)
	)
	return Sentence(
		template,
		document=link,
		date=document.posting_date if document else "-",
		lock=lock_date(found["lock"] == "end of year", found["day"]),
	)


def _currency(found: re.Match[str], link: DocLink, document: ErpDocument | None) -> Sentence:
	return Sentence(
		_("{document} is in {currency}, which is not enabled in Xero. Add the currency in Xero."),
		document=link,
		currency=found["currency"],
	)


def _archived_contact(found: re.Match[str], link: DocLink, document: ErpDocument | None) -> Sentence:
	if document is None:
		return Sentence(_("The contact for {document} is archived in Xero. Restore it there."), document=link)
	party = document.party
	return Sentence(
		_("The contact for {party} is archived in Xero. Restore it there."),
		party=DocLink(party.doctype, party.name, party.title),
	)


def _stale_list(template: str) -> _Explain:
	"""The list of accounts or options is older than a change in Xero: the remedy is in the settings."""

	def explain(found: re.Match[str], link: DocLink, document: ErpDocument | None) -> Sentence:
		settings = settings_link(document.company) if document else DocLink("Xero Sync Settings", "")
		return Sentence(template, settings=settings, **found.groupdict())

	return explain


_Explain = Callable[[re.Match[str], DocLink, "ErpDocument | None"], Sentence]
_EXPLANATIONS: tuple[tuple[re.Pattern[str], _Explain], ...] = (
	(_LOCK_DATE, _lock_date),
	(_CURRENCY, _currency),
	(_ARCHIVED_CONTACT, _archived_contact),
	(
		_ENDED_ACCOUNT,
		_stale_list(
			_(
				"Xero account {account} is archived or deleted in Xero. Restore it there, or press Fetch in"
				" {settings} and choose another account."
			)
		),
	),
	(
		_INVALID_ACCOUNT,
		_stale_list(
			_(
				"Xero does not accept account {account} on this document. Press Fetch in {settings} and choose"
				" another account."
			)
		),
	),
	(
		_ENDED_TRACKING,
		_stale_list(
			_(
				"Tracking option or category {option} is archived or deleted in Xero. Restore it there, or press"
				" Fetch in {settings} and choose another."
			)
		),
	),
)
