"""What other apps may add to a push. The protocol knows only these two moments; the ERP's side finds the apps."""

from __future__ import annotations

from nexwave_xero_connector.mapping.erp_document import ErpDocument
from nexwave_xero_connector.mapping.payload import Draft
from nexwave_xero_connector.mapping.settings import Chart
from nexwave_xero_connector.sentence import Sentence
from nexwave_xero_connector.sync.records import XeroDocument


class Extensions:
	"""No app adds anything."""

	def before_push(self, document: ErpDocument, draft: Draft, chart: Chart) -> Draft:
		"""The draft that is sent: this one, or another of the same totals. Raises Refused: nothing is sent."""
		return draft

	def after_push(self, document: ErpDocument, xero: XeroDocument) -> Sentence | None:
		"""The document is in Xero. Called at least once: again, if the worker dies before it has noted the success.

		A Sentence says, in the log, what went wrong in an app; the document stays in Xero.
		"""
		return None


NO_EXTENSIONS = Extensions()
