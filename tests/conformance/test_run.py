"""What a run may do to an organisation, what it leaves, and what it writes down."""

from __future__ import annotations

import ast
import json
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import requests

from sandbox.conformance import own_sandbox, result
from sandbox.conformance.__main__ import NotRun, demo_company, main
from sandbox.conformance.budget import MINUTE, Budget, BudgetSpent
from sandbox.conformance.calls import NotAllowed, Xero
from sandbox.conformance.cleaning import clean
from sandbox.conformance.consent import (
	Access,
	Addresses,
	NoConsent,
	by_browser,
	by_custom_connection,
)
from sandbox.conformance.hands import Hands, Person
from sandbox.conformance.lab import Lab, survey
from sandbox.conformance.probe import CannotAsk, Verdict
from sandbox.conformance.probes import PROBES
from sandbox.conformance.run import Finding, run
from sandbox.xero.launcher import REPOSITORY, SECRETS_FILE, running_sandbox
from sandbox.xero.seed.organisations import CUSTOM_APP
from sandbox.xero.switches import SWITCHES
from tests.conformance.stand import Alteration, Stand

BY_ID = {probe.id: probe for probe in PROBES}
FEW = [BY_ID[id_] for id_ in ("url_kept", "allocation_repeated", "account_needed", "lock_holds_void")]


def not_a_demo_company(response: requests.Response) -> None:
	if response.request.url.endswith("/Organisation"):
		response._content = response.content.replace(b'"IsDemoCompany":true', b'"IsDemoCompany":false')


def test_an_organisation_that_is_no_demo_company_is_never_written_to(stand: Stand) -> None:
	xero = stand.xero(Alteration(after=not_a_demo_company))
	marker = stand.admin.marker()
	with pytest.raises(NotRun, match="NexWave Demo NZ"):
		demo_company(xero)
	for method in ("PUT", "POST", "DELETE"):
		with pytest.raises(NotAllowed):
			xero.call(method, "/Invoices", body={}, tenant=stand.tenant)
	asked = stand.admin.requests(marker)
	assert asked and all(request["method"] == "GET" for request in asked)


def test_everything_made_is_ended_and_nothing_else_is_touched(stand: Stand) -> None:
	before = {document["id"]: document["wire"] for document in stand.admin.documents()}
	result_ = stand.run(PROBES)
	assert result_.cleaned.left_behind == []
	assert result_.cleaned.ended > 100
	assert stand.live() == []
	after = {document["id"]: document["wire"] for document in stand.admin.documents()}
	assert before and {id_: after[id_] for id_ in before} == before
	organisation = _organisation(stand)
	assert "EndOfYearLockDate" not in organisation and "PeriodLockDate" not in organisation
	assert _marked_contacts(stand) == []


def test_what_is_made_can_be_found_by_its_name(stand: Stand) -> None:
	before = {document["id"] for document in stand.admin.documents()}
	stand.run(PROBES)
	made = [document for document in stand.admin.documents() if document["id"] not in before]
	assert made
	assert {document["number"][:7].upper() for document in made} == {"NWCONF-"}


def test_what_stays_is_named(stand: Stand) -> None:
	stand.furnish(zero_total_void="refused")
	left = stand.run([BY_ID["zero_total_is_paid"]]).cleaned.left_behind
	assert len(left) == 1
	assert re.fullmatch(r"NWCONF-\w+-zero \(PAID\): Invoice not of valid status for modification", left[0])


def test_a_list_that_lags_is_waited_for(stand: Stand) -> None:
	stand.furnish(new_in_lists="late")
	assert stand.run(FEW).cleaned.left_behind == []
	assert stand.live() == []


def test_stopped_in_the_middle_it_cleans_up(stand: Stand) -> None:
	lab = stand.lab()

	def stop(finding: Finding) -> None:
		if finding.probe.id == "allocation_repeated":
			raise KeyboardInterrupt

	stopped = run(lab, FEW, stop)
	assert stopped.stopped and len(stopped.findings) == 2
	assert stopped.cleaned.ended > 0
	assert stand.live() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminated"])
