"""The command `tinygrad-edu`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

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
    options = _parser().parse_args(arguments)
    from . import demo  # after the arguments: help and errors come at once

    try:
        demo.run(seed=options.seed, epochs=options.epochs, output=options.output)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    except (ImportError, OSError, RuntimeError) as error:
        print(f"tinygrad-edu: {error}", file=sys.stderr)
        return 1
    return 0


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
