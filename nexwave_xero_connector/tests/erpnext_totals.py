"""ERPNext's calculation of an invoice, implemented again for the tests: items, taxes table, discounts, rounding.

It shares no code with the mapping. It follows the steps of ERPNext's controllers/taxes_and_totals.py in order, with
Decimal instead of float and the site's rounding method as a parameter. On a bench, test_erpnext_totals.py compares it
with ERPNext itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

ZERO = Decimal(0)


@dataclass
class Item:
	qty: Decimal
	rate: Decimal
	tax_rates: dict[str, Decimal] = field(default_factory=dict)
	item_tax_template: str = ""
	amount: Decimal = ZERO
	net_amount: Decimal = ZERO


@dataclass
class Tax:
	charge_type: str
	account: str
	rate: Decimal = ZERO
	row_id: int = 0
	inclusive: bool = False
	category: str = "Total"
	deducted: bool = False
	amount: Decimal = ZERO
	after_discount: Decimal = ZERO
	total: Decimal = ZERO

	def in_total(self, amount: Decimal) -> Decimal:
		if self.category == "Valuation":
			return ZERO
		return -amount if self.deducted else amount


@dataclass
class Invoice:
	items: list[Item]
	taxes: list[Tax]
	is_return: bool = False
	is_debit_note: bool = False
	apply_discount_on: str = "Grand Total"
	discount: Decimal = ZERO
	is_cash_discount: bool = False
	places: int = 2
	rounding: str = ROUND_HALF_EVEN
	round_row_wise: bool = False
	smallest_fraction: Decimal | None = None
	net_total: Decimal = ZERO
	grand_total: Decimal = ZERO
	rounded_total: Decimal = ZERO
	rounding_adjustment: Decimal = ZERO

	def round(self, amount: Decimal) -> Decimal:
		noise_free = amount.quantize(Decimal(1).scaleb(-9), rounding=ROUND_HALF_EVEN)
		return noise_free.quantize(Decimal(1).scaleb(-self.places), rounding=self.rounding)

	def compute(self) -> Invoice:
		self._difference = ZERO
		self._pass(discounted=False)
		if self.discount and self.is_cash_discount:
			self.grand_total -= self.discount
		elif self.discount:
			self._discount_items()
			self._pass(discounted=True)
		if self.smallest_fraction is not None:
			# Half a fraction is rounded down, whatever the site's rounding method.
			steps = (self.grand_total / self.smallest_fraction).to_integral_value(rounding=ROUND_FLOOR)
			rest = self.grand_total - steps * self.smallest_fraction
			steps += 1 if rest > self.smallest_fraction / 2 else 0
			self.rounded_total = self.round(steps * self.smallest_fraction)
			self.rounding_adjustment = self.round(self.rounded_total - self.grand_total)
		return self

	def _pass(self, discounted: bool) -> None:
		if not discounted:
			for item in self.items:
				if not item.qty and self.is_return:
					item.amount = self.round(-item.rate)
				elif not item.qty and self.is_debit_note:
					item.amount = self.round(item.rate)
				else:
					item.amount = self.round(item.rate * item.qty)
				item.net_amount = self._without_inclusive_tax(item)
		self.net_total = self.round(sum((item.net_amount for item in self.items), ZERO))
		self._charge(discounted)
		self._fit_inclusive_total(discounted)
		last = self.taxes[-1].total if self.taxes else self.net_total
		self.grand_total = self.round(last + self._difference)

	def _without_inclusive_tax(self, item: Item) -> Decimal:
		if not item.qty or not any(tax.inclusive for tax in self.taxes):
			return item.amount
		fractions: list[Decimal] = []
		totals: list[Decimal] = []
		per_quantity = ZERO
		for tax in self.taxes:
			rate = item.tax_rates.get(tax.account, tax.rate)
			fraction = ZERO
			if tax.inclusive and tax.charge_type == "On Net Total":
				fraction = rate / 100
			elif tax.inclusive and tax.charge_type == "On Previous Row Amount":
				fraction = rate / 100 * fractions[tax.row_id - 1]
			elif tax.inclusive and tax.charge_type == "On Previous Row Total":
				fraction = rate / 100 * totals[tax.row_id - 1]
			elif tax.inclusive and tax.charge_type == "On Item Quantity":
				per_quantity += rate
			fractions.append(fraction)
			totals.append((totals[-1] if totals else 1) + fraction)
		if not sum(fractions) and not per_quantity:
			return item.amount
		return self.round((item.amount - per_quantity * item.qty) / (1 + sum(fractions)))

	def _charge(self, discounted: bool) -> None:
		left = [tax.amount for tax in self.taxes]
		for tax in self.taxes:
			tax.after_discount = ZERO
			if tax.charge_type != "Actual" and not (discounted and self.apply_discount_on == "Grand Total"):
				tax.amount = ZERO
		for item in self.items:
			amounts: list[Decimal] = []
			running: list[Decimal] = []
			for number, tax in enumerate(self.taxes):
				amount = self._of_item(item, tax, amounts, running)
				if self.round_row_wise:
					amount = self.round(amount)
				if tax.charge_type == "Actual":
					left[number] -= amount
					if item is self.items[-1]:
						amount += left[number]
				elif not (discounted and self.apply_discount_on == "Grand Total"):
					tax.amount += amount
				amounts.append(amount)
				running.append((running[-1] if running else item.net_amount) + tax.in_total(amount))
				tax.after_discount += amount
		if self.apply_discount_on == "Grand Total" and self.discount and self.taxes:
			if discounted:
				for tax in self.taxes:
					tax.after_discount = self.round(tax.after_discount)
			self._cumulate()
			if discounted:
				self._difference = self.round(self._to_discount - self.discount - self.taxes[-1].total)
			else:
				self._to_discount = self.taxes[-1].total
		for tax in self.taxes:
			tax.amount = self.round(tax.amount)
			tax.after_discount = self.round(tax.after_discount)
		self._cumulate()

	def _of_item(self, item: Item, tax: Tax, amounts: list[Decimal], running: list[Decimal]) -> Decimal:
		rate = item.tax_rates.get(tax.account, tax.rate)
		if tax.charge_type == "Actual":
			return item.net_amount * tax.amount / self.net_total if self.net_total else ZERO
		if tax.charge_type == "On Net Total":
			return rate / 100 * item.net_amount
		if tax.charge_type == "On Previous Row Amount":
			return rate / 100 * amounts[tax.row_id - 1]
		if tax.charge_type == "On Previous Row Total":
			return rate / 100 * running[tax.row_id - 1]
		return rate * item.qty

	def _cumulate(self) -> None:
		total = self.net_total
		for tax in self.taxes:
			total = self.round(total + tax.in_total(tax.after_discount))
			tax.total = total

	def _fit_inclusive_total(self, discounted: bool) -> None:
		if not any(tax.inclusive for tax in self.taxes):
			return
		gross = sum((item.amount for item in self.items), ZERO)
		added = sum((tax.in_total(tax.after_discount) for tax in self.taxes if not tax.inclusive), ZERO)
		difference = gross + added - self.taxes[-1].total - (self.discount if discounted else ZERO)
		self._difference = difference if abs(difference) <= Decimal("0.05") else ZERO

	def _discount_items(self) -> None:
		base = self.net_total
		if self.apply_discount_on == "Grand Total" and self.taxes:
			base = self._to_discount - self._not_discounted()
		if not base:
			return
		expected = given = ZERO
		for item in self.items:
			exact = item.net_amount - self.discount * item.net_amount / base
			expected += exact
			item.net_amount = self.round(exact)
			given += item.net_amount
			correction = self.round(expected - given)
			item.net_amount += correction
			given += correction

	def _not_discounted(self) -> Decimal:
		"""Amounts that a discount on the grand total does not change, and percentages of these."""
		amounts: dict[int, tuple[Decimal, Decimal]] = {}
		total = ZERO
		for number, tax in enumerate(self.taxes, start=1):
			if tax.charge_type in ("Actual", "On Item Quantity"):
				amount = tax.amount
			elif tax.row_id in amounts:
				own, cumulated = amounts[tax.row_id]
				amount = (own if tax.charge_type == "On Previous Row Amount" else cumulated) * tax.rate / 100
			else:
				continue
			amount = -amount if tax.deducted else amount
			total += amount if tax.category != "Valuation" else ZERO
			amounts[number] = (amount, total)
		return total
