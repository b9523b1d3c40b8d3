"""The app as somebody gets it who has no checkout: ``make package``.

An sdist is built, installed into an empty environment, and compared with the files that git knows.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
APP = "nexwave_xero_connector"
SHOW = f"""
import {APP}.xero_api.client, {APP}.sync.push, {APP}.mapping.document
from importlib.metadata import files, requires, version
print(version("{APP}"))
print(*[file for file in files("{APP}") if not file.name.endswith(".pyc")], sep=chr(10))
"""


def main() -> int:
	with tempfile.TemporaryDirectory() as folder:
		copy, built, empty = (Path(folder) / name for name in ("copy", "built", "empty"))
		copy.mkdir()
		archive = _run("git", "archive", "HEAD", folder=CHECKOUT)
		subprocess.run(["tar", "-x"], input=archive, cwd=copy, check=True)
		_make_environment(Path(folder) / "builder", "build")
		_run(
			str(Path(folder) / "builder/bin/python"),
			"-m",
			"build",
			"--sdist",
			"--outdir",
			str(built),
			".",
			folder=copy,
		)
		(sdist,) = built.iterdir()
		_make_environment(empty, str(sdist))
		version, *installed = _run(str(empty / "bin/python"), "-c", SHOW, folder=empty).decode().split("\n")
		print(f"{sdist.name}: {sdist.stat().st_size // 1024} kB, version {version}")
	known = _run("git", "ls-tree", "-r", "--name-only", "HEAD", APP, folder=CHECKOUT).decode().split()
	missing = sorted(set(known) - set(installed))
	ours = (f"{APP}/", f"{APP}-{version}.dist-info/")
	foreign = [file for file in installed if file and not file.startswith(ours)]
	print(f"{len(known) - len(missing)} of {len(known)} files installed")
	for file in missing:
		print(f"    missing: {file}")
	for file in foreign:
		print(f"    not ours: {file}")
	return 1 if missing or foreign else 0


def _make_environment(folder: Path, *packages: str) -> None:
	_run(sys.executable, "-m", "venv", str(folder), folder=folder.parent)
	_run(str(folder / "bin/python"), "-m", "pip", "install", "--quiet", *packages, folder=folder.parent)


def _run(*command: str, folder: Path) -> bytes:
	return subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE).stdout


if __name__ == "__main__":
	sys.exit(main())
