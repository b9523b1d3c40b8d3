"""The ports on real MariaDB, with every other user and worker in a connection of its own."""

from nexwave_xero_connector.erp.session import read_committed
from nexwave_xero_connector.tests.bench_world import BenchWorld, clear
from nexwave_xero_connector.tests.compat import IntegrationTestCase
from nexwave_xero_connector.tests.contract import load_contract


class TestOutbox(load_contract(), IntegrationTestCase):
	def make(self) -> BenchWorld:
		self.addCleanup(clear)
		world = BenchWorld()
		worker = read_committed()
		worker.__enter__()
		self.addCleanup(worker.__exit__, None, None, None)
		return world
