"""The command `tinygrad-edu explain`: the stepping page of a formula, or of what a Python program computes."""

from __future__ import annotations

import runpy
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from . import expression, viz
from .tensor import Tensor
from .viz import numbers


def run(
    source: str,
    *,
    values: Sequence[str] = (),
    tensor: str | None = None,
    iterations: int = 0,
    output: str | None = None,
    theme: str = "auto",
) -> Path:
    """Explain `source`, an expression or a Python file, in a page; return where the page is.

    Without `output` it is a temporary file, and the browser shows it.
    """
    is_file = source.endswith(".py")
    if is_file and values:
        raise ValueError("explain: expected --set with an expression, but got it with a Python file. Edit the file.")
    if not is_file and (tensor or iterations):
        raise ValueError("explain: expected --tensor and --iterations with a Python file, but got an expression.")
    page = _of_file(source, tensor, iterations, theme) if is_file else _of_expression(source.strip(), values, theme)
    return page.open() if output is None else page.save(output)


def _of_expression(text: str, values: Sequence[str], theme: str) -> viz.Stepper:
    given = {}
    for pair in values:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip().isidentifier():
            raise ValueError(f"explain: expected --set name=value, but got {pair!r}.")
        given[name.strip()] = value
    y, leaves, sources = expression.evaluate(text, given)
    film = viz.recording()
    film.sources = sources
    page = viz.step(y, theme=theme, title=text, names={}, events=film)
    with np.errstate(all="ignore"):  # a NaN is said below, and marked in the page
        y.backward()
    print(f"{text} = {y.item():.6g}")
    for name, leaf in leaves.items():
        if leaf.grad is not None:
            print(f"  d/d{name} = {numbers.number(leaf.grad.item(), 6) if leaf.size == 1 else leaf.grad.tolist()}")
    return page


def _of_file(path: str, name: str | None, iterations: int, theme: str) -> viz.Stepper:
    film = viz.recording()
    with film, _backward_kept(film, iterations):
        found = _run_program(path)
    if film.frames:
        return viz.step(film, theme=theme, title=Path(path).name)
    return viz.step(_chosen(found, name, path), theme=theme, title=Path(path).name, names=found, events=film)


def _run_program(path: str) -> dict[str, Any]:
    """The variables of a program after it has run as the user's own."""
    if not Path(path).is_file():
        raise FileNotFoundError(f"explain: expected a Python file, but there is none at {path!r}.")
    before = sys.argv, list(sys.path)
    sys.argv, sys.path[:0] = [path], [str(Path(path).resolve().parent)]
    try:
        return runpy.run_path(path, run_name="__main__")
    except SystemExit as end:
        raise RuntimeError(f"explain: expected {path} to run to its end, but it called exit({end.code!r}).") from end
    except Exception as error:
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename != path:
            trace = trace.tb_next  # what is above is this command, not the program
        shown = "".join(traceback.format_exception(type(error), error, trace)).rstrip()
        raise RuntimeError(f"explain: {path} ended with an error.\n{shown}") from error
    finally:
        sys.argv, sys.path[:] = before


@contextmanager
def _backward_kept(film: viz.recording, iterations: int) -> Iterator[None]:
    """Keep the graphs of the first calls of `backward`, each before anything is changed by its gradients."""
    backward = Tensor.backward

    def kept(self: Tensor, *args: Any, **kwargs: Any) -> None:
        if len(film.frames) < iterations:
            film.add(self, *args[:1])
        backward(self, *args, **kwargs)

    if iterations:
        Tensor.backward = kept  # type: ignore[method-assign]
    try:
        yield
    finally:
        Tensor.backward = backward  # type: ignore[method-assign]


def _chosen(variables: Mapping[str, Any], name: str | None, path: str) -> Tensor:
    """The tensor of that name, else ``loss``, else the newest with one element."""
    tracked = {k: v for k, v in variables.items() if isinstance(v, Tensor) and v.requires_grad and not v.is_leaf}
    if name is not None:
        if name not in tracked:
            known = ", ".join(sorted(tracked)) or "none"
            raise ValueError(f"explain: expected a computed tensor of {path}, but got {name!r}. It has: {known}.")
        return tracked[name]
    single = [v for v in tracked.values() if v.size == 1]
    if "loss" in tracked:
        return tracked["loss"]
    if not single:
        raise ValueError(
            f"explain: expected a tensor of one element among the variables of {path}, but found none. "
            "Assign your loss to a variable of the file, or keep backward passes: --iterations 3."
        )
    return max(single, key=lambda v: v.serial)
