"""What strangers run over a repository before they trust it: ``make audit``.

Frappe Cloud's marketplace runs Semgrep with the rules of frappe/press over an app, and Frappe's own workflows run it
with those of frappe/semgrep-rules. Both are cloned into ``.audit/``, and never committed. A tool or rules that are not
there are named, and then the audit has not passed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
APP = "nexwave_xero_connector"
RULES = {
	"frappe/semgrep-rules": "rules",
	"frappe/press": "press/marketplace/doctype/marketplace_app_audit/checks/semgrep-rules",
}
"""The folder with the rules in each repository."""
INSTALLS = {
	"semgrep": "pip install semgrep",
	"pip-audit": "pip install pip-audit",
	"eslint": "npm install --global eslint@8.44.0",
	"prettier": "npm install --global prettier@2.7.1",
}
"""eslint and prettier in the versions of .pre-commit-config.yaml, which are those of Frappe."""


class NotThere(Exception):
	"""What is missing, and how to get it."""


@dataclass(frozen=True)
class Report:
	"""findings: what has to be fixed. unknown: what the tool was there for, and could not look at."""

	looked_at: str
	findings: tuple[str, ...] = ()
	unknown: tuple[str, ...] = ()


def main(checkout: Path = CHECKOUT) -> int:
	"""0: nothing was found; 1: something was; 2: nothing was found, and not everything could be looked at."""
	found = incomplete = False
	for tool, look in LOOKS.items():
		try:
			report = look(checkout)
		except NotThere as missing:
			incomplete = True
			print(f"{tool}: not run. {missing}")
			continue
		print(f"{tool}: {len(report.findings)} findings. {report.looked_at}")
		for finding in report.findings:
			print(f"    {finding}")
		for what in report.unknown:
			print(f"    not looked at: {what}")
		found = found or bool(report.findings)
		incomplete = incomplete or bool(report.unknown)
	return 1 if found else 2 if incomplete else 0


def semgrep(checkout: Path) -> Report:
	"""Any finding counts: an exception is named on its line, # nosemgrep: RULE -- REASON."""
	program = _program("semgrep")
	folders = {
		repository: checkout / ".audit" / repository.split("/")[1] / folder
		for repository, folder in RULES.items()
	}
	if missing := [repository for repository, folder in folders.items() if not folder.is_dir()]:
		clones = [
			f"git clone --depth 1 https://github.com/{repository} .audit/{repository.split('/')[1]}"
			for repository in missing
		]
		raise NotThere(f"No rules: {'; '.join(clones)}")
	configs = [argument for folder in folders.values() for argument in ("--config", str(folder))]
	scan = ("scan", "--metrics", "off", "--disable-version-check", "--quiet", "--json")
	return read_semgrep(_output(program, *scan, *configs, ".", folder=checkout))


def read_semgrep(output: str) -> Report:
	answer = json.loads(output)
	findings = [_semgrep_finding(result) for result in answer["results"]]
	return Report(
		looked_at=f"Semgrep {answer['version']} read {len(answer['paths']['scanned'])} files with the rules of"
		f" {' and '.join(RULES)}.",
		findings=tuple(sorted(findings)),
		unknown=tuple(error["message"] for error in answer["errors"]),
	)


def _semgrep_finding(result: dict) -> str:
	extra = result["extra"]
	blocks = ", keeps an app out of the marketplace" if extra["metadata"].get("is_blocking") else ""
	rule = result["check_id"].rsplit(".", 1)[-1]
	return f"{result['path']}:{result['start']['line']} {rule} ({extra['severity']}{blocks})"


def pip_audit(checkout: Path) -> Report:
	"""What pyproject.toml asks for, in the versions that pip would install today."""
	program = _program("pip-audit")
	return read_pip_audit(
		_output(program, "--format", "json", "--progress-spinner", "off", ".", folder=checkout)
	)


def read_pip_audit(output: str) -> Report:
	packages = json.loads(output)["dependencies"]
	return Report(
		looked_at=f"{len(packages)} packages: {', '.join(sorted(package['name'] for package in packages))}.",
		findings=tuple(
			f"{package['name']} {package['version']}: {flaw['id']}, fixed in {', '.join(flaw['fix_versions']) or '-'}"
			for package in packages
			for flaw in package.get("vulns", ())
		),
		unknown=tuple(package["skip_reason"] for package in packages if "skip_reason" in package),
	)


def eslint(checkout: Path) -> Report:
	output = _output(_program("eslint"), "--quiet", "--format", "unix", *_scripts(checkout), folder=checkout)
	lines = [line.removeprefix(f"{checkout}/") for line in output.splitlines() if line.endswith("]")]
	return Report(looked_at="The desk's scripts, with the rules of .eslintrc.", findings=tuple(lines))


def prettier(checkout: Path) -> Report:
	output = _output(_program("prettier"), "--list-different", *_scripts(checkout), folder=checkout)
	findings = [f"{file} is not formatted as prettier would" for file in output.split()]
	return Report(looked_at="The desk's scripts.", findings=tuple(findings))


LOOKS: dict[str, Callable[[Path], Report]] = {
	"semgrep": semgrep,
	"pip-audit": pip_audit,
	"eslint": eslint,
	"prettier": prettier,
}


def _scripts(checkout: Path) -> list[str]:
	return _output("git", "ls-files", f"{APP}/*.js", folder=checkout).split()


def _program(name: str) -> str:
	beside = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
	if program := shutil.which(name, path=beside):
		return program
	raise NotThere(f"There is no {name}: {INSTALLS[name]}")


def _output(*command: str, folder: Path) -> str:
	"""What the command prints. 1 is the exit status of all of these when they have found something."""
	ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
	if ended.returncode not in (0, 1) or (ended.returncode and not ended.stdout):
		raise NotThere(f"{command[0]} failed: {ended.stderr.strip()[-500:]}")
	return ended.stdout


if __name__ == "__main__":
	sys.exit(main())
