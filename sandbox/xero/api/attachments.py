"""Files attached to invoices, credit notes and contacts."""

from __future__ import annotations

import sqlite3
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..calls import Call
from ..problems import not_found, resource_not_found, simple_validation, unknown_error
from ..wire import Answer, envelope
from .documents import actor_of
from .subjects import subject_id

if TYPE_CHECKING:
	from ..world import World

MOST_FILES = 10
LARGEST_FILE = 10 * 1024 * 1024
LONGEST_NAME = 255
NOT_IN_A_NAME = frozenset('<>:"/\\|?*#%&+')
"""The sandbox's list: Xero's documentation only says that there are such characters."""
SUPPORTED = frozenset(
	"7z bmp csv doc docx eml gif jpeg jpg keynote msg numbers odf ods odt pages pdf png ppt pptx rar rtf tif tiff txt"
	" xls xlsx zip".split()
)
NOT_SUPPORTED = "The file couldn't be uploaded because it isn't a supported file type."
"""Observed: XeroAPI/Xero-Java#237, where a # in the name hid the extension."""


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
	"""PUT adds a file; POST changes one. Either way one of the same name is replaced (switch attachment_same_name)."""
	subject = subject_id(world, call, *found[:2])
	_check_name(world, found[2])
	rows = _rows(world, subject)
	same = next((row for row in rows if row["name"].lower() == found[2].lower()), None)
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
		include_online=int(_is_included_online(world, call, subject, same)),
		content=call.body,
		sequence=same["sequence"] if same else len(rows) + 1,
	)
	document = world.documents.get(call.tenant or "", subject)
	now = world.clock.milliseconds()
	if document:
		document.has_attachments, document.updated = True, now
		world.documents.save(document)
	world.history.note(call.tenant or "", subject, now, actor_of(call), "Attached a file", found[2])
	stored = [row for row in _rows(world, subject) if row["name"] == found[2]][-1]
	return envelope(now, Attachments=[_render(call, found, stored)])


def _check_name(world: World, name: str) -> None:
	if " " in name and world.switches.get("attachment_name_with_blank") != "accepted":
		# Observed: 404 in XeroAPI/Xero-NetStandard#606, 500 in XeroAPI/xero-node#763.
		is_error = world.switches.get("attachment_name_with_blank") == "error"
		raise unknown_error() if is_error else resource_not_found()
	if len(name) > LONGEST_NAME:
		raise simple_validation(f"The file name must not be longer than {LONGEST_NAME} characters.")
	_stem, dot, extension = name.rpartition(".")
	if NOT_IN_A_NAME.intersection(name) or not dot or extension.lower() not in SUPPORTED:
		raise simple_validation(NOT_SUPPORTED)


def _is_included_online(world: World, call: Call, subject: str, same: sqlite3.Row | None) -> bool:
	"""Documented for PUT, of sales invoices and their credit notes; POST has no such parameter."""
	document = world.documents.get(call.tenant or "", subject)
	if call.method == "POST":
		return bool(same and same["include_online"])
	return bool(document and document.sales_side and call.flag("includeonline"))


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
