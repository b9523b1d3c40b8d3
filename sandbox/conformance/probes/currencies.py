"""Documents in a foreign currency, and the rate that Xero stores."""

from __future__ import annotations

import re
from decimal import Decimal

from ..lab import Lab, judge
from ..probe import CannotAsk, Seen, Subject

SUBJECT = Subject("Currencies")
# Roughly one dollar in each currency: enough to distinguish a rate from its inverse.
PER_DOLLAR = {"USD": 1.0, "NZD": 1.7, "AUD": 1.5, "EUR": 0.9, "GBP": 0.78, "JPY": 150.0, "SGD": 1.35}


def _foreign(lab: Lab) -> str:
	if not lab.facts.foreign_currency:
		raise CannotAsk("the organisation has one currency: add one under Accounting > Advanced > Currencies")
	return lab.facts.foreign_currency


def _near_day_rate(lab: Lab, currency: str) -> Decimal:
	"""A rate with six decimals that is close to the day's, so that Xero does not warn about it."""
	rate = PER_DOLLAR.get(currency, 1.0) / PER_DOLLAR.get(lab.facts.base_currency, 1.0)
	return Decimal(round(rate, 3)).quantize(Decimal("0.001")) + Decimal("0.000123")


@SUBJECT.probe(
	"rate_places",
	"Does Xero keep six decimals of a CurrencyRate?",
	outcomes={"six": "yes", "four": "no: four"},
	source="Xero's documentation: [18].[6]",
	calls=1,
)
def rate_places(lab: Lab) -> Seen:
	currency = _foreign(lab)
	sent = _near_day_rate(lab, currency)
	invoice = lab.create(lab.invoice("rate", CurrencyCode=currency, CurrencyRate=sent))
	seen = Decimal(str(invoice["CurrencyRate"]))
	four = sent.quantize(Decimal("0.0001"))
	return Seen({sent: "six", four: "four"}.get(seen), f"sent {sent}, stored {seen}")


@SUBJECT.probe(
	"rate-direction",
	"Is a CurrencyRate the number of units of the document's currency per unit of the organisation's?",
	outcomes={"document_per_base": "yes", "base_per_document": "no: the other way round"},
	believed="document_per_base",
	source="measured by others; two projects use the inverse",
	calls=1,
)
def rate_direction(lab: Lab) -> Seen:
	currency, base = _foreign(lab), lab.facts.base_currency
	if currency not in PER_DOLLAR or base not in PER_DOLLAR or PER_DOLLAR[currency] == PER_DOLLAR[base]:
		raise CannotAsk(f"{currency} and {base} are too close to tell")
	invoice = lab.create(lab.invoice("day-rate", CurrencyCode=currency))
	rate = float(invoice["CurrencyRate"])
	expected = PER_DOLLAR[currency] / PER_DOLLAR[base]
	is_expected = abs(rate - expected) < abs(rate - 1 / expected)
	outcome = "document_per_base" if is_expected else "base_per_document"
	return Seen(outcome, f"{currency} in books of {base}: {rate}")


@SUBJECT.probe(
	"currency-words",
	"What does Xero say about a currency that the organisation has not added?",
	outcomes={
		"not_subscribed": "not subscribed to currency, and which",
		"other_words": "other words",
		"accepted": "it is accepted",
	},
	believed="not_subscribed",
	source="reported by users, in two forms",
	calls=1,
)
def currency_words(lab: Lab) -> Seen:
	unknown = next(code for code in ("ISK", "CLP", "PYG") if code not in lab.facts.currencies)
	tried = lab.attempt(lab.invoice("currency", CurrencyCode=unknown))
	if not tried.saved and re.search(rf"not subscribed to currency '?{unknown}", tried.words):
		return Seen("not_subscribed", tried.words)
	return judge(tried, saved="accepted", refused={"other_words": ""})


@SUBJECT.probe(
	"fx_rate_resets",
	"Do lines sent without CurrencyRate reset the rate of a foreign document?",
	outcomes={"yes": "yes: to the day's rate", "no": "no: it is kept"},
	source="reported by users",
	calls=2,
)
def fx_rate_resets(lab: Lab) -> Seen:
	currency = _foreign(lab)
	sent = _near_day_rate(lab, currency) * Decimal("1.1").quantize(Decimal("0.1"))
	sent = sent.quantize(Decimal("0.000001"))
	invoice = lab.create(lab.invoice("reset", CurrencyCode=currency, CurrencyRate=sent))
	tried = lab.change(invoice, {"LineItems": [lab.line(UnitAmount=90)]})
	if not tried.saved:
		return Seen(None, tried.words)
	seen = Decimal(str(tried.element["CurrencyRate"]))
	return Seen("no" if seen == sent else "yes", f"sent {sent}, then {seen}")
