"""How Xero compares text: ignoring case and, for contacts, ignoring accents."""

from __future__ import annotations

import unicodedata


def fold(text: str) -> str:
	return text.casefold()


def fold_name(text: str) -> str:
	decomposed = unicodedata.normalize("NFKD", text)
	return "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()
