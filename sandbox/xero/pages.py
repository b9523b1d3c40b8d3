"""Pages that show people what is in the ledger."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from aiohttp import web

from .ledger.folding import fold, fold_name
from .ledger.model import Document, document_from_row
from .ledger.rendering import Related, load_related
from .ledger.settlement import from_cents
from .templating import page, stylesheet
from .world import World

PAGE_SIZE = 50
CALLS_SHOWN = 100
STATUSES = ("DRAFT", "SUBMITTED", "AUTHORISED", "PAID", "VOIDED", "DELETED")
TYPE_WORDS = {
	"ACCREC": "Invoice",
	"ACCPAY": "Bill",
	"ACCRECCREDIT": "Credit note",
	"ACCPAYCREDIT": "Bill credit note",
}
STATUS_WORDS = {
	"DRAFT": "Draft",
	"SUBMITTED": "Awaiting approval",
	"AUTHORISED": "Awaiting payment",
	"PAID": "Paid",
	"VOIDED": "Voided",
	"DELETED": "Deleted",
}


class Pages:
	def __init__(self, world: World) -> None:
		self._world = world

	def routes(self) -> list[web.RouteDef]:
		return [
			web.get("/", self._home),
			web.get("/organisations/{tenant}", self._organisation),
			web.get("/documents/{id}", self._document),
			web.get("/calls", self._calls),
			web.get("/static/style.css", self._stylesheet),
		]

	async def _stylesheet(self, request: web.Request) -> web.StreamResponse:
		return stylesheet()

	async def _home(self, request: web.Request) -> web.StreamResponse:
		organisations = []
		for tenant in self._world.tenants():
			counts = {
				row["type"]: row["n"]
				for row in self._world.storage.rows(
					"SELECT type, count(*) AS n FROM documents WHERE tenant = ? GROUP BY type", tenant
				)
			}
			connections = self._world.storage.scalar(
				"SELECT count(*) FROM connections WHERE tenant = ?", tenant
			)
			organisations.append(
				{
					"tenant": tenant,
					"counts": [(word, counts.get(type_, 0)) for type_, word in TYPE_WORDS.items()],
					"connections": connections,
					**self._world.books(tenant).organisation,
				}
			)
		return page("home.html", organisations=organisations, clock=self._world.clock)

	async def _organisation(self, request: web.Request) -> web.StreamResponse:
		tenant = request.match_info["tenant"].lower()
		if tenant not in self._world.tenants():
			return page("refusal.html", 404, error="Not found", detail="There is no such organisation.")
		text = request.query.get("q", "").strip()
		chosen = {"q": text, "type": request.query.get("type", ""), "status": request.query.get("status", "")}
		conditions, parameters = ["d.tenant = ?"], [tenant]
		for name in ("type", "status"):
			if chosen[name]:
				conditions.append(f"d.{name} = ?")
				parameters.append(chosen[name])
		if text:
			conditions.append(
				"(instr(d.number_key, ?) > 0 OR instr(d.reference_key, ?) > 0 OR instr(c.name_key, ?) > 0)"
			)
			parameters += [fold(text), fold(text), fold_name(text)]
		joined = f"FROM documents d JOIN contacts c ON c.id = d.contact_id WHERE {' AND '.join(conditions)}"
		total = self._world.storage.scalar(f"SELECT count(*) {joined}", *parameters)
		number = request.query.get("page", "1")
		current = max(1, int(number)) if number.isdecimal() else 1
		rows = self._world.storage.execute(
			f"SELECT d.json {joined} ORDER BY d.sequence DESC LIMIT ? OFFSET ?",
			[*parameters, PAGE_SIZE, (current - 1) * PAGE_SIZE],
		)
		documents = [document_from_row(row) for row in rows]
		return page(
			"organisation.html",
			organisation=self._world.books(tenant).organisation,
			tenant=tenant,
			documents=documents,
			contacts=load_related(self._world.storage, tenant, documents, settled=False).contacts,
			chosen=chosen,
			statuses=STATUSES,
			type_words=TYPE_WORDS,
			status_words=STATUS_WORDS,
			total=total,
			current=current,
			last=max(1, -(-total // PAGE_SIZE)),
		)

	async def _document(self, request: web.Request) -> web.StreamResponse:
		row = self._world.storage.row(
			"SELECT json FROM documents WHERE id = ?", request.match_info["id"].lower()
		)
		if row is None:
			return page("refusal.html", 404, error="Not found", detail="There is no such document.")
		document = document_from_row(row)
		related = load_related(self._world.storage, document.tenant, [document])
		return page(
			"document.html",
			organisation=self._world.books(document.tenant).organisation,
			document=document,
			contact=related.contacts[document.contact_id],
			applied=_applied(document, related),
			history=list(reversed(self._world.history.of(document.id))),
			type_words=TYPE_WORDS,
			status_words=STATUS_WORDS,
		)

	async def _calls(self, request: web.Request) -> web.StreamResponse:
		marker = self._world.requests.marker()
		calls = self._world.requests.find(after=max(0, marker - CALLS_SHOWN))
		for call in calls:
			call["when"] = datetime.fromtimestamp(call["at"], timezone.utc).strftime("%H:%M:%S")
		return page("calls.html", calls=list(reversed(calls)))


def _applied(document: Document, related: Related) -> list[dict[str, Any]]:
	"""Payments and allocations as rows of one table."""
	rows = [
		{
			"what": "Payment",
			"date": row["date"],
			"amount": from_cents(row["amount"]),
			"link": None,
			"text": row["reference"],
		}
		for row in related.payments.get(document.id, [])
	]
	for row in related.money_ahead.get(document.id, []):
		rows.append(
			{
				"what": row["kind"].title(),
				"date": row["date"],
				"amount": from_cents(row["amount"]),
				"link": None,
				"text": row["reference"],
			}
		)
	for row in related.by_credit_note.get(document.id, []):
		rows.append(
			{
				"what": "Allocated to",
				"date": row["date"],
				"amount": from_cents(row["amount"]),
				"link": row["invoice_id"],
				"text": row["invoice_number"] or "without number",
			}
		)
	for row in related.by_invoice.get(document.id, []):
		rows.append(
			{
				"what": "Credit note",
				"date": row["date"],
				"amount": from_cents(row["amount"]),
				"link": row["credit_note_id"],
				"text": row["credit_note_number"] or "without number",
			}
		)
	return rows
