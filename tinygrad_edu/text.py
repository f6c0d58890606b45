"""Words for a reader: a text that shows itself as it is, in a prompt and in a notebook too."""

from __future__ import annotations


class Text(str):
    r"""A text of several lines; its `repr` is the text itself.

    Examples
    --------
    >>> Text("one\ntwo")
    one
    two
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)
