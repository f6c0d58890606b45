"""The Tensor: an array that remembers how it was computed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import DTypeLike

from . import dtypes, engine, hooks, memory
from .context import get_mode, next_serial
from .dispatch import array_function, array_ufunc
from .marks import collect
from .methods import Methods
from .ops import casting

if TYPE_CHECKING:
    import os

    from .viz import Drawing, Stepper


class Tensor(Methods):
    """An array that remembers how it was computed, and can pass a gradient back along that way.

    A Tensor is its own node in the graph: `op`, `inputs` and `params` say how it was made (None and empty for a leaf,
    and where nothing requires a gradient), `serial` when.

    Parameters
    ----------
    data : array_like
        Real numbers, which are copied. Arrays keep their dtype; Python floats take the default dtype, float32; Python
        ints and bools stay integer and boolean. `as_tensor` shares an array instead.
    requires_grad : bool
        Whether `backward` shall work out the gradient for this tensor. Floating dtypes only.
    dtype : dtype, optional
        The dtype to convert to.

    Attributes
    ----------
    grad : ndarray or None
        The gradient that backward passes have added up for this leaf; an array, also for a 0-d tensor.
    serial : int
        Grows with every tensor made: an input has a smaller one than its output.

    Raises
    ------
    TypeError
        For what is not a real number, and for ``requires_grad=True`` on integers.

    Examples
    --------
    >>> from tinygrad_edu import Tensor
    >>> x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> y = (x * x).sum()
    >>> y.backward()
    >>> x.grad
    array([2., 4., 6.], dtype=float32)
    """

    __slots__ = (
        "__weakref__", "_calls", "_checksums", "_data", "_name", "_requires_grad", "_saved",
        "grad", "inputs", "op", "params", "serial",
    )  # fmt: skip
    __array_ufunc__ = array_ufunc
    __array_function__ = array_function

    _data: np.ndarray
    _requires_grad: bool
    grad: np.ndarray | None
    op: Any
    inputs: tuple[Any, ...]
    params: dict[str, Any]
    serial: int

    def __init__(self, data: Any, requires_grad: bool = False, dtype: DTypeLike | None = None) -> None:
        if isinstance(data, Tensor):
            data = np.asarray(data)  # an error if that would lose its history
        self._data = np.array(dtypes.as_array(data, dtype))
        self.grad, self._requires_grad = None, False
        self.op, self.inputs, self.params, self.serial = None, (), {}, next_serial()
        if requires_grad:
            self.requires_grad = True

    # ---- what it is ----

    @property
    def data(self) -> np.ndarray:
        """The array itself, not a copy. Assigning it is noticed; writes into it are seen by `detect_writes` only."""
        return self._data

    @data.setter
    def data(self, value: Any) -> None:
        value = np.asarray(value) if isinstance(value, (Tensor, np.generic)) else dtypes.as_array(value)
        if value.shape != self._data.shape and self.op is not None:
            raise ValueError(
                f"data: expected the shape {self._data.shape} of a tensor with a history, but got {value.shape}. "
                f"Detach it first: t = t.detach()."
            )
        if self._requires_grad and value.dtype.kind != "f":
            raise TypeError(
                f"data: expected floating numbers for a tensor that requires grad, but got {value.dtype}. "
                f"Convert them: array.astype({self._data.dtype})."
            )
        self._data = value
        memory.stamp(value)

    @property
    def requires_grad(self) -> bool:
        """Whether a gradient is worked out for this tensor."""
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        self.requires_grad_(value)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Set `requires_grad` of a leaf, and return the tensor."""
        if requires_grad and self._data.dtype.kind != "f":
            shown = f"{self._data.tolist()!r}" if self.size <= 4 else f"shape {self.shape}"
            raise TypeError(
                f"requires_grad: expected a floating dtype, but got {self._data.dtype} ({shown}). "
                f"Only floating numbers have gradients: write 2.0 for 2, or convert with t.astype('float32')."
            )
        if not requires_grad and self.op is not None:
            raise RuntimeError(
                f"requires_grad: expected a leaf, but this tensor is the result of {self.op.__name__}. "
                f"Use t.detach() for a tensor without its history."
            )
        self._requires_grad = bool(requires_grad)
        return self

    @property
    def name(self) -> str | None:
        """What pictures and messages call this tensor."""
        return getattr(self, "_name", None)

    @name.setter
    def name(self, value: str | None) -> None:
        self._name = value

    @property
    def is_leaf(self) -> bool:
        """Whether it was made by the user, not by an op that was recorded."""
        return self.op is None

    @property
    def shape(self) -> tuple[int, ...]:
        """The length of each axis."""
        return self._data.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self._data.ndim

    @property
    def size(self) -> int:
        """The number of elements."""
        return self._data.size

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the elements."""
        return self._data.dtype

    # ---- the chain rule ----

    def backward(self, gradient: Any = None, keep: bool = True) -> None:
        """Add the derivative of this tensor to the `grad` of every leaf that it depends on.

        Parameters
        ----------
        gradient : array_like, optional
            The gradient that arrives here, of this tensor's shape; 1 for a single element. Afterwards
            ``leaf.grad`` has grown by the derivative of ``(gradient * self).sum()``.
        keep : bool
            Whether the graph stays for another backward. With False each node lets go of its inputs as it is passed,
            which halves the peak memory of a training step. Where an op selects (indexing, `where`), they are let go of
            at the end instead, as a second sweep may need them: see marks.py.

        Raises
        ------
        RuntimeError
            If nothing requires grad, if the graph was let go, or if an array that a formula needs was changed in place.
        ValueError
            If a gradient is missing or has another shape.

        Examples
        --------
        >>> from tinygrad_edu import Tensor
        >>> w = Tensor(3.0, requires_grad=True)
        >>> (w * w).backward()
        >>> float(w.grad)
        6.0
        """
        if not self._requires_grad:
            raise RuntimeError(
                f"backward: expected a tensor with a history, but this one, shape {self.shape}, requires no grad. "
                f"Create the leaves with requires_grad=True, and compute it outside no_grad()."
            )
        g = self._seed(gradient)
        leaves = collect(self, g, keep=keep)
        for x, gx in leaves:  # after the sweep, so that an error adds nothing at all
            x.grad = gx if x.grad is None else np.asarray(x.grad + gx)  # of two 0-d arrays NumPy makes a scalar

    def _seed(self, gradient: Any, caller: str = "backward") -> np.ndarray:
        """`gradient` as an array of this tensor's shape and dtype; ones for a single element."""
        if gradient is None:
            if self.size != 1:
                raise ValueError(
                    f"{caller}: expected a scalar, but this tensor has shape {self.shape}. "
                    f"Reduce it first, e.g. t.mean().backward(), or pass a gradient."
                )
            return np.ones(self.shape, self.dtype)
        g = dtypes.as_array(gradient._data if isinstance(gradient, Tensor) else gradient, self.dtype)
        if g.shape != self.shape:
            raise ValueError(
                f"{caller}: expected a gradient of this tensor's shape {self.shape}, but got shape {g.shape}. "
                f"It holds one number for each element of the tensor."
            )
        return g

    def zero_grad(self) -> None:
        """Forget the gradient: `grad` is None until the next backward."""
        self.grad = None

    def register_hook(self, hook: Callable[[Tensor], Tensor | None]) -> hooks.RemovableHandle:
        """Call ``hook(gradient)`` with the whole gradient of this tensor in each backward pass; what it returns, unless
        None, goes on in its place.

        Returns
        -------
        RemovableHandle
            Its `remove` takes the hook away.

        Examples
        --------
        >>> from tinygrad_edu import Tensor
        >>> x = Tensor(2.0, requires_grad=True)
        >>> handle = x.register_hook(lambda g: g * 10)
        >>> (x * x).backward()
        >>> float(x.grad)
        40.0
        """
        return hooks.add(self, hook)

    def detach(self) -> Tensor:
        """The same array without the history: shared memory, no gradient."""
        return casting.detach(self)

    # ---- the way out ----

    def numpy(self) -> np.ndarray:
        """The array itself, not a copy; only for a tensor without a history (`detach` it first)."""
        return self.__array__()

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> np.ndarray:
        if self._requires_grad:
            raise TypeError(
                "array: expected a tensor without a history, but this one requires grad, and an array would lose it "
                "silently. Use t.detach().numpy() if you mean that, or an op of tinygrad_edu to keep the gradient; "
                "tg.stack makes one tensor of several."
            )
        return np.array(self._data, dtype, copy=copy)

    def item(self) -> float | int | bool:
        """The only element, as a Python number."""
        if self._data.size != 1:
            raise ValueError(
                f"item: expected a single element, but this tensor has shape {self.shape}. "
                f"Index one, e.g. t[0].item(), or use t.tolist()."
            )
        value = self._data.item()
        recorder = get_mode().recorder
        if recorder is not None:
            recorder(Tensor.item, (self,), {}, value)
        return value  # type: ignore[no-any-return]

    def tolist(self) -> Any:
        """The elements as nested lists of Python numbers."""
        return self._data.tolist()

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __bool__(self) -> bool:
        if self._data.size != 1:
            raise ValueError(
                f"bool: expected a single element, but this tensor has shape {self.shape}. Use t.any() or t.all()."
            )
        return bool(self.item())

    def __index__(self) -> int:
        if self._data.dtype.kind not in "iu" or self._data.ndim:
            raise TypeError(
                f"index: expected an integer tensor without axes, but got dtype {self.dtype} and shape {self.shape}. "
                f"Convert it: int(t)."
            )
        return int(self.item())

    def __len__(self) -> int:
        if not self._data.ndim:
            raise TypeError("len: expected a tensor of at least one axis, but got a 0-d tensor. Use t.size.")
        return len(self._data)

    def __iter__(self) -> Iterator[Tensor]:
        if not self._data.ndim:
            raise TypeError("iter: expected a tensor of at least one axis, but got a 0-d tensor. Use t.item().")
        return (self[i] for i in range(len(self._data)))

    def __contains__(self, value: Any) -> bool:
        return bool((self._data == (value._data if isinstance(value, Tensor) else value)).any())

    def __repr__(self) -> str:
        body = np.array2string(self._data, separator=", ", prefix="Tensor(")
        notes = "" if self._data.dtype in (dtypes.get_default_dtype(), np.int64, np.bool_) else f", dtype={self.dtype}"
        if self._data.size == 0:
            notes = f", shape={self.shape}" + notes
        if self.op is not None:
            notes += f", op={self.op.__name__}"
        elif self._requires_grad:
            notes += ", requires_grad=True"
        if self.name is not None:
            notes += f", name={self.name!r}"
        return f"{type(self).__name__}({body}{notes})"

    def __format__(self, spec: str) -> str:
        if spec and self._data.size == 1:
            return format(self.item(), spec)
        if spec:
            raise TypeError(
                f"format: expected a single element for the format {spec!r}, but this tensor has shape {self.shape}. "
                f"Format its elements: t.tolist()."
            )
        return str(self)

    def __reduce__(self) -> tuple[Any, ...]:
        """What copies and pickles keep: the numbers and what the user set, not the history."""
        return _restored, (type(self), self._data, self.grad, self._requires_grad, self.name)

    # ---- pictures ----

    def draw(self, **options: Any) -> Drawing:
        """A picture of the graph under this tensor: see `tinygrad_edu.viz.draw`."""
        from . import viz

        return viz.draw(self, **options)

    def step(self, path: str | os.PathLike[str] | None = None, **options: Any) -> Stepper:
        """A page that steps through the computation of this tensor: see `tinygrad_edu.viz.step`."""
        from . import viz

        return viz.step(self, path, **options)


def _restored(cls: type[Tensor], data: np.ndarray, grad: Any, requires_grad: bool, name: str | None) -> Tensor:
    """A tensor from what `Tensor.__reduce__` kept, as new: no history, a fresh serial."""
    t = cls.__new__(cls)
    t._data, t.grad, t._requires_grad = data, grad, requires_grad
    t.op, t.inputs, t.params, t.serial = None, (), {}, next_serial()
    if name is not None:
        t._name = name
    return t


engine.tell(Tensor)
