"""Rounding, totals and tax: where the two sets of books could differ by a cent."""

from __future__ import annotations

from decimal import Decimal

from ..lab import Lab, judge
from ..probe import NO_SOURCE, CannotAsk, Seen, Subject, fixture
from .documents import four_places

SUBJECT = Subject("Money")
CENT = Decimal("0.01")


@SUBJECT.probe(
	"price-without-unitdp",
	"Is a price with four decimals rounded to two without unitdp=4?",
	outcomes={"rounded": "rounded to 1.23", "kept": "1.2345 is kept"},
	believed="rounded",
	source="measured by others",
	calls=2,
)
def price_without_unitdp(lab: Lab) -> Seen:
	lines = [lab.line(UnitAmount=Decimal("1.2345"), Quantity=100)]
	invoice = lab.create(lab.invoice("two-places", LineItems=lines), unitdp=None)
	total = Decimal(lab.read(invoice)["LineItems"][0]["LineAmount"])
	outcome = {Decimal("123.00"): "rounded", Decimal("123.45"): "kept"}.get(total)
	return Seen(outcome, f"100 at 1.2345 came to {total}")


@SUBJECT.probe(
	"read-without-unitdp",
	"Does a read without unitdp=4 show a four-decimal price rounded?",
	outcomes={"rounded": "1.23", "whole": "1.2345"},
	believed="rounded",
	source="Xero's documentation and reports of users",
	calls=1,
	needs=(four_places,),
)
def read_without_unitdp(lab: Lab) -> Seen:
	price = Decimal(lab.read(lab.get(four_places), unitdp=None)["LineItems"][0]["UnitAmount"])
	outcome = {Decimal("1.23"): "rounded", Decimal("1.2345"): "whole"}.get(price)
	return Seen(outcome, f"read {price}")


@SUBJECT.probe(
	"micro_prices",
	"Is a price below one cent accepted, with unitdp=4?",
	outcomes={"refused": "refused", "accepted": "accepted"},
	source="XeroAPI/xero-node#702, XeroAPI/Xero-Java#353",
	calls=1,
)
def micro_prices(lab: Lab) -> Seen:
	lines = [lab.line(UnitAmount=Decimal("0.0050"), Quantity=1000)]
	tried = lab.attempt(lab.invoice("micro", LineItems=lines))
	return judge(tried, saved="accepted", refused={"refused": ""})


@SUBJECT.probe(
	"tax-rounding",
	"Is tax rounded for each line, half up, and then summed?",
	outcomes={"per_line": "for each line, half up", "other": "otherwise"},
	believed="per_line",
	source="Xero's documentation, in examples",
	calls=1,
)
def tax_rounding(lab: Lab) -> Seen:
	percent = lab.facts.tax_percent
	amounts = (Decimal(cents) / 100 for cents in range(1, 2001))
	half = next((amount for amount in amounts if amount * percent % 1 == Decimal("0.5")), None)
	if half is None:
		raise CannotAsk(f"at {percent} % no amount has a tax of half a cent")
	lines = [lab.line(UnitAmount=half, TaxType=lab.facts.tax_type) for _ in range(3)]
	invoice = lab.create(lab.invoice("rounding", LineAmountTypes="Exclusive", LineItems=lines))
	expected = 3 * (half * percent / 100 + CENT / 2)
	seen = Decimal(invoice["TotalTax"])
	return Seen("per_line" if seen == expected else "other", f"three lines of {half} at {percent} %: {seen}")


@SUBJECT.probe(
	"tax_amount_sent",
	"Is a TaxAmount kept when it differs from the rate?",
	outcomes={"kept": "kept", "recalculated": "recalculated from the rate"},
	source="measured by others, with 0.04 where the rate gives 0.03",
	calls=1,
)
def tax_amount_sent(lab: Lab) -> Seen:
	sent = 100 * lab.facts.tax_percent / 100 + 3 * CENT
	lines = [lab.line(TaxType=lab.facts.tax_type, TaxAmount=sent)]
	tried = lab.attempt(lab.invoice("tax-away", LineAmountTypes="Exclusive", LineItems=lines))
	if not tried.saved:
		return Seen(None, tried.words)
	seen = Decimal(tried.element["TotalTax"])
	outcome = {sent: "kept", sent - 3 * CENT: "recalculated"}.get(seen)
	return Seen(outcome, f"sent {sent}, stored {seen}")


