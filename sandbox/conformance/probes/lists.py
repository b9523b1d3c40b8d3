"""What lists show, when, and how far a filter may go."""

from __future__ import annotations

from datetime import timedelta

from ..lab import Lab, utc
from ..probe import NO_SOURCE, CannotAsk, Seen, Subject, fixture
from .documents import plain_credit_note, plain_invoice, voided_invoice

SUBJECT = Subject("Lists")
MORE_THAN_A_PAGE = 101
LONGEST_QUERY = 2048


@SUBJECT.probe(
	"new_in_lists",
	"Is a document in lists as soon as it is saved?",
	outcomes={"at_once": "found at the first try", "late": "not found at the first try"},
	source="measured by others: five times of five",
	calls=2,
)
def new_in_lists(lab: Lab) -> Seen:
	lab.create(lab.invoice("new"))
	found = lab.find(lab.number("new"))
	return Seen("at_once" if found else "late", f"{len(found)} found")


@SUBJECT.probe(
	"created_by_my_app",
	"Does createdByMyApp=true leave out what people and other apps created?",
	outcomes={"filtered": "yes", "ignored": "no: all are listed"},
	source="Xero's documentation",
	calls=2,
	needs=(plain_invoice,),
)
def created_by_my_app(lab: Lab) -> Seen:
	def count(**query: object) -> int:
		exchange = lab.xero.call(
			"GET", "/Invoices", query={"page": 1, "pageSize": 1, "includeArchived": True, **query}
		)
		return int(exchange.json["pagination"]["itemCount"])

	everything, own = count(), count(createdByMyApp=True)
	most = len(lab.made["Invoices"])
	if everything <= most:
		raise CannotAsk("the organisation has no invoice that this app did not make")
	return Seen("filtered" if 0 < own < everything else "ignored", f"{own} of {everything}")


@SUBJECT.probe(
	"summary-only",
	"Does summaryOnly=true leave out the lines, and keep the rest?",
	outcomes={"without_lines": "without lines", "with_lines": "with lines"},
	believed="without_lines",
	source="Xero's documentation",
	calls=1,
	needs=(plain_invoice,),
)
def summary_only(lab: Lab) -> Seen:
	(found,) = lab.find(lab.number("plain"), summaryOnly=True)
	return Seen("with_lines" if found.get("LineItems") else "without_lines", f"fields: {', '.join(found)}")


@SUBJECT.probe(
	"summary_where",
	"Is a filter on a field that is not optimised accepted with summaryOnly=true?",
	outcomes={"optimised": "refused", "all": "accepted"},
	source="Xero's documentation: not with all fields; nobody says with which",
	calls=1,
)
def summary_where(lab: Lab) -> Seen:
	query = {"where": "Total==98765.43", "summaryOnly": True, "page": 1}
	exchange = lab.xero.call("GET", "/Invoices", query=query)
	return Seen({200: "all", 400: "optimised"}.get(exchange.status or 0), exchange.words)


