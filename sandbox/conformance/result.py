"""The result of a run: a table to read, and a file that the sandbox can be started with.

Tokens, the app's id, and the names of the organisation and of everything that was not made here are left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import simplejson
from rich.table import Table
from rich.text import Text

from sandbox.xero import observed
from sandbox.xero.switches import SWITCHES
from sandbox.xero.wire import dumps, loads

from .calls import Exchange
from .lab import MARK, Facts
from .probe import NO_SOURCE, Verdict
from .run import Finding, Run

FOLDER = Path(observed.__file__).parent
COLOURS = {
	Verdict.AGREES: "green",
	Verdict.DIFFERS: "bold red",
	Verdict.UNCLEAR: "yellow",
	Verdict.NOT_ASKED: "bright_black",
}
COLLECTIONS = ("Invoices", "CreditNotes", "Contacts", "Elements")
MOST_ELEMENTS = 6
LONGEST_TEXT = 2000
SETTINGS = ("/Accounts", "/TaxRates", "/Currencies", "/Organisation")


def switches_of(findings: Iterable[Finding]) -> dict[str, str]:
	"""The switches that were observed, whether as assumed or not."""
	return {
		finding.probe.switch: finding.seen.outcome
		for finding in findings
		if finding.probe.switch and finding.seen.outcome
	}


def switches_to_set(findings: Iterable[Finding]) -> dict[str, str]:
	"""The observed switches that differ from the sandbox's defaults."""
	return {name: value for name, value in switches_of(findings).items() if value != SWITCHES[name].default}


def table(findings: Iterable[Finding]) -> Table:
	shown = Table("Question", "Believed", "Seen", "Verdict", title="What was asked", padding=(0, 1, 1, 1))
	for finding in findings:
		probe, seen = finding.probe, finding.seen
		outcome = probe.outcomes[seen.outcome] if seen.outcome else seen.words
		believed = probe.outcomes[probe.believed] + ("" if probe.source else " (no source)")
		question = Text.assemble(f"{probe.question} ", (probe.id, "bright_black"))
		verdict = Text(finding.verdict.value, COLOURS[finding.verdict])
		shown.add_row(question, Text(believed), Text(outcome), verdict)
	return shown


def summary(findings: Iterable[Finding]) -> str:
	counted = Counter(finding.verdict for finding in findings)
	return ", ".join(f"{counted[verdict]} {verdict.value}" for verdict in Verdict)


def document(
	run: Run, facts: Facts, *, address: str, calls: int, seconds: float, day: str, secrets: Iterable[str]
) -> dict[str, Any]:
	"""The file's content."""
	result = {
		"format": 1,
		"address": address,
		"day": day,
		"country": facts.country,
		"base_currency": facts.base_currency,
		"calls": calls,
		"seconds": round(seconds),
		"stopped": run.stopped,
		"switches": switches_of(run.findings),
		"left_behind": run.cleaned.left_behind,
		"probes": [
			{
				"id": finding.probe.id,
				"question": finding.probe.question,
				"believed": finding.probe.outcomes[finding.probe.believed],
				"source": finding.probe.source or "no source",
				"seen": finding.probe.outcomes[finding.seen.outcome] if finding.seen.outcome else None,
				"words": finding.seen.words,
				"verdict": finding.verdict.value,
				"exchanges": [_exchange(exchange) for exchange in finding.exchanges],
			}
			for finding in run.findings
		],
	}
	return loads(_without(dumps(result), secrets))


def write(path: Path, content: dict[str, Any]) -> None:
	path.parent.mkdir(parents=True, exist_ok=True)
	text = simplejson.dumps(content, use_decimal=True, indent="\t", ensure_ascii=False)
	path.write_text(text + "\n", encoding="utf-8")


def _exchange(exchange: Exchange) -> dict[str, Any]:
	return {
		"asked": f"{exchange.method} {exchange.path}" + (f"?{exchange.query}" if exchange.query else ""),
		"sent": _body(exchange.sent),
		"status": exchange.status,
		"headers": dict(exchange.headers),
		"answer": "settings are not kept" if exchange.path in SETTINGS else _body(exchange.body),
	}


def _body(text: str) -> Any:
	"""JSON without anything that was not created here; other text unchanged but shortened."""
	try:
		value = loads(text)
	except ValueError:
		return text[:LONGEST_TEXT]
	if not isinstance(value, dict):
		return text[:LONGEST_TEXT]
	out = {key: item for key, item in value.items() if key not in ("ProviderName", "Id")}
	for collection in COLLECTIONS:
		if isinstance(out.get(collection), list):
			out[collection] = _elements(out[collection])
	return loads(dumps(out))


def _elements(elements: list[Any]) -> list[Any]:
	"""Only the first few elements that have the mark or no name at all."""
	own = [element for element in elements if MARK in dumps(element) or _is_nameless(element)]
	shown = own[:MOST_ELEMENTS]
	if len(shown) < len(elements):
		shown.append({"left_out": len(elements) - len(shown)})
	return shown


def _is_nameless(element: Any) -> bool:
	names = ("InvoiceNumber", "CreditNoteNumber", "Name", "Contact")
	return isinstance(element, dict) and not any(element.get(name) for name in names)


def _without(text: str, secrets: Iterable[str]) -> str:
	"""Removes the longest names first, so that a name inside a longer one leaves nothing of it behind."""
	for secret in sorted(
		{dumps(secret)[1:-1] for secret in secrets if len(secret) > 3}, key=len, reverse=True
	):
		text = text.replace(secret, "removed")
	return text


def unsourced(findings: Iterable[Finding]) -> list[str]:
	return [finding.probe.id for finding in findings if finding.probe.source == NO_SOURCE]
