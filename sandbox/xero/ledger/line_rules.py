"""The rules for a line of a document, and what Xero fills in if the client sent nothing."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from decimal import Decimal

from ..money import ZERO, half_up
from ..switches import Switches
from .books import Books, Settings
from .incoming import Element
from .line_arithmetic import line_amount, tax_on
from .model import Line

LARGEST_LINE = Decimal("9999999999.99")
LONGEST_QUANTITY = 13
CENT = Decimal("0.01")
FORBIDDEN_SYSTEM_ACCOUNTS = ("DEBTORS", "CREDITORS")
_ALLOWED_BY_CLASS = {
	"ASSET": "CanApplyToAssets",
	"EQUITY": "CanApplyToEquity",
	"EXPENSE": "CanApplyToExpenses",
	"LIABILITY": "CanApplyToLiabilities",
	"REVENUE": "CanApplyToRevenue",
}


@dataclass
class LineReader:
	"""Turns the lines of one document into ledger lines, and collects messages in `errors`."""

	books: Books
	switches: Switches
	line_amount_types: str
	discounts: bool
	approved: bool
	account_needed: bool
	price_places: int
	errors: list[str] = field(default_factory=list)

	def read(self, element: Element, kept_ids: set[str]) -> Line:
		"""`kept_ids` are the current line ids of the document: only those may be sent again."""
		line_id = element.guid("LineItemID")
		line = Line(
			id=line_id if line_id in kept_ids else str(uuid.uuid4()),
			description=element.text("Description"),
			quantity=None,
			unit_amount=None,
			line_amount=ZERO,
			tax_type=None,
			tax_amount=ZERO,
		)
		self._check_description(element, line)
		self._read_amounts(element, line)
		if not line.has_amounts and not element.has("AccountCode") and not element.has("AccountID"):
			return line
		account = self._read_account(element, line)
		self._read_tax(element, line, account)
		line.tracking = self.read_tracking(element)
		code = element.text("ItemCode")
		if code in [row["Code"] for row in self.books.all("item")]:
			line.item_code = code
		elif code and self.switches.get("item_codes") == "refused":
			self.errors.append(f"Item code '{code}' is not valid.")
		return line

	def _check_description(self, element: Element, line: Line) -> None:
		if line.description is not None and len(line.description) > 4000:
			self.errors.append("Description must not be longer than 4000 characters.")
		if not line.description and self.approved:
			self.errors.append("Description must be specified.")

	def _read_amounts(self, element: Element, line: Line) -> None:
		quantity, price = element.number("Quantity"), element.number("UnitAmount")
		sent = element.number("LineAmount")
		if price is None and sent is None:
			if quantity is not None:
				price = ZERO
			else:
				return
		if quantity is None:
			quantity = Decimal(1)
		quantity = half_up(quantity, 4)
		if len(f"{quantity:f}") > LONGEST_QUANTITY:
			self.errors.append(f"The Quantity must not be longer than {LONGEST_QUANTITY} characters.")
		if price is None:
			price = sent / quantity if sent is not None and quantity else ZERO
		line.quantity, line.unit_amount = quantity, half_up(price, self.price_places)
		if 0 < abs(line.unit_amount) < CENT and self.switches.get("micro_prices") == "refused":
			self.errors += ["Account must be valid.", "Tax rate must be valid."]
		if self.discounts:
			rate, amount = element.number("DiscountRate"), element.number("DiscountAmount")
			line.discount_rate = half_up(rate) if rate is not None else None
			line.discount_amount = half_up(amount) if amount is not None and rate is None else None
			self._check_discount(line)
		line.line_amount = line_amount(quantity, line.unit_amount, line.discount_rate, line.discount_amount)
		if sent is not None:
			if not element.has("UnitAmount"):
				line.line_amount = half_up(sent)
			elif half_up(sent) != line.line_amount:
				self.errors.append(
					f"The line total {half_up(sent)} does not match the expected line total "
					f"{line.line_amount}"
				)
		if abs(line.line_amount) > LARGEST_LINE:
			self.errors.append("The line amount is too large.")

	def _check_discount(self, line: Line) -> None:
		gross = (line.quantity or ZERO) * (line.unit_amount or ZERO)
		if line.discount_rate is not None and line.discount_rate > 100:
			self.errors.append(
				f"The discount rate '{line.discount_rate}' is invalid. Discount must not be greater than the "
				"line total."
			)
		if line.discount_amount is not None and line.discount_amount > gross:
			self.errors.append(
				f"The discount rate '{line.discount_amount}' is invalid. Discount must not be greater than "
				"the line total."
			)

	def _read_account(self, element: Element, line: Line) -> Settings | None:
		code, account_id = element.text("AccountCode"), element.guid("AccountID")
		if not code and not account_id:
			if self.account_needed:
				self.errors.append(missing_account(self.switches))
			return None
		account = self.books.account(code, account_id)
		shown = code or account_id
		if account is None or account["Type"] == "BANK" or _is_control_account(account):
			self.errors.append(f"Account code '{shown}' is not a valid code for this document.")
			return None
		if account["Status"] != "ACTIVE":
			self.errors.append(
				f"Account code '{shown}' has been archived, or has been deleted. Each line item must "
				"reference a valid account."
			)
			return None
		line.account_code, line.account_id = account["Code"], account["AccountID"]
		return account

	def _read_tax(self, element: Element, line: Line, account: Settings | None) -> None:
		if self.line_amount_types == "NoTax":
			line.tax_type = "NONE"
			return
		tax_type = element.text("TaxType") or (account["TaxType"] if account else None)
		rate = self.books.tax_rate(tax_type) if tax_type else None
		ended = rate is not None and rate["Status"] != "ACTIVE"
		if ended and account and self.switches.get("ended_tax_rate") == "account":
			self.errors.append(
				f"The TaxType code '{tax_type}' cannot be used with account code '{line.account_code}'."
			)
		elif tax_type and (rate is None or ended):
			self.errors.append(
				f"The TaxType code {tax_type} does not exist or cannot be used for this type of transaction."
			)
		elif rate and account and not rate[_ALLOWED_BY_CLASS[account["Class"]]]:
			self.errors.append(
				f"The TaxType code '{tax_type}' cannot be used with account code '{line.account_code}'."
			)
		line.tax_type = tax_type
		sent = element.number("TaxAmount")
		if sent is not None and self.switches.get("tax_amount_sent") == "kept":
			line.tax_amount = half_up(sent)
			if (
				abs(line.tax_amount) > abs(line.line_amount)
				and self.switches.get("tax_above_line") == "refused"
			):
				self.errors.append("The tax amount cannot be greater than the line amount")
		elif rate:
			line.tax_amount = tax_on(line.line_amount, Decimal(rate["EffectiveRate"]), self.line_amount_types)

	def recalculate_tax(self, lines: list[Line]) -> None:
		"""For stored lines whose document changes between tax exclusive, tax inclusive and without tax."""
		for line in lines:
			rate = self.books.tax_rate(line.tax_type) if line.tax_type else None
			percent = Decimal(rate["EffectiveRate"]) if rate else Decimal(0)
			line.tax_amount = tax_on(line.line_amount, percent, self.line_amount_types)

	def read_tracking(self, element: Element) -> list[dict[str, str]]:
		chosen: list[dict[str, str]] = []
		sent = element.objects("Tracking") or []
		if len(sent) > 2:
			self.errors.append("A line item can have at most 2 tracking categories.")
		for tracking in sent:
			name, category_id = tracking.text("Name"), tracking.guid("TrackingCategoryID")
			category = self.books.tracking_category(name, category_id)
			if category is None:
				self.errors.append(
					f"There is no ACTIVE tracking category with the name '{name or category_id or ''}'"
				)
				continue
			wanted, option_id = tracking.text("Option"), tracking.guid("TrackingOptionID")
			for option in category["Options"]:
				if option["Status"] == "ACTIVE" and (
					option["TrackingOptionID"] == option_id if option_id else option["Name"] == wanted
				):
					chosen.append(
						{
							"Name": category["Name"],
							"Option": option["Name"],
							"TrackingCategoryID": category["TrackingCategoryID"],
							"TrackingOptionID": option["TrackingOptionID"],
						}
					)
					break
			else:
				self.errors.append(
					f"There is no ACTIVE tracking option with the name '{wanted or option_id or ''}' in the "
					f"tracking category '{category['Name']}'"
				)
		return chosen


def missing_account(switches: Switches) -> str:
	"""Two vendors report different messages."""
	says_valid = switches.get("missing_account") == "valid"
	return "Account must be valid." if says_valid else "Account code must be specified"


def _is_control_account(account: Settings) -> bool:
	return account.get("SystemAccount") in FORBIDDEN_SYSTEM_ACCOUNTS
