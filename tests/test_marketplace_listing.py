"""docs/marketplace keeps to what Frappe Cloud looks for in a listing: frappe/press, checks/metadata.py."""

from __future__ import annotations

import re
import struct
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "docs" / "marketplace"
SHORT, LONG = (
	(FOLDER / "listing.md").read_text().removeprefix("# Short description\n").split("# Long description\n")
)
NOT_FOR_USERS = ("architecture", "deployment", "installation", r"bench\s", r"git\s+clone", "http")


def test_the_short_description_says_something_and_not_the_name() -> None:
	short = SHORT.strip()
	assert 40 <= len(short) <= 80
	assert "Connector" not in short


def test_the_long_description_is_for_users() -> None:
	assert not [words for words in NOT_FOR_USERS if re.search(words, LONG)]


def test_the_logo_is_a_square_bitmap_of_512_pixels() -> None:
	header = (FOLDER / "logo.png").read_bytes()[:24]
	assert header.startswith(b"\x89PNG")
	assert struct.unpack(">II", header[16:24]) == (512, 512)


def test_there_are_six_pictures_in_the_list() -> None:
	names = re.findall(r"^\| `(\d-[\w-]+\.png)` \|", (FOLDER / "README.md").read_text(), re.MULTILINE)
	assert [name[0] for name in names] == list("123456")
	for name in names:
		assert struct.unpack(">II", (FOLDER / name).read_bytes()[16:24]) == (1440, 900), name
