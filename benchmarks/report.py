"""The table of a run: on the screen, and between the markers in docs/performance.md."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Sequence
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from benchmarks.figures import Figure
from benchmarks.two_companies import bench_path, why_no_bench

PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
VERDICTS = {True: "yes", False: "**no**", None: ""}
MOVED = 1.25
"""As a factor, up or down. Less is the spread from one run to the next."""
NUMBER = re.compile(r"[+-]?\d[\d,]*(?:\.\d+)?")
ROW = re.compile(r"^\| ([^|]+) \| [^|]* \| [^|]* \| ([^|]+) \|", re.MULTILINE)
MEASURED = re.compile(r"Measured on (\S+)[^,]*, commit (\w+)")


def show(figures: Sequence[Figure]) -> None:
	table = Table(title="Benchmarks", show_lines=True)
	for column in ("Figure", "To reach", "Reached", "Measured", "Tutorial connector"):
		table.add_column(column)
	for figure in figures:
		reached = VERDICTS[figure.is_reached].strip("*")
		cells = (figure.name, figure.to_reach, reached, figure.shown, figure.tutorial)
		table.add_row(*(escape(cell) for cell in cells))
	Console(width=None if os.isatty(1) else 160).print(table)


def write(marker: str, text: str) -> None:
	"""Replace the text between the two comments of that marker in docs/performance.md."""
	page = PAGE.read_text(encoding="utf-8")
	begin, end = f"<!-- {marker} -->\n", f"<!-- /{marker} -->"
	before, _mark, rest = page.partition(begin)
	_old, _mark, after = rest.partition(end)
	PAGE.write_text(f"{before}{begin}{text.strip()}\n{end}{after}", encoding="utf-8")


def marker() -> str:
	"""Which of the page's tables a run writes, by the version that the bench has: "ERPNext 15"; "" without a bench."""
	return "" if why_no_bench() else _bench_versions()[1].partition(".")[0]


def what_moved(figures: Sequence[Figure], marker: str) -> str:
	"""One line: the figures that are not what they were in the run that docs/performance.md shows.

	The first number of a figure is what is compared.
	"""
	text = PAGE.read_text(encoding="utf-8")
	page = text.partition(f"<!-- {marker} -->")[2].partition(f"<!-- /{marker} -->")[0]
	before = dict(ROW.findall(page))
	compared = [(figure, _first_number(before.get(_cell(figure.name), ""))) for figure in figures]
	moved = [
		f"{figure.name}: {old:,g} to {new:,g}"
		for figure, old in compared
		if old is not None and (new := _first_number(figure.shown)) is not None and _differ(old, new)
	]
	when = MEASURED.search(page)
	since = f"since {when[1]} ({when[2]})" if when else "since the run before"
	return f"Moved by a quarter or more {since}: {'; '.join(moved) or 'nothing'}."


def _differ(old: float, new: float) -> bool:
	low, high = sorted((abs(old), abs(new)))
	return old * new < 0 or high > low * MOVED


def _first_number(text: str) -> float | None:
	found = NUMBER.search(text)
	return float(found[0].replace(",", "")) if found else None


def _cell(text: str) -> str:
	return text.replace("|", "/")


def as_markdown(figures: Sequence[Figure]) -> str:
	lines = ["| Figure | To reach | Reached | Measured | Tutorial connector |", "|---|---|---|---|---|"]
	for figure in figures:
		cells = (figure.name, figure.to_reach, VERDICTS[figure.is_reached], figure.shown, figure.tutorial)
		lines.append(f"| {' | '.join(_cell(text) for text in cells)} |")
	return "\n".join(lines)


def circumstances() -> str:
	"""The time, the machine and the versions."""
	now = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
	commit = _said("git", "-C", str(PAGE.parent), "rev-parse", "--short", "HEAD") or "unknown"
	parts = [f"Measured on {now}, commit {commit}: {_machine()}", f"Python {platform.python_version()}"]
	parts += [f"{name} {version(name)}" for name in ("xero-python", "urllib3")]
	if not why_no_bench():
		parts += [*_bench_versions(), _said("mariadbd", "--version").split("  ")[-1].split(" for ")[0]]
		parts += [_said("redis-server", "--version").partition(" sha")[0]]
	return ", ".join(part for part in parts if part) + "."


def _machine() -> str:
	memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
	cpu = next(
		(
			line.partition(":")[2].strip()
			for line in Path("/proc/cpuinfo").read_text().splitlines()
			if line.startswith("model name")
		),
		platform.machine(),
	)
	return f"{os.cpu_count()} cores ({cpu}), {memory:.0f} GB, {platform.system()} {platform.release()}"


def _bench_versions() -> list[str]:
	ask = "import frappe, erpnext, sys; print('Frappe', frappe.__version__, 'ERPNext', erpnext.__version__)"
	words = _said(str(bench_path() / "env" / "bin" / "python"), "-c", ask, cwd=bench_path() / "sites").split()
	return [" ".join(words[:2]), " ".join(words[2:])]


def _said(*command: str, cwd: Path | None = None) -> str:
	try:
		return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False).stdout.strip()
	except OSError:
		return ""
