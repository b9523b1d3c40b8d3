"""A bad day, played with the real push over real HTTP: ``make demo``.

Starts the Xero sandbox and the ERP with its worker, makes everything go wrong that can, and shows in a table what both
sides say in the end. ``--keep`` leaves the sandbox running, so that you can look at its pages.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sandbox.scenarios import SCENARIOS, Scenario
from sandbox.stage import NothingHappened, Stage, Told
from sandbox.xero.launcher import REPOSITORY, AdminError, SandboxHandle

WIDTH_OF_A_FILE = 160
COLOURS = {
	"Success": "green",
	"Voided": "blue",
	"Failed": "red",
	"Queued": "yellow",
	"Skipped": "bright_black",
	"AUTHORISED": "green",
	"PAID": "green",
	"VOIDED": "blue",
}


def main(arguments: Sequence[str] | None = None) -> int:
	parser = argparse.ArgumentParser(prog="python -m sandbox.bad_day", description=__doc__)
	parser.add_argument("--keep", action="store_true", help="leave the Xero sandbox running afterwards")
	keep = parser.parse_args(arguments).keep
	console = Console(width=None if sys.stdout.isatty() else WIDTH_OF_A_FILE)
	folder = Path(tempfile.mkdtemp(prefix="bad-day-"))
	sandbox = SandboxHandle(str(folder / "xero.sqlite"))
	began = time.monotonic()
	kept = False
	try:
		sandbox.start()
		with console.status("The Xero sandbox is running") as status:
			told = play(folder, sandbox, lambda title: status.update(title))
		console.print(table_of(told))
		expected = sum(scene.as_it_should for _scenario, scene in told)
		if expected < len(told):
			show_log(console, folder / "worker.log")
		console.print(
			f"Finished in {time.monotonic() - began:.0f} seconds. To skip hours, both clocks are moved forward."
		)
		kept = keep
	finally:
		if not kept:
			sandbox.stop()
			shutil.rmtree(folder, ignore_errors=True)
	if kept:
		console.print(
			f"See what Xero has now: {sandbox.url}/ (to stop it: kill {leave_running(sandbox, folder)})"
		)
	else:
		console.print("Next: make demo KEEP=1 leaves Xero's page open; docs/setup.md connects a site.")
	print(f"demo: {len(told)} scenarios, {expected} as expected", flush=True)
	return 0 if expected == len(told) else 1


def leave_running(sandbox: SandboxHandle, folder: Path) -> int:
	"""Start the same sandbox again, independent of this process's terminal and of any pipe that it writes to.

	Returns its process id once it responds.
	"""
	sandbox.stop()
	ready = folder / "url"
	command = [sys.executable, "-m", "sandbox.xero", "--quiet", "--db", sandbox.db]
	command += ["--port", str(urlsplit(sandbox.url).port), "--ready-file", str(ready)]
	process = subprocess.Popen(
		command,
		cwd=REPOSITORY,
		stdin=subprocess.DEVNULL,
		stdout=subprocess.DEVNULL,
		stderr=subprocess.DEVNULL,
		start_new_session=True,
	)
	while not ready.exists():
		if process.poll() is not None:
			raise RuntimeError("The Xero sandbox did not restart")
		time.sleep(0.01)
	return process.pid


def play(folder: Path, sandbox: SandboxHandle, show: Callable[[str], None]) -> list[tuple[Scenario, Told]]:
	told = []
	stage = Stage(folder, sandbox)
	try:
		for scenario in SCENARIOS:
			show(scenario.title)
			stage.tidy()
			stage.mark()
			try:
				scene = scenario.play(stage)
				if idle := stage.idle_faults():
					scene = Told(scene.erp, f"{scene.xero}\nFault not met: {', '.join(idle)}", False)
			except (NothingHappened, AdminError) as problem:
				scene = Told(str(problem), "", False)
			told.append((scenario, scene))
	finally:
		stage.close()
	return told


def table_of(told: list[tuple[Scenario, Told]]) -> Table:
	title = "A bad day between ERPNext (simulated) and Xero (a sandbox), with the real push code"
	table = Table(title=title, show_lines=True, expand=True)
	table.add_column("Scenario", ratio=3)
	table.add_column("What went wrong", ratio=4)
	table.add_column("The log says", ratio=8)
	table.add_column("Xero has", ratio=3)
	table.add_column("As expected", justify="center", width=8)
	for scenario, scene in told:
		table.add_row(
			Text(scenario.title, "bold"),
			scenario.went_wrong,
			coloured(scene.erp),
			coloured(scene.xero),
			Text("yes", "green") if scene.as_it_should else Text("NO", "bold red"),
		)
	return table


def coloured(text: str) -> Text:
	shown = Text(text)
	for word, colour in COLOURS.items():
		shown.highlight_regex(rf"(?m)^(Then )?{word}\b", colour)
	return shown


def show_log(console: Console, log: Path) -> None:
	if log.exists() and (lines := log.read_text(errors="replace").splitlines()[-40:]):
		console.rule("Worker log")
		console.print("\n".join(lines), markup=False, highlight=False)


if __name__ == "__main__":
	# Ensure that a terminated demo also ends its processes.
	signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
	sys.exit(main())
