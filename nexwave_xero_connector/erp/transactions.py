"""Isolation level and row locks for the outbox."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import frappe
from frappe.utils.caching import site_cache

LOCK_RETRY_SECONDS = 0.02
PASSING_ERRORS = frozenset(
	{3, 28, 1020, 1021, 1040, 1053, 1114, 1180, 1205, 1213, 1290, 1927, 2002, 2003, 2006, 2013}
)
"""MariaDB's numbers for: cannot write, no space, record has changed, disk full, too many connections, shutting down,
table full, error during commit, lock wait, deadlock, read only, connection killed, and a server that is away."""
SET_LEVEL = {
	"READ-UNCOMMITTED": "set session transaction isolation level read uncommitted",
	"READ-COMMITTED": "set session transaction isolation level read committed",
	"REPEATABLE-READ": "set session transaction isolation level repeatable read",
	"SERIALIZABLE": "set session transaction isolation level serializable",
}
"""By the value of MariaDB's variable, which has a hyphen where the statement has a blank."""


@contextmanager
def read_committed() -> Iterator[None]:
	"""Commit, run the block's transactions at READ COMMITTED, then restore the session's isolation level.

	A worker needs this for two reasons: each of its reads sees what others have committed, and its locking reads hold
	the rows found but not the gaps between them, where a user's Submit may be about to insert.
	"""
	level = _session_variable("%isolation", ("tx_isolation", "transaction_isolation"))
	_set_level("READ-COMMITTED")
	try:
		yield
	finally:
		_set_level(level)


def _set_level(level: str) -> None:
	frappe.db.sql(SET_LEVEL[level])  # nosemgrep: frappe-using-db-sql -- no query
	# The level applies from the next transaction.
	frappe.db.commit()  # nosemgrep: frappe-manual-commit -- a new transaction


@contextmanager
def locking_reads_see_the_present() -> Iterator[None]:
	"""Let this transaction lock a row that has changed since its snapshot was taken.

	MariaDB's innodb_snapshot_isolation, on by default since 11.6.2, instead rolls the whole transaction back (error
	1020), including the user's Cancel.
	"""
	if not _snapshot_isolation():
		yield
		return
	# nosemgrep: frappe-using-db-sql -- no query
	frappe.db.sql("set session innodb_snapshot_isolation = off")
	try:
		yield
	finally:
		# nosemgrep: frappe-using-db-sql -- no query
		frappe.db.sql("set session innodb_snapshot_isolation = on")


def write_to_the_present() -> None:
	"""The same until the user's transaction ends, for Frappe's own statements: a rename changes our records."""
	if not _snapshot_isolation():
		return

	def as_before() -> None:
		# nosemgrep: frappe-using-db-sql -- no query
		frappe.db.sql("set session innodb_snapshot_isolation = on")

	# nosemgrep: frappe-using-db-sql -- no query
	frappe.db.sql("set session innodb_snapshot_isolation = off")
	frappe.db.after_commit.add(as_before)
	frappe.db.after_rollback.add(as_before)


@site_cache(ttl=3600)
def _snapshot_isolation() -> bool:
	return _session_variable("innodb_snapshot%", ("innodb_snapshot_isolation",)) == "ON"


def _session_variable(pattern: str, names: tuple[str, ...]) -> str:
	"""The value of the first of these variables that the server has, or ""."""
	# nosemgrep: frappe-using-db-sql -- the query builder has no SHOW
	values = dict(frappe.db.sql("show session variables like %s", (pattern,)))
	return next((values[name] for name in names if name in values), "")


def lock(query: object, patience: float, *, new_transaction: bool) -> list[dict]:
	"""Run a query built with `for_update(nowait=True)`; retry for `patience` seconds while any of its rows is locked.

	`new_transaction`: commit first, and start a new transaction for each try, so that reads are fresh and no lock is
	held while waiting: a session that holds nothing while it waits cannot be part of a deadlock. Raises
	frappe.QueryTimeoutError if the rows are still locked at the end.
	"""
	give_up_at = time.monotonic() + patience
	if new_transaction:
		frappe.db.commit()  # nosemgrep: frappe-manual-commit -- a new transaction
	while True:
		try:
			return query.run(as_dict=True)
		except frappe.QueryTimeoutError:
			if new_transaction:
				frappe.db.rollback()
			if time.monotonic() > give_up_at:
				raise
			time.sleep(LOCK_RETRY_SECONDS)


def is_passing(failure: BaseException) -> bool:
	"""Whether the database failed for a reason that passes: a deadlock, a lost connection, a full disk.

	The transaction was rolled back, so it may be repeated. A column or a table that is missing is no such reason.
	"""
	if isinstance(failure, frappe.QueryDeadlockError | frappe.QueryTimeoutError):
		return True
	if not isinstance(failure, Exception) or not failure.args:
		return False
	code = failure.args[0]
	if type(failure).__name__ == "InterfaceError":
		return True  # The connection is closed; the driver gives no code for it.
	return code in PASSING_ERRORS and type(failure).__name__ in ("OperationalError", "InternalError")


def is_lost() -> bool:
	"""Whether the connection to the database is gone."""
	try:
		frappe.db.sql("select 1")  # nosemgrep: frappe-using-db-sql -- of no table
	except Exception as failure:
		frappe.logger("xero").warning(f"The connection to the database is lost: {failure!r}")
		return True
	return False


def reconnect() -> None:
	"""Connect to the database again, for a worker's session at READ COMMITTED. Never raises."""
	try:
		frappe.db.close()
	except Exception as failure:
		frappe.logger("xero").debug(f"It was closed already: {failure!r}")
	try:
		frappe.db.connect()
		_set_level("READ-COMMITTED")
	except Exception as failure:
		frappe.logger("xero").warning(f"The database does not respond: {failure!r}")
