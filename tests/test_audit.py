"""The audit must not report success about what it could not look at."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests import audit

CHECKOUT = Path(__file__).parents[1]


def test_tools_that_are_not_there_are_named_and_the_audit_has_not_passed(
	monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
	monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
	monkeypatch.setenv("PATH", str(tmp_path))
	assert audit.main(tmp_path) == 2
	lines = capsys.readouterr().out.splitlines()
	assert [line.split(":")[0] for line in lines] == ["semgrep", "pip-audit", "eslint", "prettier"]
	assert all("not run" in line for line in lines)


def test_semgrep_without_rules_says_where_they_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
	_make_program(tmp_path / "semgrep", "exit 1")
	monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
	with pytest.raises(audit.NotThere, match=r"git clone --depth 1 https://github\.com/frappe/press"):
		audit.semgrep(tmp_path)


def test_a_tool_that_breaks_has_not_found_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
	_make_program(tmp_path / "pip-audit", "echo no network >&2; exit 1")
	monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
	with pytest.raises(audit.NotThere, match="no network"):
		audit.pip_audit(tmp_path)


def test_a_finding_says_whether_it_blocks() -> None:
	found = {
		"check_id": "rules.frappe-manual-commit",
		"path": "app/jobs.py",
		"start": {"line": 7},
		"extra": {"severity": "HIGH", "metadata": {"is_blocking": True}},
	}
	output = {"version": "1.185.0", "results": [found], "errors": [], "paths": {"scanned": ["app/jobs.py"]}}
	report = audit.read_semgrep(json.dumps(output))
	assert report.findings == (
		"app/jobs.py:7 frappe-manual-commit (HIGH, keeps an app out of the marketplace)",
	)


def test_a_package_that_nobody_could_be_asked_about_is_not_clean() -> None:
	output = {
		"dependencies": [
			{
				"name": "requests",
				"version": "2.31.0",
				"vulns": [{"id": "PYSEC-1", "fix_versions": ["2.32.0"]}],
			},
			{"name": "xero-python", "skip_reason": "Dependency not found on PyPI"},
		]
	}
	report = audit.read_pip_audit(json.dumps(output))
	assert report.findings == ("requests 2.31.0: PYSEC-1, fixed in 2.32.0",)
	assert report.unknown == ("Dependency not found on PyPI",)


def test_each_exception_names_its_rule_and_its_reason() -> None:
	"""Semgrep ignores a comment of free text after ``nosemgrep``, and without a rule it lets everything pass."""
	rightly = re.compile(r"# nosemgrep: frappe-[a-z-]+(, frappe-[a-z-]+)* -- \S")
	wrong = [
		f"{file.relative_to(CHECKOUT)}: {line.strip()}"
		for file in (CHECKOUT / audit.APP).rglob("*.py")
		for line in file.read_text().splitlines()
		if "nosemgrep" in line and not rightly.search(line)
	]
	assert not wrong


def _make_program(path: Path, script: str) -> None:
	path.write_text(f"#!/bin/sh\n{script}\n")
	path.chmod(0o755)