def test_a_stopped_process_cleans_up_and_says_what_it_has(stand: Stand, number: int) -> None:
	process = _begun_and_held(stand)
	process.send_signal(number)
	output, _ = process.communicate(timeout=30)
	assert process.returncode == 0, output
	assert "Cleaned up" in output
	assert stand.live() == []


def test_after_a_kill_the_next_run_cleans_up(stand: Stand) -> None:
	process = _begun_and_held(stand)
	process.kill()
	process.communicate(timeout=30)
	stand.admin.clear_faults()
	assert stand.live() != []
	assert main(["--sandbox", stand.admin.url, "--per-minute", "0", "--clean"]) == 0
	assert stand.live() == []


def test_the_budget_holds_and_leaves_enough_for_the_cleaning(stand: Stand) -> None:
	stand.budget = Budget(most=60, kept_back=30, per_minute=None)
	result_ = stand.run(PROBES)
	verdicts = [finding.verdict for finding in result_.findings]
	assert verdicts[0] is Verdict.AGREES and verdicts[-1] is Verdict.NOT_ASKED
	assert result_.findings[-1].seen.words == "30 calls are spent"
	assert stand.budget.spent <= 60
	assert stand.live() == []


def test_a_minute_has_no_more_calls_than_it_may() -> None:
	now = [0.0]

	def sleep(seconds: float) -> None:
		now[0] += seconds

	budget = Budget(most=200, kept_back=0, per_minute=55, clock=lambda: now[0], sleep=sleep)
	times = []
	for _ in range(150):
		budget.take()
		times.append(now[0])
		now[0] += 0.2
	assert all(later - earlier >= MINUTE for earlier, later in zip(times, times[55:], strict=False))
	assert times[-1] < 3 * MINUTE
	with pytest.raises(BudgetSpent):
		for _ in range(51):
			budget.take()


def test_a_429_is_waited_for_and_asked_again(stand: Stand) -> None:
	slept: list[float] = []
	stand.budget.sleep = slept.append
	stand.admin.fault("rate_limit", path="/invoices", method="PUT", problem="minute", retry_after=7)
	assert stand.ask(BY_ID["due_before_date"]).verdict is Verdict.AGREES
	assert slept == [7]


def test_without_anybody_at_the_keyboard_some_questions_are_not_asked(stand: Stand) -> None:
	lab = stand.lab()
	lab.hands = Hands()
	lab.hands.let_time_pass = lambda seconds: stand.admin.advance(seconds)  # type: ignore[method-assign]
	findings = run(lab, PROBES, lambda _finding: None).findings
	skipped = {finding.probe.id for finding in findings if finding.verdict is Verdict.NOT_ASKED}
	assert skipped == {
		"copy_keeps_url",
		"role_refusal",
		"loopback_redirect",
		"app_minute_word",
		"high_volume_partly_optimised",
		"lock_dates_hold",
		"lock_date_itself",
		"lock-date-words",
		"lock_holds_void",
	}
	assert {finding.verdict for finding in findings} == {Verdict.AGREES, Verdict.NOT_ASKED}


def test_a_person_can_skip_what_they_cannot_do() -> None:
	said = iter(["s", "", "y", "?"])
	person = Person(lambda: Access({"access_token": "a"}), lambda _question: next(said))
	with pytest.raises(CannotAsk, match="skipped"):
		person.set_lock_date("2026-09-30")
	person.set_lock_date(None)
	assert person.is_loopback_redirect_accepted() is True
	with pytest.raises(CannotAsk):
		person.is_loopback_redirect_accepted()

	def nobody(_question: str) -> str:
		raise EOFError

	with pytest.raises(CannotAsk):
		Person(lambda: Access({"access_token": "a"}), nobody).copy_invoice("A", "B")


def test_a_lock_date_that_is_there_already_is_left_alone(stand: Stand) -> None:
	stand.admin.act(stand.tenant, "lock", end_of_year="2020-03-31")
	finding = stand.ask(BY_ID["lock_dates_hold"])
	assert finding.verdict is Verdict.NOT_ASKED and "already has a lock date" in finding.seen.words
	assert "EndOfYearLockDate" in _organisation(stand)


