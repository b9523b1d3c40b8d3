"""Files attached to an invoice."""

from __future__ import annotations

from ..calls import Exchange
from ..lab import Lab
from ..probe import Seen, Subject
from .documents import plain_invoice

SUBJECT = Subject("Attachments")
NAME = "NWCONF.txt"


def _attach(lab: Lab, method: str, content: bytes, name: str = NAME) -> Exchange:
	path = f"/Invoices/{lab.get(plain_invoice)['InvoiceID']}/Attachments/{name}"
	return lab.xero.call(method, path, data=content, headers={"Content-Type": "text/plain"})


@SUBJECT.probe(
	"attachment",
	"Can a file be attached to an invoice, and is its size returned?",
	outcomes={"attached": "yes", "refused": "no", "not_found": "404, as for a missing scope"},
	believed="attached",
	source="Xero's documentation; the 404 was measured by others",
	calls=1,
	needs=(plain_invoice,),
)
def attachment(lab: Lab) -> Seen:
	content = b"Made by a conformance run."
	exchange = _attach(lab, "PUT", content)
	found = exchange.elements("Attachments")
	is_right = found and (found[0].get("FileName"), found[0].get("ContentLength")) == (NAME, len(content))
	if exchange.status == 200:
		return Seen("attached" if is_right else None, exchange.words)
	return Seen("not_found" if exchange.status == 404 else "refused", exchange.words)


@SUBJECT.probe(
	"attachment_same_name",
	"Does a second file with the same name replace the first?",
	outcomes={"replaced": "yes", "added": "no: there are two"},
	source="Xero's documentation of POST",
	calls=3,
	needs=(plain_invoice,),
)
def attachment_same_name(lab: Lab) -> Seen:
	for content in (b"first", b"second"):
		exchange = _attach(lab, "POST", content)
		if exchange.status != 200:
			return Seen(None, exchange.words)
	path = f"/Invoices/{lab.get(plain_invoice)['InvoiceID']}/Attachments"
	found = lab.xero.call("GET", path).elements("Attachments")
	count = sum(file.get("FileName") == NAME for file in found)
	return Seen({0: None, 1: "replaced"}.get(count, "added"), f"{count} of that name")


@SUBJECT.probe(
	"attachment_name_with_blank",
	"May the name of a file have a blank?",
	outcomes={"accepted": "yes", "not_found": "no: 404", "error": "no: 500"},
	source="Reported as 404 (XeroAPI/Xero-NetStandard#606) and as 500 (XeroAPI/xero-node#763)",
	calls=1,
	needs=(plain_invoice,),
)
def attachment_name_with_blank(lab: Lab) -> Seen:
	exchange = _attach(lab, "PUT", b"A name with a blank.", "NWCONF%20BLANK.txt")
	return Seen({200: "accepted", 404: "not_found", 500: "error"}.get(exchange.status), exchange.words)
