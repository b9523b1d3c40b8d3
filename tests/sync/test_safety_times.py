"""The inequalities between the times that safety rests on. If one of them changes alone, a test here fails."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import nexwave_xero_connector
from nexwave_xero_connector.sync import policy, rate_limit
from nexwave_xero_connector.sync.policy import Policy
from nexwave_xero_connector.xero_api import client

PACKAGE = Path(nexwave_xero_connector.__file__).parent
POLICY = Policy()


def test_a_worker_is_dead_before_another_one_claims_its_row() -> None:
	assert POLICY.lease > POLICY.job_timeout + policy.KILL_DELAY


def test_a_job_that_starts_a_batch_has_time_for_its_longest_call() -> None:
	assert POLICY.batch_time > POLICY.call_timeout


def test_most_of_a_jobs_time_is_for_batches() -> None:
	assert POLICY.job_timeout > 2 * POLICY.batch_time


def test_a_worker_sends_a_write_only_while_it_holds_the_row() -> None:
	assert POLICY.lease > POLICY.batch_time + POLICY.call_timeout


def test_a_call_ends_before_its_turn_is_given_to_another_worker() -> None:
	assert policy.CONNECT_TIMEOUT + policy.READ_TIMEOUT < policy.TURN_LIFETIME
	assert rate_limit.TURN_LIFETIME_SECONDS == policy.TURN_LIFETIME.total_seconds()


def test_the_longest_call_waits_for_its_turn_connects_and_reads() -> None:
	connect, read = client.TIMEOUT
	assert POLICY.call_timeout.total_seconds() == policy.TURN_PATIENCE.total_seconds() + connect + read


def test_xero_has_forgotten_a_key_before_a_create_may_be_sent_again() -> None:
	assert POLICY.late_write_window > policy.IDEMPOTENCY_KEY_LIFETIME


def test_a_whole_batch_can_wait_for_a_minutes_calls() -> None:
	assert POLICY.lease.total_seconds() > rate_limit.MINUTE + POLICY.call_timeout.total_seconds()


@pytest.mark.parametrize(
	("file", "name"),
	[
		("erp/worker.py", "JOB_TIMEOUT"),
		("erp/connection/rate_limiter.py", "TURN_PATIENCE"),
		("sync/rate_limit.py", "TURN_LIFETIME"),
		("xero_api/client.py", "CONNECT_TIMEOUT"),
		("xero_api/client.py", "READ_TIMEOUT"),
	],
)
def test_the_code_takes_its_times_from_the_policy(file: str, name: str) -> None:
	"""erp/ cannot be imported without a bench, so its source is read."""
	tree = ast.parse((PACKAGE / file).read_text(encoding="utf-8"))
	imported = {
		alias.name
		for node in ast.walk(tree)
		if isinstance(node, ast.ImportFrom) and node.module == "nexwave_xero_connector.sync.policy"
		for alias in node.names
	}
	used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
	assert name in imported & used
