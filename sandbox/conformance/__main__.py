"""`python -m sandbox.conformance`: asks Xero, or our own sandbox, what this project cannot prove."""

from __future__ import annotations

import argparse
import getpass
import math
import os
import signal
import sys
import time
import webbrowser
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from typing import Any, NoReturn

import requests
from rich.console import Console

from sandbox.xero.launcher import AdminClient, running_sandbox

from . import own_sandbox, result
from .budget import LIMIT, PER_MINUTE, Budget
from .calls import NoAnswer, Xero
from .cleaning import CALLS as CLEANING_CALLS
from .cleaning import Cleaned, clean
from .consent import PORT, Access, Addresses, NoConsent, by_browser, by_custom_connection
from .hands import Hands, Person
from .lab import Lab, survey
from .probe import CannotAsk, Probe
from .probes import PROBES
from .run import Finding, Run, most_calls, run

SECRET_VARIABLE = "XERO_CLIENT_SECRET"
WIDTH_OF_A_FILE = 160
DONE, LEFT_BEHIND, NOT_RUN = 0, 1, 2


class NotRun(Exception):
	"""Nothing was asked; the text says why."""


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
	parser = argparse.ArgumentParser(
		prog="python -m sandbox.conformance",
		description="Asks Xero what this project assumes about it and cannot prove. See docs/conformance.md.",
	)
	where = parser.add_argument_group("what to ask")
	where.add_argument(
		"--client-id", help="of an app of type Mobile or desktop (PKCE): consent in the browser"
	)
	where.add_argument(
		"--custom-connection",
		action="store_true",
		help=f"no browser; the secret is asked for, or read from {SECRET_VARIABLE}",
	)
	where.add_argument(
		"--sandbox",
		nargs="?",
		const="new",
		metavar="URL",
		help="use our own sandbox instead of Xero: a new one, or the one at URL",
	)
	where.add_argument("--port", type=int, default=PORT, help="of the redirect URI (default: %(default)s)")
	parser.add_argument("--only", nargs="+", metavar="PROBE", help="only these probes")
	parser.add_argument("--list", action="store_true", help="show the probes, and ask nothing")
	parser.add_argument("--clean", action="store_true", help="only clean up after an earlier run")
	parser.add_argument("--unattended", action="store_true", help="skip what needs somebody at the keyboard")
	parser.add_argument("--yes", action="store_true", help="do not ask before starting")
	parser.add_argument("--name", help="of the result in sandbox/xero/observed (default: country and day)")
	parser.add_argument(
		"--per-minute",
		type=int,
		default=PER_MINUTE,
		help="calls per minute, 0 for no limit; a new sandbox has none (default: %(default)s)",
	)
	return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
	options = parse(arguments)
	console = Console(width=None if sys.stdout.isatty() else WIDTH_OF_A_FILE)
	try:
		probes = chosen(options.only)
		if options.list:
			show_probes(console, probes)
			return DONE
		return carry_out(options, probes, console)
	except (NotRun, NoConsent, CannotAsk, NoAnswer) as reason:
		console.print(f"Nothing was asked: {reason}", markup=False)
		return NOT_RUN
	except KeyboardInterrupt:
		console.print("Stopped before the clean-up was done: run it again with --clean.")
		return LEFT_BEHIND


def carry_out(options: argparse.Namespace, probes: list[Probe], console: Console) -> int:
	most = min(LIMIT, most_calls(probes))
	per_minute = None if options.sandbox == "new" or not options.per_minute else options.per_minute
	announce(console, probes, most, per_minute)
	if not options.yes and options.sandbox is None and not is_agreed():
		raise NotRun("you did not say yes")
	with ExitStack() as stack:
		stack.enter_context(termination_as_interrupt())
		admin = stack.enter_context(sandbox_of(options.sandbox)) if options.sandbox else None
		budget = Budget(most, CLEANING_CALLS, per_minute)
		http = stack.enter_context(requests.Session())
		access, addresses = sign_in(options, admin, console)
		xero = Xero(access, addresses, budget, http)
		organisation, other = demo_company(xero)
		console.print(f"Connected to {organisation['Name']}, a demo company.", markup=False)
		show_cleaned(console, clean(xero), "Left by an earlier run")
		if options.clean:
			return DONE
		lab = Lab(xero, survey(xero, organisation), hands_of(options, admin, access, xero), other)
		console.print(f"Everything created now has NWCONF-{lab.run} in its number or name.", markup=False)
		began = time.monotonic()
		findings = run(lab, probes, lambda finding: progress(console, finding))
		seconds = time.monotonic() - began
		finish(options, console, lab, findings, organisation, seconds)
		return LEFT_BEHIND if findings.cleaned.left_behind else DONE


def chosen(only: list[str] | None) -> list[Probe]:
	unknown = set(only or ()) - {probe.id for probe in PROBES}
	if unknown:
		raise NotRun(f"there is no probe {', '.join(sorted(unknown))}; --list shows them")
	return [probe for probe in PROBES if not only or probe.id in only]


def announce(console: Console, probes: list[Probe], most: int, per_minute: int | None) -> None:
	"""The budget, before anything is asked."""
	pace = f", {math.ceil(most / per_minute)} minutes at {per_minute} a minute" if per_minute else ""
	console.print(f"{len(probes)} probes, at most {most} calls{pace}. A free app has 1,000 per day.")
	console.print(
		"Only a demo company is changed. Everything created is voided, deleted or archived at the end."
	)


def is_agreed() -> bool:
	try:
		return input("Begin? [y]es: ").strip().lower()[:1] == "y"
	except EOFError:
		return False