@SUBJECT.probe(
	"tax_above_line",
	"Is a TaxAmount accepted when it is larger than a bill's line?",
	outcomes={"accepted": "accepted", "refused": "refused"},
	source="measured by others on sales; Dext lists it as refused",
	calls=1,
)
def tax_above_line(lab: Lab) -> Seen:
	line = lab.line(AccountCode=lab.facts.purchases_account, UnitAmount=CENT * 50, TaxAmount=1)
	tried = lab.attempt(lab.bill("tax-above", LineAmountTypes="Exclusive", LineItems=[line]))
	return judge(tried, saved="accepted", refused={"refused": "tax"})


@SUBJECT.probe(
	"totals_sent",
	"Is a wrong Total sent by us refused, or ignored?",
	outcomes={"checked": "refused", "ignored": "ignored"},
	source="reported by users; Xero's older documentation has it ignored",
	calls=1,
)
def totals_sent(lab: Lab) -> Seen:
	tried = lab.attempt(lab.invoice("total", Total=Decimal("99999.99")))
	return judge(tried, saved="ignored", refused={"checked": "total"})


@SUBJECT.probe(
	"negative-line",
	"Is a negative line accepted in an approved invoice?",
	outcomes={"accepted": "accepted, and the total is right", "refused": "refused"},
	believed="accepted",
	source="measured by others, on a draft",
	calls=1,
)
def negative_line(lab: Lab) -> Seen:
	lines = [lab.line(), lab.line(Description="Discount", UnitAmount=-40)]
	tried = lab.attempt(lab.invoice("negative-line", LineAmountTypes="NoTax", LineItems=lines))
	is_right = tried.saved and Decimal(tried.element["Total"]) == 60
	return judge(tried, saved="accepted" if is_right else None, refused={"refused": ""})


@SUBJECT.probe(
	"negative_total",
	"From which status must a document's total not be below zero?",
	outcomes={
		"submitted": "Awaiting approval: such a document is refused",
		"authorised": "Authorised only: Awaiting approval is accepted",
	},
	source="Neto's list of errors; others measured that a draft is accepted",
	calls=1,
)
def negative_total(lab: Lab) -> Seen:
	lines = [lab.line(UnitAmount=-10)]
	tried = lab.attempt(lab.invoice("negative", Status="SUBMITTED", LineItems=lines))
	return judge(tried, saved="authorised", refused={"submitted": "total"})


@SUBJECT.probe(
	"rounding_amount",
	"What happens to RoundingAmount in an organisation that has not opted in to it?",
	outcomes={"refused": "refused", "ignored": "ignored"},
	source=NO_SOURCE,
	calls=1,
)
def rounding_amount(lab: Lab) -> Seen:
	body = lab.invoice(
		"rounding-amount",
		LineAmountTypes="NoTax",
		RoundingAmount=CENT,
		SubTotal=100,
		TotalTax=0,
		Total=100,
	)
	tried = lab.attempt(body)
	total = Decimal(str(tried.element.get("Total", 0)))
	return judge(tried, saved="ignored" if total == 100 else None, refused={"refused": "rounding"})


@fixture(1)
def nothing_to_pay(lab: Lab) -> object:
	"""An approved invoice of 0.00."""
	return lab.create(lab.invoice("zero", LineItems=[lab.line(UnitAmount=0)]))


@SUBJECT.probe(
	"zero_total_is_paid",
	"Is an approved invoice of 0.00 PAID at once?",
	outcomes={"yes": "PAID", "no": "AUTHORISED"},
	source="others measured that zero totals are accepted; nobody says so for the status",
	calls=0,
	needs=(nothing_to_pay,),
)
def zero_total_is_paid(lab: Lab) -> Seen:
	status = lab.get(nothing_to_pay)["Status"]
	return Seen({"PAID": "yes", "AUTHORISED": "no"}.get(status), status)


@SUBJECT.probe(
	"zero_total_void",
	"Can an approved invoice of 0.00 be voided?",
	outcomes={"accepted": "yes", "refused": "no: not of valid status"},
	source=NO_SOURCE,
	calls=1,
	needs=(nothing_to_pay,),
)
def zero_total_void(lab: Lab) -> Seen:
	tried = lab.change(lab.get(nothing_to_pay), {"Status": "VOIDED"})
	return judge(tried, saved="accepted", refused={"refused": "status"})
