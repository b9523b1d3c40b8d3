"""One run: the probes in order, each judged separately, and the clean-up whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from .budget import BudgetSpent
from .calls import Exchange, NoAnswer
from .cleaning import CALLS as CLEANING_CALLS
from .cleaning import Cleaned, clean
from .consent import NoConsent
from .lab import CONTACTS, SURVEY_CALLS, Lab
from .probe import CannotAsk, Probe, Seen, Verdict, fixtures_of

SIGN_IN_CALLS = 5
"""/connections, and /Organisation of the first few."""


@dataclass(frozen=True)
class Finding:
	"""What one probe found, with the raw exchanges behind it."""

	probe: Probe
	verdict: Verdict
	seen: Seen
	exchanges: tuple[Exchange, ...] = ()
	calls: int = 0


@dataclass
class Run:
	findings: list[Finding] = field(default_factory=list)
	stopped: bool = False
	cleaned: Cleaned = field(default_factory=Cleaned)


def most_calls(probes: Sequence[Probe]) -> int:
	"""How many calls a run of these may use: sign-in, the probes, their fixtures, and cleaning up twice."""
	asked = sum(probe.calls for probe in probes)
	needed = sum(fixture.calls for fixture in {CONTACTS, *fixtures_of(list(probes))})
	return SIGN_IN_CALLS + SURVEY_CALLS + asked + needed + 2 * CLEANING_CALLS


def run(lab: Lab, probes: Sequence[Probe], report: Callable[[Finding], object]) -> Run:
	"""Runs the probes. Ctrl-C stops them, and everything created until then is cleaned up."""
	result = Run()
	try:
		for probe in probes:
			finding = ask(lab, probe)
			result.findings.append(finding)
			report(finding)
	except KeyboardInterrupt:
		result.stopped = True
	finally:
		undone = [reason for last in reversed(lab.at_the_end) if (reason := _undone(last))]
		result.cleaned = clean(lab.xero, lab.made, lab.hands.let_time_pass)
		result.cleaned.left_behind += undone
	return result


def _undone(last: Callable[[], None]) -> str | None:
	"""What a final step could not undo."""
	try:
		last()
	except CannotAsk as reason:
		return f"{last.__doc__ or last.__name__}: {reason}"
	return None


def ask(lab: Lab, probe: Probe) -> Finding:
	"""One probe's finding. The exchanges of a fixture belong to the first probe that needs it."""
	start = len(lab.xero.exchanges)
	before = None
	try:
		for fixture in (CONTACTS, *probe.needs):
			lab.get(fixture)
		before = lab.xero.budget.spent
		seen = probe.ask(lab)
		verdict = probe.verdict(seen)
	except (CannotAsk, BudgetSpent) as reason:
		seen, verdict = Seen(None, str(reason)), Verdict.NOT_ASKED
	except (NoAnswer, NoConsent) as failure:
		seen, verdict = Seen(None, f"no answer: {failure}"), Verdict.UNCLEAR
	except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
		# A response in a shape that we do not know. The raw exchange shows the rest.
		seen, verdict = Seen(None, f"{type(error).__name__}: {error}"), Verdict.UNCLEAR
	spent = 0 if before is None else lab.xero.budget.spent - before
	return Finding(probe, verdict, seen, tuple(lab.xero.exchanges[start:]), spent)
