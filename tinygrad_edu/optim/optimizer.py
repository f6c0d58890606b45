"""What all optimizers share: parameters in groups with settings of their own, state per parameter, and the step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import SimpleNamespace
from typing import Any, ClassVar, TypeVar, Unpack, overload

import numpy as np

from .. import memory
from ..context import enable_grad
from ..tensor import Tensor
from . import saving
from .checks import Foreign, check_foreign
from .explain import Features, parts

Loss = TypeVar("Loss")
Parameters = Iterable[Tensor] | Iterable[tuple[str, Tensor]] | Iterable[dict[str, Any]]


class Optimizer:
    """The base of all optimizers: it holds the parameters and their state, and calls the update rule of its subclass.

    A subclass gives its settings to `__init__`, and two methods: ``begin(p, group)``, the state of a parameter before
    its first step, and ``update(p, g, state, settings)``, one step of one parameter, in place: `p` is its array, `g`
    its gradient, and `settings` has the settings of its group as attributes.

    Parameters
    ----------
    params : iterable of Tensor, of (name, Tensor), or of dict
        What to optimize: leaf tensors, or *groups* of them, each a dict of ``params`` and settings of its own.
    defaults : dict
        The settings of groups that do not give their own.
    foreach, fused, capturable : bool, optional
        How PyTorch computes a step: of no meaning here, but its programs run.

    Attributes
    ----------
    param_groups : list of dict
        Each holds its ``params`` and all its settings, which may be changed between steps (schedules change ``lr``).
    state : dict
        What the rule remembers of each parameter that has made a step.

    Raises
    ------
    TypeError
        If `params` is not an iterable of tensors or groups, or a setting is not a number.
    ValueError
        If there are no parameters, one is not a leaf or appears twice, or a setting is out of its range.

    Notes
    -----
    Parameters without a gradient (``grad`` None) are left as they are, their state too. Gradients that are not finite
    go through, as in PyTorch. A step alters the arrays in place, and keeps their dtype.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> class SignDescent(tg.optim.Optimizer):
    ...     def __init__(self, params, lr=0.1):
    ...         super().__init__(params, {"lr": lr})
    ...     def update(self, p, g, state, settings):
    ...         p -= settings.lr * np.sign(g)
    >>> import numpy as np
    >>> w = tg.Tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = SignDescent([w])
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    Tensor([ 0.9, -1.9], requires_grad=True)
    """

    features: ClassVar[Features] = {}  # what `explain` tells apart
    fixed: ClassVar[Mapping[str, Any]] = {}  # settings that a subclass stands for, and that no state dict changes

    def __init__(self, params: Parameters, defaults: dict[str, Any], **foreign: Unpack[Foreign]) -> None:
        check_foreign(self, foreign)
        self.defaults = defaults
        self.state: dict[Tensor, dict[str, Any]] = {}
        self.param_groups: list[dict[str, Any]] = []
        self.check(defaults)
        groups = self._listed(params)
        if not groups:
            raise ValueError(
                f"{self._name}: expected at least one parameter, but got none. Hand over model.parameters(), "
                f"and list it first if it is an iterator that was used before."
            )
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)

    # ---- what a subclass says ----

    def check(self, group: Mapping[str, Any]) -> None:
        """Raise if a setting of `group` is out of its range."""

    def begin(self, p: np.ndarray, group: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - for subclasses
        """The state of a parameter before its first step: arrays of its shape, and Python numbers."""
        return {}

    def update(self, p: np.ndarray, g: np.ndarray, state: dict[str, Any], settings: Any) -> None:
        """One step of one parameter, in place."""
        raise NotImplementedError(
            f"{self._name}: expected a method update(self, p, g, state, settings), but got none. "
            f"Define it: it alters the array p in place, given its gradient g."
        )

    # ---- what users call ----

    @overload
    def step(self, closure: None = None) -> None: ...
    @overload
    def step(self, closure: Callable[[], Loss]) -> Loss: ...
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move every parameter that has a gradient by one step.

        Parameters
        ----------
        closure : callable, optional
            Computes the loss anew, calls its backward, and returns it.

        Returns
        -------
        object
            What `closure` returned, or None.

        Raises
        ------
        ValueError
            If a gradient does not have the shape of its parameter; then no parameter has moved.
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for p, g, state, settings in self._ready():
            self.update(p, g, state, settings)
            memory.stamp(p)
        return loss

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget all gradients: None, or with ``set_to_none=False`` zeros in their place.

        A parameter with None is left out of the next step; one with zeros takes part, with its momentum and decay.
        """
        for p in self._parameters():
            if set_to_none:
                p.grad = None
            elif p.grad is not None:
                p.grad[...] = 0

    def add_param_group(self, param_group: Mapping[str, Any]) -> None:
        """Add parameters with settings of their own: ``{"params": ..., "lr": 0.01}``.

        Examples
        --------
        >>> import tinygrad_edu as tg
        >>> w, b = tg.zeros(2, requires_grad=True), tg.zeros(1, requires_grad=True)
        >>> optimizer = tg.optim.SGD([w], lr=0.1)
        >>> optimizer.add_param_group({"params": b, "lr": 0.01})
        >>> [group["lr"] for group in optimizer.param_groups]
        [0.1, 0.01]
        """
        if not isinstance(param_group, Mapping) or "params" not in param_group:
            raise TypeError(
                f"{self._name}: expected a group as a dict with 'params', but got {_shown(param_group)}. "
                f"Write {{'params': [...], 'lr': ...}}."
            )
        params = param_group["params"]
        group: dict[str, Any] = {"params": [], **{k: v for k, v in param_group.items() if k != "params"}}
        listed = [params] if isinstance(params, Tensor) else self._listed(params)
        if any(isinstance(each, tuple) for each in listed):
            group["param_names"] = [each[0] if isinstance(each, tuple) else None for each in listed]
            listed = [each[1] if isinstance(each, tuple) else each for each in listed]
        group = {**group, "params": listed, **{k: v for k, v in self.defaults.items() if k not in group}}
        self._check_members(group)
        self.check(group)
        self.param_groups.append(group)

    def explain(self) -> list[dict[str, np.ndarray]]:
        """What the next step would be made of, for each parameter that has a gradient; nothing is altered.

        Returns
        -------
        list of dict of ndarray
            In the order of the groups, the parts of the change of a parameter, in float64: ``gradient``, the bare
            ``-lr g``; ``scale``, what adapting the rate to each number adds; then what each feature adds that is on:
            ``momentum``, ``bias correction``, ``weight decay`` ... They sum to the change.

        Examples
        --------
        >>> import tinygrad_edu as tg
        >>> w = tg.Tensor(2.0, requires_grad=True)
        >>> optimizer = tg.optim.AdamW([w], lr=0.5, weight_decay=0.1)
        >>> (3 * w).backward()
        >>> {name: round(float(part), 2) for name, part in optimizer.explain()[0].items()}
        {'gradient': -1.5, 'scale': -14.31, 'momentum': 14.23, 'bias correction': 1.08, 'weight decay': -0.1}
        """
        steps = self._ready(keep=False)
        return [parts(self.update, self.features, p, g, state, settings) for p, g, state, settings in steps]

    def state_dict(self) -> dict[str, Any]:
        """A copy of the state of all parameters, by their position, and of the settings of all groups.

        The structure is PyTorch's, and so are its names: ``{"state": {0: {...}, ...}, "param_groups": [...]}``.

        Examples
        --------
        >>> import tinygrad_edu as tg
        >>> w = tg.zeros(2, requires_grad=True)
        >>> tg.optim.SGD([w], lr=0.1).state_dict()["param_groups"][0]["params"]
        [0]
        """
        return saving.packed(self)

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what `state_dict` gave, also that of PyTorch's optimizer of the same name; all of it, or nothing.

        Parameters
        ----------
        state_dict : dict
            Parameters are found by their position in the groups. Arrays are copied, and take the parameters' dtypes.

        Raises
        ------
        ValueError
            If it does not fit; the message lists everything that does not, and nothing was changed.
        """
        saving.load(self, state_dict)

    def __repr__(self) -> str:
        lines = [f"{self._name} ("]
        for i, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {i}")
            lines += [f"    {key}: {group[key]}" for key in sorted(group) if key != "params"]
        return "\n".join([*lines, ")"])

    # ---- inside ----

    @property
    def _name(self) -> str:
        return type(self).__name__

    def _parameters(self) -> Iterable[Tensor]:
        return (p for group in self.param_groups for p in group["params"])

    def _listed(self, params: Any) -> list[Any]:
        """`params` as a list, or an error that says what to write instead."""
        hint = "Write [w] for a single tensor w, and model.parameters() for a model."
        if isinstance(params, (Tensor, np.ndarray, str, Mapping)) or not isinstance(params, Iterable):
            raise TypeError(f"{self._name}: expected a list of tensors or groups, but got {_shown(params)}. {hint}")
        if isinstance(params, (set, frozenset)):
            raise TypeError(
                f"{self._name}: expected parameters in an order that stays, but got a {type(params).__name__}, "
                f"whose order changes from run to run. Make it a list."
            )
        return list(params)

    def _check_members(self, group: Mapping[str, Any]) -> None:
        """Raise unless the parameters of a new group are leaves that no group has yet."""
        taken = set(self._parameters())
        for i, p in enumerate(group["params"]):
            label = f"parameter {i} of group {len(self.param_groups)}"
            if not isinstance(p, Tensor):
                raise TypeError(
                    f"{self._name}: expected Tensors, but {label} is {_shown(p)}. "
                    f"Write tg.Tensor(data, requires_grad=True)."
                )
            if not p.is_leaf:
                raise ValueError(
                    f"{self._name}: expected leaves, but {label}, shape {p.shape}, is the result of {p.op.__name__}. "
                    f"Optimize the tensors it was computed from, or t.detach().requires_grad_()."
                )
            if p in taken:
                raise ValueError(
                    f"{self._name}: expected every parameter once, but {label}, shape {p.shape}, came before. "
                    f"Leave it out of one of the two places."
                )
            taken.add(p)

    def _ready(self, keep: bool = True) -> list[tuple[np.ndarray, np.ndarray, dict[str, Any], SimpleNamespace]]:
        """The array, gradient, state and settings of every parameter with a gradient, all found to fit."""
        ready = []
        for i, group in enumerate(self.param_groups):
            settings = SimpleNamespace(**{key: _number(group[key]) for key in self.defaults})
            for j, p in enumerate(group["params"]):
                data, g = p._data, p.grad
                if g is not None:
                    plain = type(g) is np.ndarray and g.dtype is data.dtype and data.dtype.kind == "f"
                    if not plain or g.shape != data.shape:
                        g = self._fitted(g, data, f"parameter {j} of group {i}")
                    ready.append((data, g, self._state_of(p, group, keep), settings))
        return ready

    def _fitted(self, g: Any, data: np.ndarray, label: str) -> np.ndarray:
        """The gradient `g` as an array of the dtype of `data`, if it has its shape."""
        g = g._data if isinstance(g, Tensor) else np.asarray(g)
        if g.shape != data.shape or g.dtype.kind not in "fiub" or data.dtype.kind != "f":
            raise ValueError(
                f"{self._name}.step: expected a gradient of floating numbers in the parameter's shape {data.shape}, "
                f"but {label}, {data.dtype}, has a gradient of shape {g.shape}, {g.dtype}. "
                f"Set p.grad = None and call backward."
            )
        fitted: np.ndarray = g.astype(data.dtype, copy=False)
        return fitted

    def _state_of(self, p: Tensor, group: Mapping[str, Any], keep: bool = True) -> dict[str, Any]:
        """The state of `p`, made (and kept) if it has none yet, in the dtype that `p` has now."""
        state = self.state.get(p)
        if state is None:
            state = self.begin(p._data, group)
            if keep:
                self.state[p] = state
        for key, value in state.items():
            if isinstance(value, np.ndarray):
                if value.shape != p._data.shape:
                    raise ValueError(
                        f"{self._name}.step: expected a parameter of the shape {value.shape} of its state {key!r}, but "
                        f"got {p.shape}: its data was replaced. Make a new optimizer, or del optimizer.state[p]."
                    )
                if value.dtype != p._data.dtype:
                    state[key] = value.astype(p.dtype)
        return state


def _number(value: Any) -> Any:
    """A setting as Python numbers, which leave the dtype of a parameter alone."""
    if isinstance(value, tuple | list):
        return tuple(map(_number, value))
    return value.item() if isinstance(value, (np.generic, np.ndarray, Tensor)) else value


def _shown(value: Any) -> str:
    return f"a Tensor, shape {value.shape}" if isinstance(value, Tensor) else f"{type(value).__name__} {value!r:.60}"
