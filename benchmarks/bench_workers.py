"""Workers for the queue of a throw-away bench."""

from __future__ import annotations

import os
import random
import signal
import subprocess
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.throwaway_bench import ThrowawayBench


@dataclass
class Workers:
	"""Workers as the bench starts them, each in its own process group."""

	bench: ThrowawayBench
	count: int
	queues: str = "default"
	processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
	kills: Counter[str] = field(default_factory=Counter)

	def start(self) -> None:
		while len(self.processes) < self.count:
			command = [self.bench.python, "-m", "frappe.utils.bench_helper", "frappe", "worker"]
			self.processes.append(
				subprocess.Popen(
					[*command, "--queue", self.queues, "--quiet"],
					cwd=self.bench.sites,
					env=self.bench.environment(),
					stdout=subprocess.DEVNULL,
					stderr=(self.bench.folder / "workers.log").open("ab"),
					start_new_session=True,
				)
			)

	def kill_one(self, draw: random.Random) -> None:
		"""Kill a worker with its job, and restart it; or only the job, as the kernel does when memory runs out."""
		busy = [worker for worker in self.processes if self._jobs(worker)]
		worker = draw.choice(busy or self.processes)
		jobs = self._jobs(worker)
		if jobs and draw.random() < 0.7:
			os.kill(jobs[0], signal.SIGKILL)
			self.kills["jobs"] += 1
			return
		self.kills["workers with a job" if jobs else "idle workers"] += 1
		self._kill(worker)
		self.start()

	def kill_all(self) -> None:
		for worker in list(self.processes):
			self._kill(worker)

	@property
	def are_idle(self) -> bool:
		return not any(self._jobs(worker) for worker in self.processes)

	def _kill(self, worker: subprocess.Popen[bytes]) -> None:
		for job in self._jobs(worker):
			with suppress(ProcessLookupError):
				os.kill(job, signal.SIGKILL)
		os.killpg(worker.pid, signal.SIGKILL)
		worker.wait()
		self.processes.remove(worker)

	def _jobs(self, worker: subprocess.Popen[bytes]) -> list[int]:
		"""The processes that RQ has forked for its jobs."""
		try:
			tasks = list(Path(f"/proc/{worker.pid}/task").iterdir())
			return [int(child) for task in tasks for child in (task / "children").read_text().split()]
		except OSError:
			return []
