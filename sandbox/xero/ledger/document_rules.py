"""The rules that a document must satisfy to be created or changed, with Xero's messages.

All messages that apply are collected.
"""

from __future__ import annotations

import copy
import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from urllib.parse import urlsplit

from ..switches import Switches
from ..wire import read_date
from .books import Books
from .contact_store import ContactStore
from .document_store import DocumentStore
from .incoming import Element
from .invoice_contact import ContactChoice, choose_contact
from .line_arithmetic import rounded_price_mismatch, set_totals
from .line_rules import LineReader, missing_account
from .model import CREDIT_NOTE, INVOICE, Document, Kind
from .settled_rules import EDIT_SETTLED, edit_settled

STATUSES = ("DRAFT", "SUBMITTED", "AUTHORISED", "PAID", "VOIDED", "DELETED")
LINE_AMOUNT_TYPES = ("Exclusive", "Inclusive", "NoTax")
APPROVED = ("AUTHORISED", "PAID")

# Documented by Xero; PAID is set and unset by payments and allocations only.
TRANSITIONS: dict[str, tuple[str, ...]] = {
	"DRAFT": ("DRAFT", "SUBMITTED", "AUTHORISED", "DELETED"),
	"SUBMITTED": ("SUBMITTED", "AUTHORISED", "DRAFT", "DELETED"),
	"AUTHORISED": ("AUTHORISED", "VOIDED"),
	"PAID": ("PAID",),
	"VOIDED": (),
	"DELETED": (),
}


@dataclass
class Draft:
	"""A document about to enter the ledger, with its errors and warnings."""

	document: Document
	contact: ContactChoice | None = None
	errors: list[str] = field(default_factory=list)
	contact_errors: list[str] = field(default_factory=list)
	warnings: list[str] = field(default_factory=list)


