"""All tests, side by side: those that need no bench, and those on benches. ``make test`` runs this."""

from __future__ import annotations

import signal
import sys
import threading
import time
from pathlib import Path

from tests.children import Children
from tests.on_bench import run_on_benches
from tests.progress import Progress
from tests.result import Result, total
from tests.without_bench import run_without_bench

CHECKOUT = Path(__file__).parents[1]


def main() -> int:
	signal.signal(signal.SIGTERM, lambda *_received: sys.exit(128 + signal.SIGTERM))
	# In the background of a script it is ignored, here and in every process that is started.
	signal.signal(signal.SIGINT, signal.default_int_handler)
	began = time.monotonic()
	children, progress = Children(), Progress()
	without_bench = Result(failed=1, reason="did not end")

	def run() -> None:
		nonlocal without_bench
		without_bench = run_without_bench(CHECKOUT, children, progress)

	beside = threading.Thread(target=run)
	beside.start()
	try:
		on_benches = run_on_benches(CHECKOUT, children, progress)
		beside.join()
	finally:
		children.end()
	print()
	print(progress.longest())
	print()
	print(f"tests without a bench: {without_bench}")
	for bench, result in on_benches.items():
		print(f"tests on {bench}: {result}")
	print(f"{(time.monotonic() - began) / 60:.1f} minutes")
	everything = total([without_bench, *on_benches.values()])
	print(f"{everything.passed} passed, {everything.failed} failed", flush=True)
	return 1 if everything.failed else 0


if __name__ == "__main__":
	sys.exit(main())
