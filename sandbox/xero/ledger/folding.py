"""How Xero compares text: without regard to case, and for contacts without regard to accents."""

from __future__ import annotations

import unicodedata


def fold(text: str) -> str:
	return text.casefold()


def fold_name(text: str) -> str:
	decomposed = unicodedata.normalize("NFKD", text)
	return "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()
