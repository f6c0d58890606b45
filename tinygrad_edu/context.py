"""What all ops share: the serial counter, whether they record a history, and who watches them.

The mode is one immutable object in one context variable, so an op asks once, and threads and asynchronous tasks
each see their own.
"""

from __future__ import annotations

import functools
import inspect
import itertools
from collections.abc import Callable
from contextvars import ContextVar
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

next_serial: Callable[[], int] = itertools.count(1).__next__


class Mode(NamedTuple):
    """How ops behave: do they record, who is told of them, are written arrays looked for,
    do elements that a selection left out get no gradient at all (see marks.py), and who looks at a backward pass first.
    """

    recording: bool = True
    recorder: Callable[..., None] | None = None
    checksums: bool = False
    marks: bool = True
    examine: Callable[..., None] | None = None
    unobserved: bool = True  # neither recorder nor checksums: the one question that every op asks


NORMAL = Mode()
_mode: ContextVar[Mode] = ContextVar("mode", default=NORMAL)
get_mode = _mode.get

# The modules that are being called, outermost first, each as (module, path): see nn.Module.__call__.
active_modules: ContextVar[tuple[tuple[Any, str], ...]] = ContextVar("active_modules", default=())


class override:
    """A block in which some fields of the mode differ; also a decorator of functions.

    As a decorator of a generator function it holds while the generator runs, and never in its caller.
    """

    def __init__(self, **fields: Any) -> None:
        self.fields = fields
        self._before: list[Mode] = []

    def __enter__(self) -> Self:
        before = get_mode()
        self._before.append(before)
        mode = before._replace(**self.fields)
        _mode.set(mode._replace(unobserved=mode.recorder is None and not mode.checksums))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        _mode.set(self._before.pop())

    def __call__(self, function: F) -> F:
        """Decorate `function`: the block holds while it runs."""
        block = functools.partial(override, **self.fields)  # a block of its own for every call: threads, recursion

        @functools.wraps(function)
        def plain(*args: Any, **kwargs: Any) -> Any:
            with block():
                return function(*args, **kwargs)

        @functools.wraps(function)
        async def coroutine(*args: Any, **kwargs: Any) -> Any:
            with block():
                return await function(*args, **kwargs)

        @functools.wraps(function)
        def generator(*args: Any, **kwargs: Any) -> Any:
            running = function(*args, **kwargs)
            resume: Callable[[], Any] = functools.partial(next, running)
            while True:
                try:
                    with block():
                        item = resume()
                except StopIteration as stop:
                    return stop.value
                try:
                    sent = yield item
                except GeneratorExit:
                    with block():
                        running.close()
                    raise
                except BaseException as error:  # `throw` of the caller belongs to the function inside
                    resume = functools.partial(running.throw, error)
                else:
                    resume = functools.partial(running.send, sent)

        kind = (
            generator
            if inspect.isgeneratorfunction(function)
            else coroutine
            if inspect.iscoroutinefunction(function)
            else plain
        )
        return kind  # type: ignore[return-value]


def _bare_decorator(cls: type[Any], function: Callable[..., Any] | None = None) -> Any:
    """A block; or for ``@no_grad`` without parentheses, as in PyTorch, the decorated function."""
    return object.__new__(cls) if function is None else cls()(function)


class no_grad(override):
    """A block, or a decorated function, in which ops compute values and record nothing.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> w = tg.Tensor(2.0, requires_grad=True)
    >>> with tg.no_grad():
    ...     (w * 3).requires_grad
    False
    >>> @tg.no_grad()
    ... def predict(x):
    ...     return w * x
    >>> predict(3).requires_grad
    False
    """

    def __init__(self) -> None:
        super().__init__(recording=False)

    if not TYPE_CHECKING:  # for a checker a block only, or decorated functions would lose their types
        __new__ = _bare_decorator


class enable_grad(override):
    """A block, or a decorated function, in which ops record their history, also inside `no_grad`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> w = tg.Tensor(2.0, requires_grad=True)
    >>> with tg.no_grad(), tg.enable_grad():
    ...     (w * 3).requires_grad
    True
    """

    def __init__(self) -> None:
        super().__init__(recording=True)

    if not TYPE_CHECKING:  # for a checker a block only, or decorated functions would lose their types
        __new__ = _bare_decorator


def is_grad_enabled() -> bool:
    """Whether ops record their history now.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.is_grad_enabled()
    True
    """
    return get_mode().recording
