"""A stage for tests of whole batches: the embedded ERP, and the Xero sandbox over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.stage import Stage
from sandbox.xero.launcher import SandboxHandle, running_sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxHandle]:
	with running_sandbox(limits=False) as sandbox:
		yield sandbox


@pytest.fixture
def stage(tmp_path: Path, sandbox: SandboxHandle) -> Iterator[Stage]:
	sandbox.admin.reset()
	sandbox.admin.limits_off()
	stage = Stage(tmp_path, sandbox)
	try:
		yield stage
	finally:
		stage.close()
