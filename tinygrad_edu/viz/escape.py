"""Text made safe for what it is put into: a DOT string, an HTML-like label of Graphviz, XML.

Three places, three escapers: Graphviz reads backslashes and entities in a string, tags and entities in a
label.  Every one first removes what can be shown nowhere (`plain`).
"""

from __future__ import annotations

import re
from html import escape as _escape_entities

MAX_NAME = 40  # characters of a name that are shown

# Control characters (XML allows few), overrides of the writing direction that could make a name read
# backwards, and what is no character: halves of surrogate pairs, the last two of each plane.
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_LAST_OF_PLANES = "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
_ESCAPE = re.compile(r"\\(?=[NGETHL])")  # what Graphviz replaces in a label
_NO_CHARACTER = re.compile(f"[\ud800-\udfff\ufdd0-\ufdef{_LAST_OF_PLANES}]")


def plain(text: str) -> str:
    r"""The text on one line, without control characters and with U+FFFD for what is no character.

    Examples
    --------
    >>> plain("a\tb\x00\nc")
    'a b c'
    """
    return _NO_CHARACTER.sub("\ufffd", _INVISIBLE.sub("", re.sub(r"[\t\n\r\x0b\x0c]+", " ", text)))


def short(text: str, limit: int = MAX_NAME) -> str:
    """The plain text, cut to `limit` characters with an ellipsis as the last.

    Examples
    --------
    >>> short("abcdef", 4)
    'abc…'
    """
    text = plain(text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def dot_string(text: str) -> str:
    r"""For a quoted DOT string, where backslashes and entities have a meaning.

    The package `graphviz` puts the quotes around it.

    Examples
    --------
    >>> print(dot_string(r'a\N & "b"'))
    a\\N &amp; "b"
    """
    import graphviz

    return str(graphviz.escape(plain(text).replace("&", "&amp;")))


def html(text: str) -> str:
    r"""For the text of an HTML-like label: markup shows as itself.

    Graphviz puts names of nodes and of the graph for ``\N``, ``\G`` and others here too, and knows no way to say a
    backslash; a word joiner, which cannot be seen, comes between the two.

    Examples
    --------
    >>> html('<b> & "c"')
    '&lt;b&gt; &amp; &quot;c&quot;'
    """
    return _escape_entities(_ESCAPE.sub("\\\\\u2060", plain(text)), quote=True)


def xml(text: str) -> str:
    """For text or an attribute in XML and SVG.

    Examples
    --------
    >>> xml("it's <1")
    'it&#x27;s &lt;1'
    """
    return _escape_entities(plain(text), quote=True)
