"""Every probe is alive: it agrees with our sandbox as it is, and differs from one that answers otherwise."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
import requests

from sandbox.conformance.probe import Probe, Verdict
from sandbox.conformance.probes import PROBES
from sandbox.conformance.run import most_calls, run
from sandbox.xero.launcher import AdminClient
from sandbox.xero.switches import SWITCHES
from tests.conformance.stand import Alteration, Stand

BY_ID = {probe.id: probe for probe in PROBES}
TURNED = [
	(switch.name, choice)
	for switch in SWITCHES.values()
	for choice in switch.choices
	if choice != switch.default
]


def test_our_sandbox_answers_every_probe_as_believed(stand: Stand) -> None:
	lab = stand.lab()
	result = run(lab, PROBES, lambda _finding: None)
	others = {
		finding.probe.id: (finding.verdict, finding.seen)
		for finding in result.findings
		if finding.verdict is not Verdict.AGREES
	}
	assert others == {}
	assert [finding.probe.id for finding in result.findings] == [probe.id for probe in PROBES]


def test_no_probe_spends_more_than_it_announces(stand: Stand) -> None:
	lab = stand.lab()
	result = run(lab, PROBES, lambda _finding: None)
	announced = {finding.probe.id: finding.probe.calls for finding in result.findings}
	spent = {finding.probe.id: finding.calls for finding in result.findings}
	assert {id_: calls for id_, calls in spent.items() if calls > announced[id_]} == {}
	fixtures = {fixture.name: fixture.calls for probe in PROBES for fixture in probe.needs}
	assert {name for name, calls in lab.fixture_calls.items() if calls > fixtures.get(name, 1)} == set()
	assert stand.budget.spent <= most_calls(PROBES) < 400


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.id)
def test_a_probe_asked_alone_answers_the_same(stand: Stand, probe: Probe) -> None:
	finding = stand.ask(probe)
	assert (finding.verdict, finding.seen.outcome) == (Verdict.AGREES, probe.believed), finding.seen


def test_each_switch_has_its_probe_and_each_choice_its_outcome() -> None:
	assert {probe.switch for probe in PROBES} - {None} == set(SWITCHES)
	assert len(BY_ID) == len(PROBES)
	for probe in PROBES:
		if probe.switch:
			assert set(probe.outcomes) == set(SWITCHES[probe.switch].choices)


@pytest.mark.parametrize(("switch", "choice"), TURNED, ids=lambda value: value)
def test_a_turned_switch_is_seen_by_its_probe(stand: Stand, switch: str, choice: str) -> None:
	stand.furnish(**{switch: choice})
	finding = stand.ask(BY_ID[switch])
	assert (finding.verdict, finding.seen.outcome) == (Verdict.DIFFERS, choice), finding.seen


# A Xero that answers otherwise, for each probe that no switch belongs to.

Otherwise = Callable[[AdminClient], Alteration | None]


def answers(old: str, new: str, **where: str) -> Otherwise:
	"""The answer's text is another one: a regular expression, and what is in its place."""

	def after(response: requests.Response) -> None:
		if _fits(response.request, **where):
			response._content = re.sub(old, new, response.text, flags=re.DOTALL).encode()

	return lambda _admin: Alteration(after=after)


def status(code: int, **where: str) -> Otherwise:
	def after(response: requests.Response) -> None:
		if _fits(response.request, **where):
			response.status_code = code

	return lambda _admin: Alteration(after=after)


def takes(old: str, new: str, **where: str) -> Otherwise:
	"""Another address arrives than was asked: as a server would that reads it otherwise."""

	def before(request: requests.PreparedRequest) -> None:
		if _fits(request, **where):
			request.url = re.sub(old, new, request.url or "")

	return lambda _admin: Alteration(before=before)


def ignores(old: str) -> Otherwise:
	"""A part of the body is not read."""

	def before(request: requests.PreparedRequest) -> None:
		body = request.body.decode() if isinstance(request.body, bytes) else ""
		if re.search(old, body):
			request.prepare_body(re.sub(old, "", body).encode(), None)

	return lambda _admin: Alteration(before=before)


def fails(kind: str, **rule: object) -> Otherwise:
	def otherwise(admin: AdminClient) -> None:
		admin.fault(kind, **rule)

	return otherwise


def without_insufficient_scope(_admin: AdminClient) -> Alteration:
	def after(response: requests.Response) -> None:
		response.headers.pop("WWW-Authenticate", None)
		response._content = response.text.replace("AuthorizationUnsuccessful", "TokenExpired").encode()

	return Alteration(after=after)


def _fits(request: requests.PreparedRequest, method: str = "", path: str = "") -> bool:
	return request.method in (method or request.method,) and path in (request.url or "")


