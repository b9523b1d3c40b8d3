"""HTML for the sandbox's own pages; all content is escaped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
from aiohttp import web

_FOLDER = Path(__file__).parent
# These pages load nothing from elsewhere, and no script runs even if one got through the escaping.
_POLICY = (
	"default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'"
)

_environment = jinja2.Environment(
	loader=jinja2.FileSystemLoader(_FOLDER / "templates"),
	autoescape=True,
	undefined=jinja2.StrictUndefined,
	trim_blocks=True,
	lstrip_blocks=True,
)
_environment.filters["amount"] = lambda value: f"{value:,.2f}"


def page(template: str, status: int = 200, **values: Any) -> web.Response:
	"""A rendered template as a response."""
	text = _environment.get_template(template).render(**values)
	return web.Response(
		status=status, text=text, content_type="text/html", headers={"Content-Security-Policy": _POLICY}
	)


def stylesheet() -> web.FileResponse:
	return web.FileResponse(_FOLDER / "static" / "style.css")