@SUBJECT.probe(
	"credit_notes_modified_since",
	"Is If-Modified-Since honoured on the list of credit notes?",
	outcomes={"honoured": "yes: an older one is left out", "ignored": "no: it is listed"},
	source="Xero's documentation lists the header; users report misses",
	calls=2,
	needs=(plain_credit_note,),
)
def credit_notes_modified_since(lab: Lab) -> Seen:
	credit_note = lab.get(plain_credit_note)
	changed = utc(credit_note["UpdatedDateUTC"])
	lab.hands.let_time_pass(4)

	def listed(seconds: int) -> bool:
		since = (changed + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
		where = f'CreditNoteNumber=="{credit_note["CreditNoteNumber"]}"'
		exchange = lab.xero.call(
			"GET",
			"/CreditNotes",
			query={"where": where, "page": 1},
			headers={"If-Modified-Since": since},
		)
		return bool(exchange.elements("CreditNotes"))

	if not listed(-2):
		return Seen(None, "it is not listed even since before its last change")
	return Seen("ignored" if listed(2) else "honoured", "asked since two seconds after its last change")


@SUBJECT.probe(
	"voided-since",
	"Does a list filtered by two statuses and If-Modified-Since include a document that was just voided?",
	outcomes={"found": "yes", "not_found": "no"},
	believed="found",
	source="Xero's documentation, for each one separately; nobody says so for all together",
	calls=1,
	needs=(voided_invoice,),
)
def voided_since(lab: Lab) -> Seen:
	voided = lab.get(voided_invoice)
	since = (utc(voided["UpdatedDateUTC"]) - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%S")
	query = {
		"where": 'Type=="ACCREC" AND (Status=="VOIDED" OR Status=="DELETED")',
		"includeArchived": True,
		"page": 1,
		"pageSize": 1000,
	}
	exchange = lab.xero.call("GET", "/Invoices", query=query, headers={"If-Modified-Since": since})
	found = [element.get("InvoiceID") for element in exchange.elements("Invoices")]
	words = f"{len(found)} listed" if exchange.status == 200 else exchange.words
	return Seen("found" if voided["InvoiceID"] in found else "not_found", words)


@fixture(3)
def more_than_a_page(lab: Lab) -> str:
	"""Creates 101 drafts with their own reference, which is returned."""
	reference = f"NWCONF {lab.run} page"
	bodies = [
		lab.invoice(f"page-{number}", Status="DRAFT", Reference=reference)
		for number in range(MORE_THAN_A_PAGE)
	]
	for start in range(0, len(bodies), 50):
		exchange = lab.put(bodies[start : start + 50])
		if exchange.status != 200:
			raise CannotAsk(f"the drafts it needs were refused: {exchange.words}")
	return reference


@SUBJECT.probe(
	"unpaged_lists",
	"Does a list without page= stop at 100 documents?",
	outcomes={"capped": "yes, silently", "complete": "no: all are listed"},
	source="measured by others; Xero's older documentation has all",
	calls=1,
	needs=(more_than_a_page,),
)
def unpaged_lists(lab: Lab) -> Seen:
	query = {"where": f'Reference=="{lab.get(more_than_a_page)}"'}
	count = len(lab.xero.call("GET", "/Invoices", query=query).elements("Invoices"))
	outcome = {100: "capped", MORE_THAN_A_PAGE: "complete"}.get(count)
	return Seen(outcome, f"{count} of {MORE_THAN_A_PAGE}")


@SUBJECT.probe(
	"long_query",
	"What happens to a query string of more than 2,048 characters?",
	outcomes={"not_found": "404", "too_long": "414", "answered": "it is answered"},
	source="XeroAPI/Xero-OpenAPI#534, XeroAPI/Xero-NetStandard#413; 414 in XeroAPI/xero-ruby#178",
	calls=1,
)
def long_query(lab: Lab) -> Seen:
	exchange = lab.xero.call("GET", "/Invoices", query=_numbers(lab, LONGEST_QUERY + 60))
	outcome = {404: "not_found", 414: "too_long", 200: "answered"}.get(exchange.status or 0)
	return Seen(outcome, f"HTTP {exchange.status} for {len(exchange.query)} characters")


@SUBJECT.probe(
	"query-within-the-limit",
	"Is a query string of just under 2,048 characters answered?",
	outcomes={"answered": "yes", "refused": "no"},
	believed="answered",
	source="52 ids pass and 53 do not: XeroAPI/Xero-OpenAPI#534",
	calls=1,
)
def query_within_the_limit(lab: Lab) -> Seen:
	exchange = lab.xero.call("GET", "/Invoices", query=_numbers(lab, LONGEST_QUERY - 60))
	outcome = "answered" if exchange.status == 200 else "refused"
	return Seen(outcome, f"HTTP {exchange.status} for {len(exchange.query)} characters")


@SUBJECT.probe(
	"high_volume_partly_optimised",
	"Above 100,000 documents: is a filter answered when only part of it is optimised?",
	outcomes={"refused": "HighVolumeException", "accepted": "answered"},
	source=NO_SOURCE,
	calls=1,
)
def high_volume_partly_optimised(lab: Lab) -> Seen:
	either = f'InvoiceNumber=="{lab.number("a")}" OR InvoiceNumber=="{lab.number("b")}"'
	lab.get(plain_invoice)
	with lab.hands.more_than_100_000_documents():
		query = {"where": f'Type=="ACCREC" AND ({either})', "page": 1}
		exchange = lab.xero.call("GET", "/Invoices", query=query)
	if exchange.status == 200:
		return Seen("accepted", "answered")
	is_high = exchange.json.get("Type") == "HighVolumeException"
	return Seen("refused" if is_high else None, exchange.words)


def _numbers(lab: Lab, length: int) -> dict[str, object]:
	"""A look-up whose encoded query is about that long."""
	numbers: list[str] = []
	while sum(len(number) + 3 for number in numbers) < length - 40:
		numbers.append(lab.number(f"long-{len(numbers):03d}"))
	return {"InvoiceNumbers": ",".join(numbers), "page": 1}
