"""The results of the catalogue as a page: docs/catalogue.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

TITLE = """# The catalogue

Ordinary and nasty documents, with their figures in both books. ERPNext's own code built them, and the connector sent
them to the Xero sandbox. The test that compares the books writes this page
(`nexwave_xero_connector/tests/test_books_agree.py`, with `XERO_WRITE_CATALOGUE=1`); the documents are in
`nexwave_xero_connector/tests/catalogue/`.

The figures are those of ERPNext 15. ERPNext 16 computes the same, but for the documents at the end of the page.
"""


@dataclass(frozen=True)
class Compared:
	"""A document of the catalogue in both books. `sentence` says why it was not sent, or is ""; `why`: of the Entry."""

	name: str
	currency: str = ""
	total: Decimal = Decimal(0)
	taxes: Mapping[str, Decimal] | None = None
	xero_total: Decimal = Decimal(0)
	xero_taxes: Mapping[str, Decimal] | None = None
	sentence: str = ""
	why: str = ""


def page(groups: Mapping[str, list[Compared]], different_on_16: Mapping[str, str]) -> str:
	"""The page as Markdown, with a table for each group.

	different_on_16: the reason why ERPNext 16 computes a document differently, by its name.
	"""
	parts = [TITLE]
	sent = sum(1 for rows in groups.values() for row in rows if not row.sentence)
	refused = sum(1 for rows in groups.values() for row in rows if row.sentence)
	parts.append(f"{sent} documents are equal in both books, and {refused} are not sent.\n")
	for title, rows in groups.items():
		parts.append(f"## {title}\n\n" + "\n".join(_table(rows)) + "\n")
	parts.append("## Different on ERPNext 16\n\n| document | why, and not sent there |\n|---|---|")
	parts += [f"| {name} | {_cell(reason)} |" for name, reason in different_on_16.items()]
	return "\n".join(parts) + "\n"


def _table(rows: list[Compared]) -> list[str]:
	if all(row.sentence for row in rows):
		lines = ["| document | what the log says | why it cannot be said in Xero |", "|---|---|---|"]
		return [*lines, *(f"| {row.name} | {_cell(row.sentence)} | {row.why} |" for row in rows)]
	lines = [
		"| document | ERPNext: total | tax by account | Xero: total | tax by type |",
		"|---|--:|---|--:|---|",
	]
	for row in rows:
		total, xero = (f"{amount:,.2f} {row.currency}" for amount in (row.total, row.xero_total))
		lines.append(f"| {row.name} | {total} | {_taxes(row.taxes)} | {xero} | {_taxes(row.xero_taxes)} |")
	return lines


def _taxes(taxes: Mapping[str, Decimal] | None) -> str:
	return ", ".join(f"{name} {amount:,.2f}" for name, amount in sorted((taxes or {}).items())) or "-"


def _cell(text: str) -> str:
	return text.replace("|", "\\|").replace("\n", "<br>")