def sign_in(
	options: argparse.Namespace, admin: AdminClient | None, console: Console
) -> tuple[Access, Addresses]:
	def say(text: str) -> None:
		console.print(text, markup=False, soft_wrap=True)

	if admin:
		addresses = Addresses.of_sandbox(admin.url)
		browser = own_sandbox.browser(admin.tenant("NZ"))
		silent = by_browser(addresses, own_sandbox.CLIENT_ID, browser, port=0, say=lambda _text: None)
		return silent, addresses
	if not options.client_id:
		raise NotRun("--client-id names the app; docs/conformance.md says how to create one")
	addresses = Addresses()
	if options.custom_connection:
		secret = os.environ.get(SECRET_VARIABLE) or getpass.getpass("Client secret (not shown): ")
		return by_custom_connection(addresses, options.client_id, secret), addresses
	return by_browser(addresses, options.client_id, webbrowser.open, port=options.port, say=say), addresses


def demo_company(xero: Xero) -> tuple[dict[str, Any], str | None]:
	"""The demo company that the token reaches, and a second one if there are two. Raises NotRun if there is none."""
	found: list[tuple[str, dict[str, Any]]] = []
	refused: list[str] = []
	# A Custom Connection needs no tenant id, and may have no list.
	tenants = [str(row["tenantId"]) for row in xero.connections()][:3] or [""]
	for tenant in tenants:
		exchange = xero.call("GET", "/Organisation", tenant=tenant)
		for organisation in exchange.elements("Organisations"):
			if xero.is_demo_company(organisation, tenant):
				found.append((tenant, organisation))
			else:
				refused.append(str(organisation.get("Name")))
		xero.access.secrets |= {tenant} - {""}
	if not found:
		raise NotRun(
			f"{', '.join(refused) or 'the organisation'} does not say that it is a demo company. Connect one that "
			"does."
		)
	xero.tenant = found[0][0]
	return found[0][1], found[1][0] if len(found) > 1 else None


def hands_of(options: argparse.Namespace, admin: AdminClient | None, access: Access, xero: Xero) -> Hands:
	if admin:
		return own_sandbox.SandboxHands(admin, xero.tenant)
	if options.unattended:
		return Hands()

	def consent_again() -> Access:
		if options.custom_connection:
			raise CannotAsk("a Custom Connection has one user")
		# The browser is signed in as the first user, so do not open this page in it.
		return by_browser(xero.addresses, options.client_id, lambda _url: None, port=options.port)

	return Person(consent_again)


@contextmanager
def sandbox_of(url: str) -> Iterator[AdminClient]:
	"""The admin endpoints of a new sandbox, or of the one running at `url`."""
	if url != "new":
		admin = AdminClient(url.rstrip("/"))
		own_sandbox.furnish(admin)
		yield admin
		return
	with running_sandbox(limits=False) as handle:
		own_sandbox.furnish(handle.admin)
		yield handle.admin


def finish(
	options: argparse.Namespace,
	console: Console,
	lab: Lab,
	findings: Run,
	organisation: dict[str, Any],
	seconds: float,
) -> None:
	"""Print the table and the switches to set, and write the file."""
	console.print(result.table(findings.findings))
	console.print(
		f"{result.summary(findings.findings)}; {lab.xero.budget.spent} calls, {seconds:.0f} seconds"
	)
	to_set = result.switches_to_set(findings.findings)
	shown = " ".join(f"--switch {name}={value}" for name, value in to_set.items())
	console.print(f"Switches to set: {shown or 'none'}", markup=False, soft_wrap=True)
	show_cleaned(console, findings.cleaned, "Cleaned up")
	names = {str(organisation.get(name, "")) for name in ("Name", "LegalName", "ShortCode", "OrganisationID")}
	content = result.document(
		findings,
		lab.facts,
		address="Xero" if lab.xero.addresses.are_xeros else "sandbox",
		calls=lab.xero.budget.spent,
		seconds=seconds,
		day=date.today().isoformat(),
		secrets=lab.xero.access.secrets | (names - {""}),
	)
	if not options.name and not lab.xero.addresses.are_xeros:
		console.print("The answers of our own sandbox are only saved with --name.")
		return
	name = options.name or f"{lab.facts.country.lower()}-{date.today().isoformat()}"
	path = result.FOLDER / f"{name}.json"
	result.write(path, content)
	console.print(f"Result: {path}", markup=False, soft_wrap=True)


def progress(console: Console, finding: Finding) -> None:
	colour = result.COLOURS[finding.verdict]
	words = "" if finding.verdict.value == "as believed" else f": {finding.seen.words}"
	console.print(f"  {finding.probe.id} [{colour}]{finding.verdict.value}[/]", end="")
	console.print(words, markup=False, highlight=False)


def show_cleaned(console: Console, cleaned: Cleaned, title: str) -> None:
	if cleaned.ended:
		console.print(f"{title}: {cleaned.ended} voided, deleted or archived.")
	for what in cleaned.left_behind:
		console.print(f"Still there, for you to void by hand: {what}", markup=False, style="bold red")


def show_probes(console: Console, probes: list[Probe]) -> None:
	for probe in probes:
		console.print(f"{probe.id}: {probe.question}", markup=False, soft_wrap=True)
		believed = probe.outcomes[probe.believed]
		console.print(f"    {believed} ({probe.source or 'no source'})", markup=False, soft_wrap=True)
	console.print(f"{len(probes)} probes, at most {most_calls(probes)} calls")


@contextmanager
def termination_as_interrupt() -> Iterator[None]:
	"""SIGTERM cleans up as Ctrl-C does."""

	def interrupt(_number: int, _frame: object) -> NoReturn:
		raise KeyboardInterrupt

	before = signal.signal(signal.SIGTERM, interrupt)
	try:
		yield
	finally:
		signal.signal(signal.SIGTERM, before)


if __name__ == "__main__":
	sys.exit(main())
