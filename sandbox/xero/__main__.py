"""`python -m sandbox.xero`: runs the stand-in for Xero."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
from pathlib import Path

from aiohttp import web

from .app import create_app
from .observed import read_switches
from .seed.organisations import DEMO_APP
from .switches import SWITCHES
from .world import World

SHUTDOWN_SECONDS = 0.2


def parse_arguments() -> argparse.Namespace:
	parser = argparse.ArgumentParser(
		prog="python -m sandbox.xero",
		description="A stand-in for Xero: OAuth, the Accounting API and a strict ledger behind it.",
		epilog="Switches for --switch: " + ", ".join(SWITCHES),
	)
	parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
	parser.add_argument(
		"--port", type=int, default=8095, help="port, 0 for a free one (default: %(default)s)"
	)
	parser.add_argument(
		"--db", default=":memory:", help="SQLite file for the whole state (default: in memory)"
	)
	parser.add_argument(
		"--ready-file", type=Path, help="file to write the base URL to once the server is listening"
	)
	parser.add_argument("--no-limits", action="store_true", help="switch the rate limits off")
	parser.add_argument("--switch", action="append", default=[], metavar="NAME=VALUE", help="set a switch")
	parser.add_argument(
		"--observed",
		type=observed_switches,
		default={},
		metavar="FILE",
		help="behave as a result of sandbox.conformance says; --switch takes precedence",
	)
	parser.add_argument(
		"--secrets-file",
		type=Path,
		help="file that gets a line for each token issued, and for the apps' secrets",
	)
	parser.add_argument("--quiet", action="store_true", help="print nothing")
	return parser.parse_args()


def observed_switches(path: str) -> dict[str, str]:
	try:
		return read_switches(Path(path))
	except (OSError, ValueError) as error:
		raise argparse.ArgumentTypeError(str(error)) from None


async def run(arguments: argparse.Namespace) -> None:
	world = World(arguments.db, arguments.secrets_file, arguments.observed)
	if arguments.no_limits:
		world.limits.all_off()
	for setting in arguments.switch:
		name, _, value = setting.partition("=")
		world.switches.set(name, value)
	runner = web.AppRunner(create_app(world), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
	await runner.setup()
	try:
		await web.TCPSite(runner, arguments.host, arguments.port).start()
		host, port = runner.addresses[0][:2]
		url = f"http://{host}:{port}"
		if arguments.ready_file:
			arguments.ready_file.write_text(url)
		if not arguments.quiet:
			print(f"Xero sandbox on {url}\nClient id {DEMO_APP[0]}, client secret {DEMO_APP[1]}", flush=True)
		await _interrupted()
	finally:
		world.faults.release()
		await runner.cleanup()
		world.close()


async def _interrupted() -> None:
	stop = asyncio.Event()
	for number in (signal.SIGINT, signal.SIGTERM):
		asyncio.get_running_loop().add_signal_handler(number, stop.set)
	await stop.wait()


def main() -> None:
	arguments = parse_arguments()
	logging.basicConfig(level=logging.ERROR if arguments.quiet else logging.WARNING)
	asyncio.run(run(arguments))


if __name__ == "__main__":
	main()
