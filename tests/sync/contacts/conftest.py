"""The stage of tests of contacts, in the place of that of whole batches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.xero.launcher import SandboxHandle

from .contact_stage import ContactStage


@pytest.fixture
def stage(tmp_path: Path, sandbox: SandboxHandle) -> Iterator[ContactStage]:
	stage = ContactStage(tmp_path, sandbox)
	try:
		yield stage
	finally:
		stage.close()
