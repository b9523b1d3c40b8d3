"""How the embedded ERP renders a sentence: plain English text, with times to the minute."""

from __future__ import annotations

from datetime import datetime, timezone

from nexwave_xero_connector.sentence import Sentence, plain


def rendered(sentence: Sentence) -> str:
	return sentence.render(show=_shown).strip()


def _shown(value: object) -> str:
	if isinstance(value, datetime):
		return f"{value.astimezone(timezone.utc):%d %B %Y, %H:%M} UTC"
	return plain(value)