@dataclass
class DocumentRules:
	"""The rules for one request: one organisation, one kind of document, one price precision."""

	kind: Kind
	books: Books
	switches: Switches
	documents: DocumentStore
	contacts: ContactStore
	today: str
	app: str | None
	price_places: int

	def create(self, element: Element) -> Draft:
		type_ = element.choice("Type", self.kind.types, f"{self.kind.name.title().replace('_', '')}Type")
		status = element.choice("Status", STATUSES, "InvoiceStatus") or "DRAFT"
		draft = Draft(
			Document(
				id=str(uuid.uuid4()),
				tenant=self.books.tenant,
				kind=self.kind.name,
				type=type_ or "",
				number=None,
				contact_id="",
				status=status,
				date=self.today,
				due_date=None,
				line_amount_types="Exclusive",
				currency=self.books.base_currency,
				currency_rate=Decimal("1.000000"),
				branding_theme_id=self.books.all("branding_theme")[0]["BrandingThemeID"],
				app=self.app,
			)
		)
		if type_ is None:
			draft.errors.append(f"{self.kind.word} Type must be specified")
		if status not in ("DRAFT", "SUBMITTED", "AUTHORISED"):
			draft.errors.append(f"{self.kind.word} not of valid status for creation")
		self._set_contact(draft, element, required=True)
		self._apply(draft, element, lines_required=True)
		return draft

	def update(self, existing: Document, element: Element, *, matched_by_number: bool) -> Draft:
		"""A changed copy of `existing`; fields that were not sent stay as they are."""
		draft = Draft(copy.deepcopy(existing))
		modification = f"{self.kind.word} not of valid status for modification"
		status = element.choice("Status", STATUSES, "InvoiceStatus") or existing.status
		element.choice("Type", self.kind.types, f"{self.kind.name.title().replace('_', '')}Type")
		if not TRANSITIONS[existing.status]:
			if status != existing.status or self.switches.get("end_twice") == "refused":
				draft.errors.append(modification)
			return draft
		if status not in ("VOIDED", "DELETED") or self.switches.get("lock_holds_void") == "yes":
			self._check_lock(draft, existing.date, edit=True)
		if existing.settled:
			if status in ("VOIDED", "DELETED"):
				draft.errors.append(self._void_refusal(existing, status))
			elif matched_by_number:
				# Reported by several vendors: both messages come together.
				draft.errors += [modification, EDIT_SETTLED]
			elif status != existing.status:
				draft.errors.append(modification)
			else:
				self._edit_settled(draft, element)
			return draft
		voids_empty = self.switches.get("zero_total_void") == "accepted" and _voids_empty_document(
			existing, status
		)
		if status not in TRANSITIONS[existing.status] and not voids_empty:
			draft.errors.append(modification)
			return draft
		if status in ("VOIDED", "DELETED"):
			self._end(draft, element, status, modification)
			return draft
		draft.document.status = status
		if element.object("Contact"):
			self._set_contact(draft, element, required=False)
		self._apply(draft, element, lines_required=False)
		return draft

	def _void_refusal(self, existing: Document, status: str) -> str:
		text = "void" if self.kind is INVOICE else self.switches.get("allocated_credit_note_void")
		if text == "void":
			return (
				f"The status {status} cannot be applied to the {self.kind.word.lower()} because it has payments or "
				"credit notes allocated to it."
			)
		return EDIT_SETTLED if text == "edit" else f"{self.kind.word} not of valid status for modification"

	def _end(self, draft: Draft, element: Element, status: str, modification: str) -> None:
		"""Voids or deletes. Only id and status should be sent; the stored lines are checked again."""
		if element.has("LineItems") and self.switches.get("void_with_content") == "refused":
			draft.errors.append(modification)
		self._check_stored_lines(draft)
		draft.document.status = status

	def _edit_settled(self, draft: Draft, element: Element) -> None:
		edit_settled(
			self.kind, draft.document, element, self._line_reader(draft.document, draft.errors), draft.errors
		)
		if element.object("Contact"):
			self._set_contact(draft, element, required=False)
		self._set_number(draft, element)
		self._set_plain_fields(draft, element)

	def _set_contact(self, draft: Draft, element: Element, *, required: bool) -> None:
		contact = element.object("Contact")
		if contact is None or not contact.raw:
			if required:
				draft.errors.append("A Contact must be specified for this type of transaction")
			return
		draft.contact = choose_contact(self.contacts, self.books.tenant, contact, draft.errors, self.switches)
		if draft.contact and draft.contact.contact:
			chosen = draft.contact.contact.id
			if draft.document.amount_credited and chosen != draft.document.contact_id:
				draft.errors.append(EDIT_SETTLED)
			draft.document.contact_id = chosen

	def _apply(self, draft: Draft, element: Element, *, lines_required: bool) -> None:
		document = draft.document
		if date := element.date("Date"):
			document.date = date
		self._check_lock(draft, document.date, edit=False)
		if self.kind is INVOICE:
			document.due_date = element.date("DueDate") or document.due_date
			if document.status == "AUTHORISED" and not document.due_date:
				draft.errors.append("The document DueDate field must be specified.")
			is_early = document.due_date is not None and read_date(document.due_date) < read_date(
				document.date
			)
			if is_early and self.switches.get("due_before_date") == "refused":
				draft.errors.append("The document DueDate cannot be before the document Date.")
		types_before = document.line_amount_types
		document.line_amount_types = (
			element.choice("LineAmountTypes", LINE_AMOUNT_TYPES, "LineAmountType") or types_before
		)
		self._set_number(draft, element)
		self._set_plain_fields(draft, element)
		self._set_currency(draft, element, creating=lines_required)
		self._set_lines(draft, element, required=lines_required)
		if document.line_amount_types != types_before and not element.has("LineItems"):
			self._line_reader(document, draft.errors).recalculate_tax(document.lines)
		set_totals(document)
		self._check_totals(draft, element)

	def _set_number(self, draft: Draft, element: Element) -> None:
		document = draft.document
		number = element.text(self.kind.number_field)
		if number:
			if len(number) > 255:
				draft.errors.append(f"The {self.kind.number_field} must not be longer than 255 characters.")
			if not (number.isascii() and number.isprintable()):
				draft.errors.append(f"The {self.kind.number_field} contains invalid characters.")
			document.number = number
		if document.type != self.kind.unique_type or not document.number:
			return
		freed = {
			status
			for status, switch in (
				("DELETED", "deleted_draft_frees_number"),
				("VOIDED", "voided_frees_number"),
			)
			if self.switches.get(switch) == "yes"
		}
		by_case = self.switches.get("number_case") == "compared"
		kinds = (INVOICE, CREDIT_NOTE) if self.switches.get("number_spaces") == "shared" else (self.kind,)
		for kind in kinds:
			for holder in self.documents.by_number(document.tenant, kind, document.number, kind.unique_type):
				other = holder.id != document.id and holder.status not in freed
				if other and not (by_case and holder.number != document.number):
					draft.errors.append(self._number_taken())
					return

	def _number_taken(self) -> str:
		"""According to one report, Xero also says Invoice for a credit note."""
		says_invoice = self.switches.get("credit_note_number_taken") == "invoice"
		return f"{INVOICE.word if says_invoice else self.kind.word} # must be unique."

	def _set_plain_fields(self, draft: Draft, element: Element) -> None:
		document = draft.document
		reference = element.text("Reference")
		switch = "bill_reference" if self.kind is INVOICE else "supplier_credit_reference"
		if reference is not None and (document.sales_side or self.switches.get(switch) == "kept"):
			if len(reference) > 255:
				draft.errors.append("The Reference must not be longer than 255 characters.")
			document.reference = reference
		if url := element.text("Url"):
			if not url.startswith(("http://", "https://")):
				draft.errors.append("The Url must be an absolute URL.")
			elif _is_xeros_own(url):
				draft.errors.append("The Url must not be an address of Xero.")
			document.url = self._kept_url(url)
		if theme := element.guid("BrandingThemeID"):
			if theme not in [row["BrandingThemeID"] for row in self.books.all("branding_theme")]:
				draft.errors.append("The branding theme ID specified does not exist.")
			document.branding_theme_id = theme
		document.expected_payment_date = element.date("ExpectedPaymentDate") or document.expected_payment_date
		document.planned_payment_date = element.date("PlannedPaymentDate") or document.planned_payment_date
		sent = element.boolean("SentToContact")
		if sent is not None and document.status in APPROVED and document.sales_side:
			document.sent_to_contact = sent

	def _kept_url(self, url: str) -> str | None:
		if self.switches.get("url_kept") == "dropped":
			return None
		rest, hash_, fragment = url.partition("#")
		if self.switches.get("url_query") == "dropped":
			rest = rest.partition("?")[0]
		return rest if self.switches.get("url_fragment") == "dropped" else f"{rest}{hash_}{fragment}"

	def _set_currency(self, draft: Draft, element: Element, *, creating: bool) -> None:
		document = draft.document
		currency = element.text("CurrencyCode") or (self._default_currency(draft) if creating else None)
		if currency:
			if not self.books.subscribed(currency):
				draft.errors.append(f"Organisation is not subscribed to currency {currency}")
				return
			document.currency = currency
		if document.currency == self.books.base_currency:
			document.currency_rate = Decimal("1.000000")
			return
		day_rate = self.books.day_rate(document.currency)
		rate = element.number("CurrencyRate")
		if rate is not None:
			if rate <= 0:
				draft.errors.append("The CurrencyRate must be greater than zero.")
				return
			places = 6 if self.switches.get("rate_places") == "six" else 4
			document.currency_rate = rate.quantize(Decimal(1).scaleb(-places))
			if not day_rate / 2 < document.currency_rate < day_rate * 2:
				draft.warnings.append(
					f"The currency rate {document.currency_rate} differs significantly from the day's rate "
					f"{day_rate}."
				)
		elif (
			creating
			or currency
			or (element.has("LineItems") and self.switches.get("fx_rate_resets") == "yes")
		):
			document.currency_rate = day_rate

	def _default_currency(self, draft: Draft) -> str | None:
		"""Documented: a document without CurrencyCode is in its contact's currency, otherwise in the base currency."""
		contact = draft.contact.contact if draft.contact else None
		currency = contact.fields.get("DefaultCurrency") if contact else None
		return currency if currency and self.books.subscribed(currency) else None

	def _set_lines(self, draft: Draft, element: Element, *, required: bool) -> None:
		document = draft.document
		sent = element.objects("LineItems")
		if sent is None and not required:
			self._check_stored_lines(draft)
			self._recheck_stored_lines(draft)
			return
		if not sent:
			draft.errors.append("One or more line items must be specified")
			return
		reader = self._line_reader(document, draft.errors)
		kept_ids = {line.id for line in document.lines}
		document.lines = [reader.read(line, kept_ids) for line in sent]

	def _line_reader(self, document: Document, errors: list[str]) -> LineReader:
		needing = (
			APPROVED if self.switches.get("account_needed") == "authorised" else ("SUBMITTED", *APPROVED)
		)
		return LineReader(
			books=self.books,
			switches=self.switches,
			line_amount_types=document.line_amount_types,
			discounts=document.type == "ACCREC",
			approved=document.status in APPROVED,
			account_needed=document.status in needing,
			price_places=self.price_places,
			errors=errors,
		)

	def _check_stored_lines(self, draft: Draft) -> None:
		"""Reported by users: without unitdp=4 stored four-decimal prices are rounded before the check."""
		if self.price_places == 4 or self.switches.get("void_checks_line_totals") == "no":
			return
		for line in draft.document.lines:
			if mismatch := rounded_price_mismatch(line):
				draft.errors.append(
					f"The line total {mismatch[0]} does not match the expected line total {mismatch[1]}"
				)

	def _recheck_stored_lines(self, draft: Draft) -> None:
		"""Lines that were valid in a draft may lack an account when it is approved."""
		needing = self._line_reader(draft.document, draft.errors).account_needed
		if needing and any(line.has_amounts and not line.account_code for line in draft.document.lines):
			draft.errors.append(missing_account(self.switches))

	def _check_totals(self, draft: Draft, element: Element) -> None:
		document = draft.document
		if element.number("RoundingAmount") and self.switches.get("rounding_amount") == "refused":
			draft.errors.append("RoundingAmount is not available for this organisation.")
		allowed = (
			("DRAFT", "SUBMITTED") if self.switches.get("negative_total") == "authorised" else ("DRAFT",)
		)
		if document.total < 0 and document.status not in allowed:
			draft.errors.append("The Total for this document must be greater than or equal to zero.")
		if self.switches.get("totals_sent") == "ignored" or draft.errors:
			return
		for name, value in (
			("SubTotal", document.sub_total),
			("TotalTax", document.total_tax),
			("Total", document.total),
		):
			sent = element.number(name)
			if sent is not None and sent != value:
				draft.errors.append("The document total does not equal the sum of the lines.")
				break

	def _check_lock(self, draft: Draft, date: str, *, edit: bool) -> None:
		lock = self.books.lock_date()
		if lock is None or read_date(date) > lock[0]:
			return
		if read_date(date) == lock[0] and self.switches.get("lock_date_itself") == "open":
			return
		if self.switches.get("lock_dates_hold") == "approved" and draft.document.status not in APPROVED:
			return
		shown = f"{int(lock[0][8:])} {_MONTHS[int(lock[0][5:7]) - 1]} {lock[0][:4]}"
		message = (
			f"The document cannot be edited as it is currently dated before the {lock[1]}, currently set at "
			f"{shown}"
			if edit
			else f"The document date cannot be before the {lock[1]}, currently set at {shown}"
		)
		if not any("lock date" in error for error in draft.errors):
			draft.errors.append(message)


# Not strftime, which follows the locale.
_MONTHS = "January February March April May June July August September October November December".split()


def _is_xeros_own(url: str) -> bool:
	"""Documented: Xero refuses its own domains. The wording is the sandbox's."""
	try:
		host = urlsplit(url).hostname or ""
	except ValueError:
		return False
	return host == "xero.com" or host.endswith(".xero.com")


def _voids_empty_document(existing: Document, status: str) -> bool:
	"""A document of 0.00 is PAID without anything applied to it, and may still be voided."""
	return existing.status == "PAID" and status == "VOIDED" and not existing.total
