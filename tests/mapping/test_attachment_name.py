"""What files are called in Xero."""

from __future__ import annotations

import pytest

from nexwave_xero_connector.mapping.attachment_name import attachment_name, has_extension


@pytest.mark.parametrize(
	("title", "name"),
	[
		("scan.pdf", "scan.pdf"),
		("My scan (2).PDF", "My_scan_2.PDF"),
		("  padded.pdf  ", "padded.pdf"),
		("invoice # 7 & 8 50%.pdf", "invoice_7_8_50.pdf"),
		('a<b>c:d"e/f\\g|h?i*j.pdf', "a_b_c_d_e_f_g_h_i_j.pdf"),
		("Tāmaki Makaurau.pdf", "Tamaki_Makaurau.pdf"),
		("счёт.pdf", "счет.pdf"),
		("領収書.png", "領収書.png"),
		("..hidden.pdf", "hidden.pdf"),
		("###.pdf", "file.pdf"),
		("archive.tar.gz", "archive.tar.gz"),
		("Invoice No. 12", "Invoice_No._12"),
		("scan.2026", "scan.2026"),
		("scan", "scan"),
		("?", "file"),
		("", "file"),
		("\N{ZERO WIDTH SPACE}scan\x00.pdf", "scan.pdf"),
	],
)
def test_signs_that_xero_trips_over_are_replaced(title: str, name: str) -> None:
	assert attachment_name(title) == name


@pytest.mark.parametrize(
	("title", "name"), [("scan", "scan.pdf"), ("No. 12", "No._12.pdf"), ("a.png", "a.png")]
)
def test_an_extension_is_added_only_where_there_is_none(title: str, name: str) -> None:
	assert attachment_name(title, extension="pdf") == name
	assert has_extension(name) and has_extension(title) is (title == "a.png")


def test_two_files_of_one_name_get_two_names_whatever_their_case() -> None:
	names: list[str] = []
	for title in ("scan.pdf", "SCAN.PDF", "scan.pdf", "my scan.pdf", "my#scan.pdf"):
		names.append(attachment_name(title, names))
	assert names == ["scan.pdf", "SCAN-2.PDF", "scan-3.pdf", "my_scan.pdf", "my_scan-2.pdf"]


def test_a_long_name_keeps_its_extension() -> None:
	name = attachment_name(f"{'x' * 400}.pdf", [f"{'x' * 200}.pdf"])
	assert name == f"{'x' * 200}-2.pdf" and len(name) < 255
