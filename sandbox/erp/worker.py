"""The worker process: ``python -m sandbox.erp.worker --db FILE --xero-url URL --company NAME``."""

from __future__ import annotations

import argparse
import logging
import time

from nexwave_xero_connector.sync.drain import drain
from nexwave_xero_connector.sync.policy import Policy
from sandbox.erp.connection import ConnectedXero
from sandbox.erp.embedded_erp import EmbeddedErp

POLL_SECONDS = 0.02
"""How often the worker looks for due rows. On a bench, the queue starts a worker instead."""

AFTER_A_BUG_SECONDS = 1


def work(erp: EmbeddedErp, xero: ConnectedXero, company: str, policy: Policy) -> None:
	"""Drain the outbox whenever a row is due, forever."""
	while True:
		if not erp.outbox.has_work(company):
			time.sleep(POLL_SECONDS)
			continue
		try:
			drain(company, erp.outbox, erp.documents, xero, policy)
		except Exception:
			logging.exception("A bug interrupted a batch; its rows will be retried one by one")
			time.sleep(AFTER_A_BUG_SECONDS)


def main() -> None:
	parser = argparse.ArgumentParser(
		description="Pushes one company's documents to Xero until it is stopped."
	)
	parser.add_argument("--db", required=True, help="the ERP's SQLite file")
	parser.add_argument("--xero-url", required=True, help="base URL of Xero, or of the sandbox in its place")
	parser.add_argument("--company", required=True)
	arguments = parser.parse_args()
	logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
	erp = EmbeddedErp(arguments.db)
	xero = ConnectedXero(arguments.company, arguments.xero_url, arguments.db, erp.clock)
	work(erp, xero, arguments.company, Policy())


if __name__ == "__main__":
	main()
