"""One sandbox per test module, over real HTTP, reset to the seed before every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sandbox_api import Api

from sandbox.xero.launcher import SandboxHandle, running_sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxHandle]:
	with running_sandbox() as handle:
		yield handle


@pytest.fixture
def api(sandbox: SandboxHandle) -> Api:
	"""Connected to the NZ organisation, without rate limits."""
	sandbox.admin.reset()
	sandbox.admin.limits_off()
	tenant = sandbox.admin.tenant("NZ")
	return Api(sandbox, tenant, sandbox.admin.mint(tenant))


@pytest.fixture
def au(api: Api) -> Api:
	"""Connected to the Australian organisation."""
	tenant = api.admin.tenant("AU")
	return Api(api.sandbox, tenant, api.admin.mint(tenant))
