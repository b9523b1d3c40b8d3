"""The results of the catalogue as a page: docs/catalogue.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

TITLE = """# The catalogue

Ordinary and nasty documents, with their figures in both books. ERPNext's own code built them, and the connector sent
them to the Xero sandbox. The test that compares the books writes this page
(`nexwave_xero_connector/tests/test_books_agree.py`, with `XERO_WRITE_CATALOGUE=1`); the documents are in
`nexwave_xero_connector/tests/catalogue/`.

The figures are those of ERPNext 15 with the rounding that its setup wizard chooses (Banker's Rounding, and tax not
rounded row by row). ERPNext 16 computes the same, but for the documents at the end of the page; the same test, run
there, compares each line with this page.
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


@dataclass(frozen=True)
class OtherOn16:
	"""A document that ERPNext 16 has otherwise than 15: why, and what becomes of it there."""

	name: str
	why: str
	outcome: str


def page(groups: Mapping[str, list[Compared]], other_on_16: Sequence[OtherOn16]) -> str:
	"""The page as Markdown, with a table for each group."""
	parts = [TITLE]
	sent = sum(1 for rows in groups.values() for row in rows if not row.sentence)
	refused = sum(1 for rows in groups.values() for row in rows if row.sentence)
	parts.append(f"{sent} documents are equal in both books, and {refused} are not sent.\n")
	for title, rows in groups.items():
		parts.append(f"## {title}\n\n" + "\n".join(_table(rows)) + "\n")
	parts.append("## Different on ERPNext 16\n\n| document | why | there |\n|---|---|---|")
	parts += [f"| {one.name} | {_cell(one.why)} | {one.outcome} |" for one in other_on_16]
	return "\n".join(parts) + "\n"


def line(row: Compared) -> str:
	"""The document's line in its table."""
	if row.sentence:
		return f"| {row.name} | {_cell(row.sentence)} | {row.why} |"
	total, xero = (f"{amount:,.2f} {row.currency}" for amount in (row.total, row.xero_total))
	return f"| {row.name} | {total} | {_taxes(row.taxes)} | {xero} | {_taxes(row.xero_taxes)} |"


def _table(rows: list[Compared]) -> list[str]:
	if all(row.sentence for row in rows):
		head = ["| document | what the log says | why it cannot be said in Xero |", "|---|---|---|"]
	else:
		head = [
			"| document | ERPNext: total | tax by account | Xero: total | tax by type |",
			"|---|--:|---|--:|---|",
		]
	return [*head, *(line(row) for row in rows)]


def _taxes(taxes: Mapping[str, Decimal] | None) -> str:
	return ", ".join(f"{name} {amount:,.2f}" for name, amount in sorted((taxes or {}).items())) or "-"


def _cell(text: str) -> str:
	return text.replace("|", "\\|").replace("\n", "<br>")