# Consent


def test_a_consent_that_needs_openid_is_asked_for_again(stand: Stand) -> None:
	stand.furnish(consent_without_openid="refused")
	access = stand.sign_in()
	assert access.without_openid is False
	assert "openid" in access.token["scope"]


def test_an_answer_to_another_sign_in_is_not_accepted(stand: Stand) -> None:
	def forged(url: str) -> None:
		port = re.search(r"localhost%3A(\d+)", url)
		assert port
		_in_a_thread(f"http://localhost:{port[1]}/callback?code=stolen&state=another")

	with pytest.raises(NoConsent, match="a different sign-in"):
		by_browser(Addresses.of_sandbox(stand.admin.url), own_sandbox.CLIENT_ID, forged, port=0, say=str)


def test_no_consent_is_said(stand: Stand) -> None:
	def decline(url: str) -> None:
		port, state = re.search(r"localhost%3A(\d+)", url), re.search(r"state=([^&]+)", url)
		assert port and state
		_in_a_thread(f"http://localhost:{port[1]}/callback?error=access_denied&state={state[1]}")

	with pytest.raises(NoConsent, match="access_denied"):
		by_browser(Addresses.of_sandbox(stand.admin.url), own_sandbox.CLIENT_ID, decline, port=0, say=str)


def test_a_token_that_is_about_to_expire_is_renewed(stand: Stand) -> None:
	access = stand.sign_in()
	first = access.authorization()
	access._expires_at = time.monotonic() + 60
	assert access.authorization() != first
	assert first.removeprefix("Bearer ") in access.secrets


def test_a_custom_connection_needs_no_browser(stand: Stand) -> None:
	addresses = Addresses.of_sandbox(stand.admin.url)
	access = by_custom_connection(addresses, *CUSTOM_APP)
	assert access.authorization().startswith("Bearer ")
	assert CUSTOM_APP[1] in access.secrets
	xero = Xero(access, addresses, stand.budget, requests.Session())
	organisation, _ = demo_company(xero)
	lab = Lab(xero, survey(xero, organisation), Hands())
	few = [BY_ID["url_kept"], BY_ID["consent_without_openid"]]
	findings = run(lab, few, lambda _finding: None).findings
	assert [finding.verdict for finding in findings] == [Verdict.AGREES, Verdict.NOT_ASKED]
	with pytest.raises(NoConsent, match="invalid_client"):
		by_custom_connection(addresses, CUSTOM_APP[0], "wrong")


# The result


def test_the_sandbox_behaves_as_an_observed_file_says(stand: Stand, tmp_path: Path) -> None:
	turned = {"url_query": "dropped", "batch_order": "by_date", "lock_holds_void": "no"}
	stand.furnish(**turned)
	path = tmp_path / "observed.json"
	result.write(path, _document(stand))
	assert json.loads(path.read_text())["switches"] == {
		name: turned.get(name, switch.default) for name, switch in SWITCHES.items()
	}
	with running_sandbox(limits=False, observed=path) as observed:
		again = Stand(observed.admin)
		again.furnish()  # a reset goes back to what was observed
		for switch, choice in turned.items():
			assert again.ask(BY_ID[switch]).seen.outcome == choice
		assert again.ask(BY_ID["url_kept"]).verdict is Verdict.AGREES


def test_a_file_that_is_no_result_is_refused(tmp_path: Path) -> None:
	for content in ("{}", '{"switches": {"url_kept": "perhaps"}}'):
		path = tmp_path / "other.json"
		path.write_text(content)
		with pytest.raises(RuntimeError), running_sandbox(observed=path):
			pass


def test_what_cannot_be_told_is_no_switch_of_the_result(stand: Stand) -> None:
	stand.admin.act(stand.tenant, "lock", end_of_year="2020-03-31")
	result_ = stand.run([BY_ID["lock_dates_hold"], BY_ID["url_kept"]])
	assert result.switches_of(result_.findings) == {"url_kept": "kept"}


