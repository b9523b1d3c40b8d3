"""What other apps may add to a push. The protocol knows only these three hooks; the ERP side finds the apps."""

from __future__ import annotations

from collections.abc import Mapping

from nexwave_xero_connector.mapping.erp_document import ErpDocument, Party
from nexwave_xero_connector.mapping.payload import XeroPayload
from nexwave_xero_connector.mapping.settings import MappingSettings
from nexwave_xero_connector.sentence import Sentence
from nexwave_xero_connector.sync.records import XeroDocument


class Extensions:
	"""No app adds anything."""

	def before_push(
		self, document: ErpDocument, payload: XeroPayload, mapping_settings: MappingSettings
	) -> XeroPayload:
		"""The payload to send: this one, or another with the same totals. If it raises CannotMap, nothing is sent."""
		return payload

	def before_contact(self, party: Party, body: Mapping[str, object]) -> Mapping[str, object]:
		"""The contact to create: this one, or another of the same name and number. If it raises CannotMap, none is."""
		return body

	def after_push(self, document: ErpDocument, xero: XeroDocument) -> Sentence | None:
		"""The document is in Xero. Called at least once: again if the worker dies before it has recorded the success.

		A Sentence tells the log what went wrong in an app; the document stays in Xero.
		"""
		return None


NO_EXTENSIONS = Extensions()
