"""One sandbox for all tests of this folder, back to the seed before each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.xero.launcher import SandboxHandle, running_sandbox
from tests.conformance.stand import Stand


@pytest.fixture(scope="package")
def sandbox() -> Iterator[SandboxHandle]:
	with running_sandbox(limits=False) as handle:
		yield handle


@pytest.fixture
def stand(sandbox: SandboxHandle) -> Stand:
	stand = Stand(sandbox.admin)
	stand.furnish()
	return stand
