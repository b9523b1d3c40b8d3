"""`where` on settings, which are not in columns: the same grammar, over a temporary table."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from typing import Any

from .ledger.folding import fold
from .money import cents
from .where import Field, where_condition


def matching(rows: list[dict[str, Any]], expression: str) -> list[dict[str, Any]]:
	"""The rows for which `expression` is true; all rows for an empty one."""
	if not expression.strip() or not rows:
		return rows
	names = sorted(
		{name for row in rows for name, value in row.items() if not isinstance(value, list | dict)}
	)
	fields = {name.lower(): Field(f'"{name}"', _kind(rows, name), nullable=True) for name in names}
	condition = where_condition(expression, fields)
	table = sqlite3.connect(":memory:")
	try:
		table.execute(f"CREATE TABLE settings ({', '.join(f'{chr(34)}{name}{chr(34)}' for name in names)})")
		marks = ", ".join("?" * len(names))
		table.executemany(
			f"INSERT INTO settings VALUES ({marks})",
			[[_column(row.get(name)) for name in names] for row in rows],
		)
		found = table.execute(f"SELECT rowid FROM settings WHERE {condition.sql}", condition.parameters)
		return [rows[row[0] - 1] for row in found]
	finally:
		table.close()


def _kind(rows: list[dict[str, Any]], name: str) -> str:
	value = next(row[name] for row in rows if name in row)
	if isinstance(value, bool):
		return "boolean"
	if isinstance(value, int | Decimal):
		return "money"
	return "guid" if name.endswith("ID") else "text"


def _column(value: Any) -> Any:
	if isinstance(value, bool) or value is None:
		return value
	return cents(Decimal(value)) if isinstance(value, int | Decimal) else fold(value)
