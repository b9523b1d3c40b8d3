"""A process on the site of a throw-away bench that carries out commands, one after another.

This side starts it; the other side, in the bench's Python, is a module of commands that ends in `serve`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
	from benchmarks.throwaway_bench import ThrowawayBench

PATIENCE_SECONDS = 120


class SiteHand:
	"""`commands`: the module that serves them."""

	def __init__(self, bench: ThrowawayBench, commands: str) -> None:
		from benchmarks.throwaway_bench import SITE

		self.process = subprocess.Popen(
			[bench.python, "-m", commands, SITE],
			cwd=bench.sites,
			env=bench.environment(),
			stdin=subprocess.PIPE,
			stdout=subprocess.PIPE,
			stderr=(bench.folder / "site.log").open("ab"),
			text=True,
		)

	def do(self, name: str, **arguments: object) -> object:
		"""The result of a command; RuntimeError with the traceback if it failed."""
		assert self.process.stdin and self.process.stdout
		print(json.dumps([name, arguments]), file=self.process.stdin, flush=True)
		for line in self.process.stdout:
			if line.startswith("answer: "):
				answer = json.loads(line.removeprefix("answer: "))
				if "failure" in answer:
					raise RuntimeError(answer["failure"])
				return answer["answer"]
		raise RuntimeError(f"The process that should {name} has ended")

	def close(self) -> None:
		self.process.kill()
		self.process.wait()


def serve(*commands: Callable[..., object]) -> None:
	"""Read commands as lines of JSON, ``[name, {arguments}]``, and write a line for each; on the site in argv."""
	import frappe

	by_name = {command.__name__: command for command in commands}
	for line in sys.stdin:
		name, arguments = json.loads(line)
		try:
			connect(sys.argv[1])
			answer = {"answer": by_name[name](**arguments)}
		except Exception:
			answer = {"failure": frappe.get_traceback(with_context=False)}
		finally:
			frappe.destroy()
		print(f"answer: {json.dumps(answer, default=str)}", flush=True)


def connect(site: str) -> None:
	"""A session on the site as Administrator, as soon as its database responds."""
	import frappe

	frappe.init(site=site)
	end = time.monotonic() + PATIENCE_SECONDS
	while True:
		try:
			frappe.connect()
			frappe.set_user("Administrator")
			return
		except Exception:
			if time.monotonic() > end:
				raise
			time.sleep(0.2)
