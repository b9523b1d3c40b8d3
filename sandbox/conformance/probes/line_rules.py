"""What a document must have, and what Xero says when it is missing."""

from __future__ import annotations

from ..lab import Lab, judge
from ..probe import NO_SOURCE, CannotAsk, Seen, Subject
from .documents import contact

SUBJECT = Subject("Lines and fields")


@SUBJECT.probe(
	"account_needed",
	"From which status does every line need an account?",
	outcomes={
		"submitted": "Awaiting approval: such a document is refused",
		"authorised": "Authorised only: Awaiting approval is accepted",
	},
	source="Xero's documentation for drafts; nobody says so for Awaiting approval",
	calls=1,
)
def account_needed(lab: Lab) -> Seen:
	tried = lab.attempt(lab.invoice("no-account", Status="SUBMITTED", LineItems=[lab.line(AccountCode=None)]))
	return judge(tried, saved="authorised", refused={"submitted": "account"})


@SUBJECT.probe(
	"missing_account",
	"What does Xero say when a line of an approved document has no account?",
	outcomes={
		"specified": "Account code must be specified",
		"valid": "Account must be valid.",
	},
	source="two vendors report two texts",
	calls=1,
)
def missing_account(lab: Lab) -> Seen:
	tried = lab.attempt(lab.invoice("no-account-2", LineItems=[lab.line(AccountCode=None)]))
	refused = {"specified": "Account code must be specified", "valid": "Account must be valid"}
	return judge(tried, saved=None, refused=refused)


@SUBJECT.probe(
	"ended_tax_rate",
	"What does Xero say when a tax rate is no longer active?",
	outcomes={
		"type": "does not exist or cannot be used for this type of transaction",
		"account": "cannot be used with account code",
	},
	source="XeroAPI/Xero-Java#336 for unknown rates; nobody says so for inactive ones",
	calls=1,
)
def ended_tax_rate(lab: Lab) -> Seen:
	if not lab.facts.ended_tax_type:
		raise CannotAsk("the organisation has no tax rate that is not active")
	lines = [lab.line(TaxType=lab.facts.ended_tax_type)]
	tried = lab.attempt(lab.invoice("ended-rate", LineItems=lines))
	refused = {"type": "does not exist or cannot be used", "account": "cannot be used with account code"}
	return judge(tried, saved=None, refused=refused)


@SUBJECT.probe(
	"item_codes",
	"Is an ItemCode that the organisation does not have refused?",
	outcomes={"refused": "refused", "ignored": "ignored, the document is saved"},
	source=NO_SOURCE,
	calls=1,
)
def item_codes(lab: Lab) -> Seen:
	lines = [lab.line(ItemCode=f"NWC{lab.run}")]
	tried = lab.attempt(lab.invoice("item-code", LineItems=lines))
	return judge(tried, saved="ignored", refused={"refused": "item"})


@SUBJECT.probe(
	"unknown-tracking",
	"Is a tracking category that the organisation does not have refused?",
	outcomes={"refused": "refused", "ignored": "silently ignored"},
	believed="refused",
	source="calcinai/xero-php#386; XeroAPI/xero-node#516 has it ignored",
	calls=1,
)
def unknown_tracking(lab: Lab) -> Seen:
	tracking = [{"Name": f"NWCONF {lab.run}", "Option": "None"}]
	tried = lab.attempt(lab.invoice("tracking", LineItems=[lab.line(Tracking=tracking)]))
	return judge(tried, saved="ignored", refused={"refused": "tracking"})


@SUBJECT.probe(
	"due_before_date",
	"Is a due date before the document's date accepted?",
	outcomes={"accepted": "accepted", "refused": "refused"},
	source="Xero's documentation has it in an example",
	calls=1,
)
def due_before_date(lab: Lab) -> Seen:
	tried = lab.attempt(lab.invoice("due-early", DueDate=lab.day(-5)))
	return judge(tried, saved="accepted", refused={"refused": "due"})


@SUBJECT.probe(
	"contact_errors",
	"Where does the response report errors in a document's contact details?",
	outcomes={"nested": "in the element's Contact", "document": "among the document's own errors"},
	source="waynerobinson/xeroizer#477",
	calls=1,
)
def contact_errors(lab: Lab) -> Seen:
	details = {**contact(lab, "other customer"), "EmailAddress": "not an address"}
	tried = lab.attempt(lab.invoice("contact-error", Contact=details))
	nested = (tried.element.get("Contact") or {}).get("ValidationErrors")
	own = tried.element.get("ValidationErrors")
	outcome = None if tried.saved else "nested" if nested else "document" if own else None
	return Seen(outcome, tried.words)


@SUBJECT.probe(
	"firewall",
	"Are markup and database commands stored in a description, as people write them?",
	outcomes={"none": "stored as sent", "page": "refused by a firewall in front of the API"},
	source="kb.clouddepot.com, 2018 and 2023, has them refused; nobody says so for today's API",
	calls=1,
)
def firewall(lab: Lab) -> Seen:
	text = "Training: <script>alert(1)</script>; DROP TABLE students; O'Brien & Sons"
	tried = lab.attempt(lab.invoice("firewall", Status="DRAFT", LineItems=[lab.line(Description=text)]))
	if tried.saved:
		(line,) = tried.element["LineItems"]
		return Seen("none" if line["Description"] == text else None, line["Description"])
	is_json = "json" in tried.exchange.headers.get("content-type", "")
	return Seen(None if is_json else "page", tried.words)
