"""The organisations that the authorisation covers."""

from __future__ import annotations

from dataclasses import dataclass

from nexwave_xero_connector.sync.errors import Rejected
from nexwave_xero_connector.xero_api.client import Client
from nexwave_xero_connector.xero_api.errors import readable
from nexwave_xero_connector.xero_api.response import text


@dataclass(frozen=True, slots=True)
class Connection:
	"""One organisation that somebody has authorised the app for. `id` is the connection's, `tenant_id` its own."""

	id: str
	tenant_id: str
	tenant_name: str
	tenant_type: str
	auth_event_id: str


def connections(client: Client) -> list[Connection]:
	"""All connections of the user who authorised the app. Those authorised together share an auth_event_id."""
	response = client.call_identity(client.identity.get_connections)
	with readable(response):
		found = response.json()
		if not isinstance(found, list):
			raise ValueError("no list of connections")
		return [
			Connection(
				id=str(element["id"]),
				tenant_id=str(element["tenantId"]),
				tenant_name=text(element.get("tenantName")),
				tenant_type=text(element.get("tenantType")),
				auth_event_id=text(element.get("authEventId")),
			)
			for element in found
		]


def disconnect(client: Client, connection_id: str) -> None:
	"""Remove the app from one organisation and no other. It is no error if it is already gone."""
	try:
		client.call_identity(client.identity.delete_connection, connection_id)
	except Rejected:
		if any(connection.id == connection_id for connection in connections(client)):
			raise
