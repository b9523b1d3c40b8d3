"""Files attached to invoices, credit notes and contacts."""

from __future__ import annotations

import sqlite3
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..calls import Call
from ..problems import not_found, simple_validation
from ..wire import Answer, envelope
from .documents import actor_of
from .subjects import subject_id

if TYPE_CHECKING:
	from ..world import World

MOST_FILES = 10
LARGEST_FILE = 10 * 1024 * 1024


def list_attachments(world: World, call: Call, found: list[str]) -> Answer:
	rows = _rows(world, subject_id(world, call, *found))
	return envelope(world.clock.milliseconds(), Attachments=[_render(call, found, row) for row in rows])


def read(world: World, call: Call, found: list[str]) -> Answer:
	"""The bytes of a file, by name or id."""
	for row in _rows(world, subject_id(world, call, *found[:2])):
		if found[2] in (row["name"], row["id"]):
			return Answer(200, row["content"], row["mime_type"])
	raise not_found()


def write(world: World, call: Call, found: list[str]) -> Answer:
	"""A file with the same name is replaced (switch attachment_same_name)."""
	subject = subject_id(world, call, *found[:2])
	rows = _rows(world, subject)
	same = next((row for row in rows if row["name"] == found[2]), None)
	if world.switches.get("attachment_same_name") == "added":
		same = None
	if not call.body or len(call.body) > LARGEST_FILE:
		raise simple_validation("The attachment is empty or larger than 10 MB.")
	if same is None and len(rows) >= MOST_FILES:
		raise simple_validation("A document can have at most 10 attachments.")
	world.storage.put(
		"attachments",
		id=same["id"] if same else str(uuid.uuid4()),
		tenant=call.tenant,
		document_id=subject,
		name=found[2],
		mime_type=call.headers.get("content-type", "application/octet-stream"),
		include_online=int(bool(call.flag("includeonline"))),
		content=call.body,
		sequence=same["sequence"] if same else len(rows) + 1,
	)
	document = world.documents.get(call.tenant or "", subject)
	now = world.clock.milliseconds()
	if document:
		document.has_attachments, document.updated = True, now
		world.documents.save(document)
	world.history.note(call.tenant or "", subject, now, actor_of(call), "Attached a file", found[2])
	stored = next(row for row in _rows(world, subject) if row["name"] == found[2])
	return envelope(now, Attachments=[_render(call, found, stored)])


def _rows(world: World, subject: str) -> list[sqlite3.Row]:
	return world.storage.rows("SELECT * FROM attachments WHERE document_id = ? ORDER BY sequence", subject)


def _render(call: Call, found: list[str], row: sqlite3.Row) -> dict[str, Any]:
	path = f"/api.xro/2.0/{found[0]}/{found[1]}/Attachments/{quote(row['name'], safe='')}"
	return {
		"AttachmentID": row["id"],
		"FileName": row["name"],
		"Url": call.base_url + path,
		"MimeType": row["mime_type"],
		"ContentLength": len(row["content"]),
		"IncludeOnline": bool(row["include_online"]),
	}
