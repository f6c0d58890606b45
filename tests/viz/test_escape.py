"""Hostile names stay text: in DOT, in labels and in SVG."""

import re
import sys
import xml.etree.ElementTree as ElementTree

from hypothesis import example, given
from hypothesis import strategies as st

from tinygrad_edu.viz import escape

HOSTILE = st.one_of(
    st.text(max_size=60),
    st.text(alphabet=list('"\\{}|<>&;\n\r\t\0]-!/NGELTHRlnr한글𝒩\ud800\udfff\ufffe\u202e'), max_size=60),
)


@given(HOSTILE)
@example("\x85\u2028]]><!--<script>\ufffe\U0010ffff")
def test_xml_text_is_well_formed_and_reads_back(text: str) -> None:
    element = ElementTree.fromstring(f'<a b="{escape.xml(text)}">{escape.xml(text)}</a>'.encode())
    assert (element.text or "") == element.get("b") == escape.plain(text)


@given(HOSTILE)
def test_plain_text_is_one_printable_line_that_can_be_encoded(text: str) -> None:
    safe = escape.plain(text)
    safe.encode("utf-8")
    assert len(safe.splitlines()) <= 1
    assert "\0" not in safe
    assert escape.plain(safe) == safe


@given(HOSTILE)
def test_a_label_has_no_markup_of_its_own(text: str) -> None:
    safe = escape.html(text)
    assert not set(safe) & set('<>"')


@given(HOSTILE)
@example(r"\N \G \E \T \H \L \\N")
def test_a_label_has_nothing_that_graphviz_replaces(text: str) -> None:
    assert not re.search(r"(?<!\\)(\\\\)*\\[NGETHL]", escape.html(text))


def test_names_are_cut_at_forty_characters() -> None:
    assert escape.short("x" * 40) == "x" * 40
    assert escape.short("x" * 41) == "x" * 39 + "…"


def test_every_character_of_unicode_passes_through_xml() -> None:
    text = "".join(map(chr, range(sys.maxunicode + 1)))
    assert ElementTree.fromstring(f"<a>{escape.xml(text)}</a>".encode()).text == escape.plain(text)
