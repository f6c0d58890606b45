"""The command `tinygrad-edu`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from . import __version__


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, and return its exit code: 0, 1 for what went wrong, 2 for arguments that do not fit.

    Examples
    --------
    >>> from tinygrad_edu.cli import main
    >>> main(["demo", "--epochs", "0"])
    Traceback (most recent call last):
    SystemExit: 2
    """
    options = vars(_parser().parse_args(arguments))
    command = options.pop("command")
    try:
        _COMMANDS[command](**options)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        print(f"tinygrad-edu: {error}", file=sys.stderr)
        return 1
    return 0


def _demo(**options: Any) -> None:
    from . import demo  # after the arguments: help and errors come at once

    demo.run(**options)


def _explain(**options: Any) -> None:
    from . import explaining

    print(explaining.run(**options))


_COMMANDS = {"demo": _demo, "explain": _explain}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tinygrad-edu", description="Backpropagation to read, run and look at.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    demo = commands.add_parser(
        "demo",
        help="train a network on handwritten digits and draw what it did",
        description="Train a network on 1,797 handwritten digits, then write the graph of its loss, its learning "
        "curves and the digits that it misread. The same seed gives the same numbers and files.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    demo.add_argument("--seed", type=_at_least(0), default=0, help="start of the random generator", metavar="N")
    demo.add_argument("--epochs", type=_at_least(1), default=30, help="passes over the training set", metavar="N")
    demo.add_argument("--output", default="demo-output", help="folder for the pictures", metavar="DIR")
    explain = commands.add_parser(
        "explain",
        help="step through a formula or a program: every value, every gradient",
        description="Write a page that steps through the computation of a formula, or of the loss of a Python program.",
        epilog='example: tinygrad-edu explain "sigmoid(w*x + b)" --set w=2 --set x=-1 --set b=0.5',
    )
    explain.add_argument(
        "source", help="an expression (a space before a leading minus), or a file that ends in .py, which is run"
    )
    explain.add_argument(
        "--set",
        dest="values",
        action="extend",
        nargs="+",
        default=[],
        help="a value of a name, or several",
        metavar="NAME=VALUE",
    )
    explain.add_argument("--tensor", help="the variable of the program to explain (default: loss)", metavar="NAME")
    explain.add_argument(
        "--iterations", type=_at_least(1), default=0, help="explain the first N backward passes", metavar="N"
    )
    explain.add_argument("--output", help="where to write the page (default: show it in the browser)", metavar="FILE")
    explain.add_argument("--theme", choices=("auto", "light", "dark"), default="auto", help="colours (default: auto)")
    return parser


class _at_least:
    """The type of an argument: an integer of at least ``low``."""

    def __init__(self, low: int) -> None:
        self.low = low

    def __call__(self, text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = self.low - 1
        if number < self.low:
            raise argparse.ArgumentTypeError(f"expected an integer of at least {self.low}, but got {text!r}")
        return number
