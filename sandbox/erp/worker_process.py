"""Start, kill and restart the worker of the embedded ERP."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass
class WorkerProcess:
	"""One worker. Its log output is appended to `log`."""

	db: str
	xero_url: str
	company: str
	log: Path
	process: subprocess.Popen[bytes] | None = None

	def start(self) -> None:
		command = [sys.executable, "-m", "sandbox.erp.worker", "--db", self.db]
		command += ["--xero-url", self.xero_url, "--company", self.company]
		with self.log.open("ab") as log:
			self.process = subprocess.Popen(
				command, cwd=REPOSITORY, stdin=subprocess.DEVNULL, stdout=log, stderr=log
			)

	def kill(self) -> None:
		"""SIGKILL: it gets no chance to log or write anything."""
		if self.process:
			self.process.kill()
			self.process.wait()
			self.process = None