INVOICES = "/Invoices?"
OTHERWISE: dict[str, Otherwise] = {
	"url-on-bills": fails("unknown_enum", field="Url", value="", method="GET", path="/invoices$"),
	"invoice-number-in-use": answers("Invoice # must be unique", "The number is taken"),
	"lookup-ignores-case": answers(r'"Invoices":\[.*\]', '"Invoices":[]', method="GET", path=INVOICES),
	"bill-number-in-use": fails("refuse", contains="-bill", message="Taken", method="PUT", skip=1),
	"comma-in-invoice-numbers": takes(
		r"InvoiceNumbers=([^&]*)%2C([^&]*)", rf"where={quote('InvoiceNumber==')}%22\1%2C\2%22"
	),
	"quote-in-where": takes("%22%22%22", "%5C%22%22", method="GET"),
	"credit-notes-by-number": takes("%20OR%20", "%20XOR%20"),
	"unknown-tracking": ignores(r',"Tracking":\[.*?\]'),
	"price-without-unitdp": takes(r"\?", "?unitdp=4&", method="PUT", path="/Invoices"),
	"read-without-unitdp": takes("$", "?unitdp=4", method="GET", path="/Invoices/"),
	"tax-rounding": answers(r'"TotalTax":0\.06', '"TotalTax":0.05'),
	"negative-line": fails("refuse", contains="negative-line", message="Below zero", method="PUT"),
	"rate-direction": answers(r'"CurrencyRate":0\.\d+', '"CurrencyRate":1.666700'),
	"accents-kept": answers("Māori", "Maori"),
	"archived-contact-words": answers("contact details has been archived", "contact is not active"),
	"archived-contact-number": ignores(r',"ContactNumber":"[^"]*-archived-customer"(?=}\]})'),
	"summary-only": takes("&summaryOnly=true", ""),
	"query-within-the-limit": takes("$", f"&more={'x' * 200}", path="InvoiceNumbers="),
	"attachment": fails("error_before", path="/attachments/"),
	"allocation-above-balance": answers("greater than amount outstanding", "too much"),
	"allocation-to-another-contact": status(200, method="PUT", path="/Allocations"),
	"void-of-allocated-invoice": answers("The status VOIDED cannot be applied", "No"),
	"unknown-organisation": answers("AuthenticationUnsuccessful", "TenantUnknown"),
	"missing-scope": without_insufficient_scope,
	"void-keeps-the-rest": answers(r'"Total":[\d.]+', '"Total":0.00', method="GET", path="/Invoices/"),
	"include-archived": takes("&includeArchived=true", "", path=INVOICES),
	"contacts-by-number-or-name": takes("%20OR%20", "%20AND%20", path="/Contacts?"),
	"voided-since": answers(r'"Invoices":\[.*\]', '"Invoices":[]', method="GET", path=INVOICES),
	"currency-words": answers("not subscribed to currency", "without the currency"),
	"lock-date-words": answers("The document date cannot be before the", "Locked by the"),
}


def test_every_probe_without_a_switch_is_broken_in_a_way_of_its_own() -> None:
	assert set(OTHERWISE) == {probe.id for probe in PROBES if not probe.switch}


@pytest.mark.parametrize("id_", OTHERWISE)
def test_a_xero_that_answers_otherwise_is_seen(stand: Stand, id_: str) -> None:
	alteration = OTHERWISE[id_](stand.admin)
	finding = stand.ask(BY_ID[id_], alteration)
	assert finding.verdict is Verdict.DIFFERS, finding.seen


def test_an_answer_that_fits_nothing_is_unclear_and_in_xeros_words(stand: Stand) -> None:
	stand.admin.fault("refuse", contains="no-account-2", message="Nobody expects this.", method="PUT")
	stand.admin.fault("refuse", contains="item-code", message="Nobody expects this.", method="PUT")
	odd = answers("Account code must be specified", "Something is missing")
	finding = stand.ask(BY_ID["missing_account"], odd(stand.admin))
	assert (finding.verdict, finding.seen.outcome) == (Verdict.UNCLEAR, None)
	assert finding.seen.words == "Something is missing; Nobody expects this."


def test_what_a_probe_needs_and_cannot_have_is_said(stand: Stand) -> None:
	stand.admin.fault("refuse", contains="-plain", message="Refused today.", method="PUT", count=None)
	finding = stand.ask(BY_ID["number_case"])
	assert finding.verdict is Verdict.NOT_ASKED
	assert "Refused today." in finding.seen.words


def test_a_lost_answer_is_unclear_and_nothing_is_sent_again(stand: Stand) -> None:
	stand.admin.fault("drop_after", method="PUT", path="/invoices$", contains="due-early")
	marker = stand.admin.marker()
	finding = stand.ask(BY_ID["due_before_date"])
	assert finding.verdict is Verdict.UNCLEAR
	assert stand.admin.count(marker, method="PUT", path="/invoices") == 1
	assert stand.live() == []
