"""Is Url kept, and is it in lists? We recognise our own invoices and bills by it."""

from __future__ import annotations

from typing import Any

from ..lab import Lab
from ..probe import NO_SOURCE, Seen, Subject, fixture

SUBJECT = Subject("Links")
SITE = "https://erp.nexwave.example"


@fixture(1)
def linked(lab: Lab) -> dict[str, tuple[str, dict[str, Any]]]:
	"""Three invoices, each with a different form of link: the link as sent, and the element in the response."""
	links = {
		"path": f"{SITE}/xero/{lab.run}-path",
		"query": f"{SITE}/xero?key={lab.run}-query",
		"fragment": f"{SITE}/xero#key={lab.run}-fragment",
	}
	bodies = [lab.invoice(f"link-{form}", Url=url) for form, url in links.items()]
	exchange = lab.put(bodies)
	by_number = {element.get("InvoiceNumber"): element for element in exchange.elements("Invoices")}
	return {form: (url, by_number[lab.number(f"link-{form}")]) for form, url in links.items()}


def _of_a_single_invoice(lab: Lab, form: str) -> Seen:
	sent, element = lab.get(linked)[form]
	url = str(lab.read(element).get("Url", ""))
	return Seen("kept" if url == sent else "dropped", f"sent {sent}, read {url or 'no Url'}")


@SUBJECT.probe(
	"url_kept",
	"Is the Url of an invoice kept, with a path?",
	outcomes={"kept": "a single invoice has it as sent", "dropped": "it is missing or changed"},
	source="XeroAPI/xero-node#542 shows it kept, #656 not",
	calls=1,
	needs=(linked,),
)
def url_kept(lab: Lab) -> Seen:
	return _of_a_single_invoice(lab, "path")


@SUBJECT.probe(
	"url_query",
	"Is the query of a Url kept?",
	outcomes={"kept": "a single invoice has it as sent", "dropped": "it is missing or changed"},
	source=NO_SOURCE,
	calls=1,
	needs=(linked,),
)
def url_query(lab: Lab) -> Seen:
	return _of_a_single_invoice(lab, "query")


@SUBJECT.probe(
	"url_fragment",
	"Is the fragment of a Url kept?",
	outcomes={"kept": "a single invoice has it as sent", "dropped": "it is missing or changed"},
	source=NO_SOURCE,
	calls=1,
	needs=(linked,),
)
def url_fragment(lab: Lab) -> Seen:
	return _of_a_single_invoice(lab, "fragment")


@SUBJECT.probe(
	"url_in_lists",
	"Does a list of invoices show the Url?",
	outcomes={"yes": "the list has it", "no": "only the single invoice has it"},
	source=NO_SOURCE,
	calls=1,
	needs=(linked,),
)
def url_in_lists(lab: Lab) -> Seen:
	sent, _ = lab.get(linked)["path"]
	(found,) = lab.find(lab.number("link-path"))
	return Seen("yes" if found.get("Url") == sent else "no", f"listed {found.get('Url', 'no Url')}")


@SUBJECT.probe(
	"url-on-bills",
	"Is the Url of a bill kept, and in lists?",
	outcomes={"kept": "the list has it as sent", "dropped": "it is missing or changed"},
	believed="kept",
	source="Xero's documentation gives Url to invoices of both types; nobody shows a bill's",
	calls=2,
)
def url_on_bills(lab: Lab) -> Seen:
	sent = f"{SITE}/xero/{lab.run}-bill"
	lab.create(lab.bill("link-bill", Url=sent))
	(found,) = lab.find(lab.number("link-bill"))
	return Seen("kept" if found.get("Url") == sent else "dropped", f"listed {found.get('Url', 'no Url')}")


@SUBJECT.probe(
	"copy_keeps_url",
	"Does Copy to, in Xero's pages, copy the Url to the new invoice?",
	outcomes={"yes": "the copy has our link", "no": "the copy has none"},
	source=NO_SOURCE,
	calls=1,
	needs=(linked,),
)
def copy_keeps_url(lab: Lab) -> Seen:
	sent, element = lab.get(linked)["path"]
	copy = lab.number("copy")
	lab.hands.copy_invoice(element["InvoiceNumber"], copy)
	(found,) = lab.find(copy)
	return Seen("yes" if found.get("Url") == sent else "no", f"the copy has {found.get('Url', 'no Url')}")
