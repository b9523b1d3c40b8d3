"""docs/mapping.md has every sentence that says why a document is refused, skipped or not allocated."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "nexwave_xero_connector"
PAGE = re.sub(r"\n(?=\w)", " ", (APP.parent / "docs" / "mapping.md").read_text().replace("*", ""))
"""The page with each paragraph on one line."""
MODULES = (
	*sorted(path for path in (APP / "mapping").rglob("*.py") if path.parent.name != "suggest"),
	*(
		APP / "sync" / name
		for name in ("allocate.py", "contacts.py", "ownership.py", "push.py", "explain.py")
	),
	APP / "erp" / "documents" / "extensions.py",
	APP / "erp" / "setup" / "tax_rate_checks.py",
	APP / "erp" / "outbox" / "eligibility.py",
)
NO_REFUSALS = (
	"{document} is in Xero as {number} for {contact}, {status}, {total} {currency}.",
	"{subject} {amount}: account {code} from {account_reason}; tax {tax_type} from {tax_reason}.",
	"It was already in Xero, so nothing was sent.",
	"Xero's response was lost, but the document was found in Xero.",
	"Xero did not save {document}: its response was lost, and the document never appeared there.",
	"Xero did not confirm whether it saved {document}, and it does not appear there yet. We will check again"
	" at {time}. Nothing is sent before then, to avoid a duplicate.",
	"The contact for {party} was merged into {contact} in Xero. Documents go to that contact from now on.",
	"{document} is in Xero and waiting for {invoice} to be sent before it can be allocated.",
	"{document} is in Xero, but Xero did not confirm its allocation, which may still arrive. We will check again at"
	" {time}. Nothing is sent before then, so that it is not allocated twice.",
	"{amount} is allocated to {invoice}.",
)
"""Whole sentences of these modules that report a success, or a step of one."""


def sentences() -> Iterator[tuple[str, str]]:
	"""Every whole sentence among the translatable texts of the modules."""
	for module in MODULES:
		for node in ast.walk(ast.parse(module.read_text())):
			if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
				if isinstance(node.args[0], ast.Constant) and _is_whole(text := node.args[0].value):
					yield module.name, text


def _is_whole(text: str) -> bool:
	return text.endswith((".", ": {reason}", ": {trouble}")) and text not in NO_REFUSALS


@pytest.mark.parametrize(("module", "text"), list(dict.fromkeys(sentences())))
def test_a_refusal_is_in_the_docs(module: str, text: str) -> None:
	"""In one table cell or one paragraph; letters or dots may stand for its values."""
	pieces = (re.escape(piece.strip(" .")) for piece in re.split(r"\{[^}]*\}", text))
	wanted = re.compile(r"[^|\n]*".join(pieces))
	assert wanted.search(PAGE), f"{module}: {text}"


def test_the_exceptions_still_exist() -> None:
	"""NO_REFUSALS lists no sentence that no longer exists."""
	texts = {
		node.value
		for module in MODULES
		for node in ast.walk(ast.parse(module.read_text()))
		if isinstance(node, ast.Constant) and isinstance(node.value, str)
	}
	assert [text for text in NO_REFUSALS if text not in texts] == []
