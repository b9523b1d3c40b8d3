"""Which numbers are unique, which can be used again, and how they are asked for."""

from __future__ import annotations

from urllib.parse import quote

from ..lab import Lab, judge, judge_refusal
from ..probe import NO_SOURCE, Seen, Subject
from .documents import contact, plain_credit_note, plain_invoice, voided_invoice

SUBJECT = Subject("Numbers")
UNIQUE = "must be unique"


@SUBJECT.probe(
	"invoice-number-in-use",
	"Is PUT of a sales invoice refused when a live invoice has the number?",
	outcomes={
		"refused": "refused: Invoice # must be unique.",
		"other_words": "refused in other words",
		"accepted": "accepted: two invoices",
	},
	believed="refused",
	source="measured by others; XeroAPI/Xero-Net#236",
	calls=1,
	needs=(plain_invoice,),
)
def invoice_number_in_use(lab: Lab) -> Seen:
	tried = lab.attempt(lab.invoice("plain"))
	return judge(tried, saved="accepted", refused={"refused": "Invoice # must be unique", "other_words": ""})


@SUBJECT.probe(
	"number_case",
	"Are two sales numbers that differ only in case the same?",
	outcomes={"ignored": "the same: refused as not unique", "compared": "two numbers: accepted"},
	source="claimed by others; Xero's filters ignore case (recorded)",
	calls=1,
	needs=(plain_invoice,),
)
def number_case(lab: Lab) -> Seen:
	tried = lab.attempt(lab.invoice("plain", InvoiceNumber=lab.number("plain").swapcase()))
	return judge(tried, saved="compared", refused={"ignored": UNIQUE})


@SUBJECT.probe(
	"lookup-ignores-case",
	"Does InvoiceNumbers= ignore case?",
	outcomes={"found": "found", "not_found": "not found"},
	believed="found",
	source="recorded for contact names; nobody says so for InvoiceNumbers",
	calls=1,
	needs=(plain_invoice,),
)
def lookup_ignores_case(lab: Lab) -> Seen:
	found = lab.find(lab.number("plain").swapcase())
	return Seen("found" if found else "not_found", f"{len(found)} found")


@SUBJECT.probe(
	"deleted_draft_frees_number",
	"Can the number of a deleted draft be used again?",
	outcomes={"yes": "PUT is accepted", "no": "refused as not unique"},
	source="Xero Central, for its own pages; nobody says so for the API",
	calls=3,
)
def deleted_draft_frees_number(lab: Lab) -> Seen:
	draft = lab.create(lab.invoice("deleted", Status="DRAFT"))
	lab.end(draft, "DELETED")
	return judge(lab.attempt(lab.invoice("deleted")), saved="yes", refused={"no": UNIQUE})


@SUBJECT.probe(
	"voided_frees_number",
	"Can the number of a voided sales invoice be used again?",
	outcomes={"no": "refused as not unique", "yes": "PUT is accepted"},
	source="reported by users; ServiceM8 advises renaming before the void",
	calls=1,
	needs=(voided_invoice,),
)
def voided_frees_number(lab: Lab) -> Seen:
	return judge(lab.attempt(lab.invoice("voided")), saved="yes", refused={"no": UNIQUE})


@SUBJECT.probe(
	"credit_note_number_taken",
	"What does Xero say when a credit note's number is in use?",
	outcomes={
		"credit_note": "Credit Note # must be unique.",
		"invoice": "Invoice # must be unique.",
	},
	source="XeroAPI/Xero-Net#257; one ticket has the other text",
	calls=1,
	needs=(plain_credit_note,),
)
def credit_note_number_taken(lab: Lab) -> Seen:
	tried = lab.attempt(lab.credit_note("plain-cn"))
	refused = {"credit_note": "Credit Note # must be unique", "invoice": "Invoice # must be unique"}
	return judge(tried, saved=None, refused=refused)


@SUBJECT.probe(
	"number_spaces",
	"May a credit note have the number of a sales invoice?",
	outcomes={"separate": "accepted", "shared": "refused as not unique"},
	source=NO_SOURCE,
	calls=1,
	needs=(plain_invoice,),
)
def number_spaces(lab: Lab) -> Seen:
	tried = lab.attempt(lab.credit_note("plain", CreditNoteNumber=lab.number("plain")))
	return judge(tried, saved="separate", refused={"shared": UNIQUE})


@SUBJECT.probe(
	"bill-number-in-use",
	"Does PUT accept a second bill with the same number and contact?",
	outcomes={"accepted": "accepted: two bills", "refused": "refused"},
	believed="accepted",
	source="Xero's documentation; freakboy3742/pyxero#328",
	calls=2,
)
def bill_number_in_use(lab: Lab) -> Seen:
	first = lab.create(lab.bill("bill"))
	second = lab.attempt(lab.bill("bill"))
	is_same = second.element.get("InvoiceID") == first["InvoiceID"]
	return judge(second, saved=None if is_same else "accepted", refused={"refused": ""})


