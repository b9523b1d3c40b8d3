"""Imports what a job needs into the worker itself, which forks a process for each job.

Otherwise each job imports it again, which takes as long as all else that it does before its first call to Xero.
"""

from importlib import import_module

import sqlparse
from frappe.utils import get_datetime_in_timezone

NEEDED = (
	"frappe.database.query",
	"nexwave_xero_connector.api.sync",
	"nexwave_xero_connector.xero_api.xero",
)


def preload() -> None:
	"""To be called before the worker forks; no site is needed."""
	for module in NEEDED:
		import_module(module)
	# Frappe needs both, and each makes something at its first use: a list of all time zones, and a lexer.
	get_datetime_in_timezone("Pacific/Auckland")
	sqlparse.format("")
