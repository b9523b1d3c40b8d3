"""ERPNext's HTML as the description of a line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexwave_xero_connector.mapping.lines.description import line_description, plain_text


@pytest.mark.parametrize(
	("html", "text"),
	[
		("plain", "plain"),
		("two\nlines", "two\nlines"),
		("<div><p>Fish &amp; chips</p></div>", "Fish & chips"),
		("Fish &amp; chips", "Fish & chips"),
		("Fish & chips", "Fish & chips"),
		("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
		("a<br>b<br/>c", "a\nb\nc"),
		("<ul><li>one</li><li>two</li></ul>", "- one\n- two"),
		("<p>wrapped\nin source</p>", "wrapped in source"),
		("<b>bold</b> and <i>not</i>", "bold and not"),
		("<style>p {}</style><script>x()</script>shown", "shown"),
		("<p>&lt;b&gt; is a tag</p>", "<b> is a tag"),
		("<td>a</td><td>b</td>", "a b"),
		("tab\tand\x00null", "tab andnull"),
		("<p><br></p>", ""),
		("non&nbsp;breaking", "non breaking"),
		("Size <M8> nut", "Size <M8> nut"),
		("<p>Size <M8> nut</p><p>and <washer></p>", "Size <M8> nut\nand <washer>"),
		("Shirt, size <S>, grade <A>", "Shirt, size <S>, grade <A>"),
		("<p>Write to <jo@example.com></p>", "Write to <jo@example.com>"),
		("Fit <Type A/B> only", "Fit <Type A/B> only"),
		("up<BR>down <IMG src='x.png'>", "up\ndown"),
		("before<!-- not shown -->after", "beforeafter"),
		("<s>10.00</s> 9.00 <5 %", "10.00 9.00 <5 %"),
		("a </p> b", "a </p> b"),
	],
)
def test_html_becomes_text(html: str, text: str) -> None:
	assert plain_text(html) == text


def test_without_a_description_the_name_is_used() -> None:
	assert line_description("<p></p>", "Item &amp; Co", "CODE") == "Item & Co"
	assert line_description("", "", "CODE") == "CODE"
	assert line_description("", "", "") == "-"


def test_a_long_description_is_cut_and_keeps_its_suffix() -> None:
	text = line_description("x" * 5000, suffix="7000 Nos")
	assert len(text) == 4000
	assert text.endswith("…\n7000 Nos")


@given(st.text())
def test_any_text_becomes_a_description_that_xero_accepts(text: str) -> None:
	assert 1 <= len(line_description(text)) <= 4000