def test_neither_tokens_nor_names_are_written_or_printed(
	tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
	noted = tmp_path / "secrets.txt"
	monkeypatch.setenv(SECRETS_FILE, str(noted))
	monkeypatch.setattr(result, "FOLDER", tmp_path)
	with running_sandbox(limits=False) as sandbox:
		assert main(["--sandbox", sandbox.url, "--per-minute", "0", "--name", "nz"]) == 0
		tenant = sandbox.admin.tenant("NZ")
	written, printed = (tmp_path / "nz.json").read_text(), "".join(capfd.readouterr())
	secrets = set(noted.read_text().split())
	assert len(secrets) > 4 and not [secret for secret in secrets if secret in written + printed]
	names = (tenant, "NexWave Demo", "NexWave Connector", "Limousines", own_sandbox.CLIENT_ID)
	assert not [name for name in names if name in written]
	probes = json.loads(written)["probes"]
	assert len(probes) == len(PROBES)
	seen = next(probe for probe in probes if probe["id"] == "url_kept")
	(invoice,) = seen["exchanges"][-1]["answer"]["Invoices"]
	assert "/xero/" in invoice["Url"] and invoice["Total"] == 115.0


def test_the_budget_is_printed_before_anything_is_asked(
	stand: Stand, capsys: pytest.CaptureFixture[str]
) -> None:
	marker = stand.admin.marker()
	assert main(["--yes"]) == 2
	printed = capsys.readouterr().out
	announced = re.search(r"(\d+) probes, at most (\d+) calls, (\d+) minutes at 55 a minute", printed)
	assert announced and int(announced[1]) == len(PROBES) and int(announced[2]) < 400
	assert f"{len(PROBES)} questions" in (REPOSITORY / "docs" / "conformance.md").read_text()
	assert "--client-id" in printed
	assert main(["--list"]) == 0 and main(["--only", "nothing-of-the-kind"]) == 2
	assert stand.admin.count(marker) == 0


def test_it_stands_on_nothing_of_the_connector() -> None:
	for module in (REPOSITORY / "sandbox" / "conformance").rglob("*.py"):
		for node in ast.walk(ast.parse(module.read_text())):
			names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
			names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
			for name in names:
				assert not name.startswith(("frappe", "erpnext", "nexwave")), f"{module} imports {name}"


def _document(stand: Stand) -> dict:
	lab = stand.lab()
	findings = run(lab, PROBES, lambda _finding: None)
	return result.document(
		findings,
		lab.facts,
		address="sandbox",
		calls=1,
		seconds=1.0,
		day="2026-11-26",
		secrets=lab.xero.access.secrets,
	)


def _begun_and_held(stand: Stand) -> subprocess.Popen[str]:
	"""A run in a process of its own that hangs in the middle, on a call that never ends."""
	stand.admin.fault("hold_before", path="/attachments/", method="PUT")
	command = [sys.executable, "-m", "sandbox.conformance", "--sandbox", stand.admin.url, "--per-minute", "0"]
	command += ["--only", "url_kept", "allocation_repeated", "attachment", "lock_holds_void"]
	process = subprocess.Popen(
		command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
	)
	stand.admin.wait_for_hold()
	return process


def _in_a_thread(url: str) -> None:
	threading.Thread(target=requests.get, args=(url,), kwargs={"timeout": 10}, daemon=True).start()


def _organisation(stand: Stand) -> dict:
	xero = stand.xero()
	xero.tenant = stand.tenant
	return xero.call("GET", "/Organisation").elements("Organisations")[0]


def _marked_contacts(stand: Stand) -> list[dict]:
	xero = stand.xero()
	xero.tenant = stand.tenant
	query = {"searchTerm": "NWCONF", "page": 1}
	return xero.call("GET", "/Contacts", query=query).elements("Contacts")


def test_cleaning_twice_does_no_harm(stand: Stand) -> None:
	lab = stand.lab()
	run(lab, FEW, lambda _finding: None)
	assert clean(lab.xero).ended == 0
