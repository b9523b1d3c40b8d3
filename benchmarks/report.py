"""The table of a run: on the screen, and between the markers in docs/performance.md."""

from __future__ import annotations

import os
import platform
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


def as_markdown(figures: Sequence[Figure]) -> str:
	lines = ["| Figure | To reach | Reached | Measured | Tutorial connector |", "|---|---|---|---|---|"]
	for figure in figures:
		cells = (figure.name, figure.to_reach, VERDICTS[figure.is_reached], figure.shown, figure.tutorial)
		lines.append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |")
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