@SUBJECT.probe(
	"bill_post_match",
	"Does a POST without an id replace a bill with the same number that belongs to another contact?",
	outcomes={
		"number": "another contact's bill of that number is replaced",
		"number_and_contact": "a new bill is created",
	},
	source="measured by others with one contact; nobody says so for two",
	calls=2,
)
def bill_post_match(lab: Lab) -> Seen:
	first = lab.create(lab.bill("post-bill"))
	body = lab.bill("post-bill", Contact=contact(lab, "other customer"))
	exchange = lab.write("POST", "/Invoices", {"Invoices": [body]}, {"summarizeErrors": False, "unitdp": 4})
	found = [element.get("InvoiceID") for element in exchange.elements("Invoices")]
	if exchange.status != 200 or not found:
		return Seen(None, exchange.words)
	return Seen("number" if found == [first["InvoiceID"]] else "number_and_contact", "saved")


@SUBJECT.probe(
	"bill_reference",
	"Is the Reference of a bill stored?",
	outcomes={"dropped": "silently ignored", "kept": "stored and given back"},
	source="XeroAPI/xero-mcp-server#121; another team's test says it is kept",
	calls=2,
)
def bill_reference(lab: Lab) -> Seen:
	bill = lab.create(lab.bill("bill-reference", Reference="NWCONF supplier 42"))
	reference = lab.read(bill).get("Reference") or ""
	return Seen("kept" if reference == "NWCONF supplier 42" else "dropped", f"read '{reference}'")


@SUBJECT.probe(
	"supplier_credit_reference",
	"Is the Reference of a supplier credit note stored?",
	outcomes={"dropped": "silently ignored", "kept": "stored and given back"},
	source="Xero's documentation: ACCRECCREDIT only; XeroAPI/xero-mcp-server#246",
	calls=2,
)
def supplier_credit_reference(lab: Lab) -> Seen:
	lines = [lab.line(AccountCode=lab.facts.purchases_account)]
	body = lab.credit_note(
		"supplier-cn", Type="ACCPAYCREDIT", Reference="NWCONF supplier 43", LineItems=lines
	)
	reference = lab.read(lab.create(body)).get("Reference") or ""
	return Seen("kept" if reference == "NWCONF supplier 43" else "dropped", f"read '{reference}'")


@SUBJECT.probe(
	"encoded_slash_in_path",
	"Can an invoice be read by a number with a slash, as %2F in the path?",
	outcomes={"refused": "404", "accepted": "found"},
	source="xero-python sends it like this; users warn that IIS refuses it",
	calls=2,
)
def encoded_slash_in_path(lab: Lab) -> Seen:
	number = lab.number("2026/1")
	lab.create(lab.invoice("slash", InvoiceNumber=number))
	exchange = lab.xero.call("GET", f"/Invoices/{quote(number, safe='')}")
	outcome = {200: "accepted", 404: "refused"}.get(exchange.status or 0)
	return Seen(outcome, f"HTTP {exchange.status}")


@SUBJECT.probe(
	"comma-in-invoice-numbers",
	"Can a number with a comma be asked for in InvoiceNumbers=?",
	outcomes={"not_found": "no: it is split at the comma", "found": "yes"},
	believed="not_found",
	source="reported by users; xero-python joins with commas",
	calls=2,
)
def comma_in_invoice_numbers(lab: Lab) -> Seen:
	number = lab.number("with,comma")
	lab.create(lab.invoice("comma", InvoiceNumber=number))
	numbers = [element.get("InvoiceNumber") for element in lab.find(number)]
	return Seen("found" if number in numbers else "not_found", f"{len(numbers)} found")


@SUBJECT.probe(
	"quote-in-where",
	"Is a quote inside a filter's value written by doubling it?",
	outcomes={"found": "yes: the invoice is found", "refused": "no"},
	believed="found",
	source="measured by others",
	calls=2,
)
def quote_in_where(lab: Lab) -> Seen:
	number = lab.number('12"')
	lab.create(lab.invoice("quote", InvoiceNumber=number))
	doubled = number.replace('"', '""')
	where = f'Type=="ACCREC" AND InvoiceNumber=="{doubled}"'
	exchange = lab.xero.call("GET", "/Invoices", query={"where": where, "page": 1})
	numbers = [element.get("InvoiceNumber") for element in exchange.elements("Invoices")]
	if exchange.status == 200 and number in numbers:
		return Seen("found", "found")
	return Seen("refused", exchange.words)


@SUBJECT.probe(
	"credit-notes-by-number",
	"Can credit notes be found by several numbers joined by OR?",
	outcomes={"found": "yes", "refused": "no"},
	believed="found",
	source="Xero's documentation: filterable, not optimised; nobody says so for OR",
	calls=1,
	needs=(plain_credit_note,),
)
def credit_notes_by_number(lab: Lab) -> Seen:
	number = lab.number("plain-cn")
	either = f'CreditNoteNumber=="{number}" OR CreditNoteNumber=="{lab.number("none")}"'
	where = f'Type=="ACCRECCREDIT" AND ({either})'
	exchange = lab.xero.call("GET", "/CreditNotes", query={"where": where, "page": 1})
	numbers = [element.get("CreditNoteNumber") for element in exchange.elements("CreditNotes")]
	if exchange.status == 200 and number in numbers:
		return Seen("found", "found")
	return judge_refusal(exchange, {"refused": ""})
