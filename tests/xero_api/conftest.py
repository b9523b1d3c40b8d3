from __future__ import annotations

import ssl
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from nexwave_xero_connector.sentence import DocLink
from nexwave_xero_connector.xero_api.client import Client
from nexwave_xero_connector.xero_api.oauth import Token
from sandbox.xero.launcher import SandboxHandle, running_sandbox

from .scripted_server import ScriptedServer
from .xero_stand_in import NOW, StandIn

SETTINGS = DocLink("Xero Sync Settings", "Kauri Ltd")
TENANT = "7a1c2f0e-0000-4000-8000-00000000000a"


def token(access_token: str = "access-1", seconds_left: int = 1800) -> Token:
	expires_at = datetime.now(timezone.utc) + timedelta(seconds=seconds_left)
	return Token(access_token, "refresh-1", expires_at, "accounting.invoices")


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
	with ScriptedServer() as server:
		yield server


@pytest.fixture
def client_to(server: ScriptedServer) -> Callable[..., Client]:
	"""Creates clients of the scripted server that wait half a second for a response."""

	def make(access_token: str = "access-1", tenant: str = TENANT, **options: object) -> Client:
		settings = {"api_url": server.url, "timeout": (1, 0.5), "now": lambda: NOW, **options}
		return Client(token(access_token), tenant, settings=SETTINGS, **settings)

	return make


@pytest.fixture
def client(client_to: Callable[..., Client]) -> Client:
	return client_to()


@pytest.fixture
def tls_server(tmp_path: Path) -> Iterator[str]:
	"""An https address with a certificate that is not trusted."""
	key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
	request = [
		"openssl",
		"req",
		"-x509",
		"-newkey",
		"rsa:2048",
		"-nodes",
		"-days",
		"1",
		"-subj",
		"/CN=127.0.0.1",
	]
	subprocess.run([*request, "-keyout", key, "-out", certificate], check=True, capture_output=True)
	context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
	context.load_cert_chain(certificate, key)
	with ScriptedServer(context) as server:
		server.answer({})
		yield server.url


@pytest.fixture(scope="session")
def sandbox() -> Iterator[SandboxHandle]:
	with running_sandbox() as running:
		yield running


@pytest.fixture
def stand_in(sandbox: SandboxHandle) -> StandIn:
	sandbox.admin.reset()
	sandbox.admin.limits_off()
	return StandIn(sandbox.admin, SETTINGS)
