"""Weights that are computed from other parameters before each forward: weight norm and spectral norm."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np

from ... import memory
from ...generator import generator
from ...ops.axes import moveaxis
from ...ops.norms import length
from ...ops.shape import reshape
from ..checks import check_size
from ..module import Module
from ..parameter import Parameter

M = TypeVar("M", bound=Module)


def lengths(v: Any, dim: int) -> Any:
    """The lengths of the slices of `v` along `dim`, in as many axes; -1, as PyTorch has it, is one for the whole."""
    if dim == -1:
        return length(v)
    return length(v, axis=tuple(i for i in range(v.ndim) if i != dim), keepdims=True)


def as_matrix(weight: Any, dim: int) -> Any:
    """The weight as a matrix with a row for each output, which its axis `dim` counts."""
    first = moveaxis(weight, dim, 0)
    return reshape(first, (first.shape[0], -1))


def outputs_of(module: Module) -> int:
    """The axis of the outputs in the weight of `module`."""
    return int(any(kind.__name__.startswith("ConvTranspose") for kind in type(module).__mro__))


def unit(x: np.ndarray, eps: float) -> np.ndarray:
    """`x`, of length 1."""
    return x / max(float(np.sqrt(x @ x)), eps)


class Computed:
    """A hook that computes an attribute of a module before each forward, in place of the parameter that it was."""

    kind = ""  # the function that made it, for errors

    def __init__(self, name: str) -> None:
        self.name = name

    def compute(self, module: Module) -> Any:
        """The attribute."""
        raise NotImplementedError

    def __call__(self, module: Module, _: Any) -> None:
        """Set the attribute anew."""
        setattr(module, self.name, self.compute(module))

    def take(self, module: Module) -> Parameter:
        """The parameter, which the module has no longer."""
        p = vars(module).get(self.name)
        if any(type(hook) is type(self) and hook.name == self.name for hook in _hooks(module)):
            raise RuntimeError(
                f"{self.kind}: expected a parameter that is not computed, but {self.name!r} of {type(module).__name__} "
                f"has {self.kind} already. Call it once, or remove_{self.kind} first."
            )
        if not isinstance(p, Parameter):
            known = [name for name, _ in module.named_parameters(recurse=False)]
            raise AttributeError(
                f"{self.kind}: expected the name of a parameter of {type(module).__name__}, one of {known}, but got "
                f"{self.name!r}. Call it on the layer that has the parameter."
            )
        delattr(module, self.name)
        return p

    def remove(self, module: Module) -> None:
        """Make the attribute a parameter again, with the numbers that it has now."""
        weight = self.compute(module).data
        for name in (self.name, *self.parts()):
            delattr(module, name)
        setattr(module, self.name, Parameter(weight))

    def parts(self) -> tuple[str, ...]:
        """The names of what it is computed from."""
        raise NotImplementedError


def _hooks(module: Module) -> list[Any]:
    return [hook for hook, _ in module._forward_pre_hooks.values() if isinstance(hook, Computed)]


def _remove(module: M, kind: type[Computed], name: str) -> M:
    for key, (hook, _) in tuple(module._forward_pre_hooks.items()):
        if isinstance(hook, kind) and hook.name == name:
            hook.remove(module)
            module._own_hooks("_forward_pre_hooks").pop(key)
            return module
    raise ValueError(
        f"remove_{kind.kind}: expected a module with {kind.kind} on {name!r}, but {type(module).__name__} has none. "
        f"Name the parameter that it was called on."
    )


class WeightNorm(Computed):
    """``w = g v / ||v||``."""

    kind = "weight_norm"

    def __init__(self, name: str, dim: int | None) -> None:
        super().__init__(name)
        self.dim = -1 if dim is None else dim

    def compute(self, module: Module) -> Any:
        """The weight."""
        g, v = (getattr(module, part) for part in self.parts())
        return v * (g / lengths(v, self.dim))

    def parts(self) -> tuple[str, ...]:
        """Length and direction."""
        return f"{self.name}_g", f"{self.name}_v"


def weight_norm(module: M, name: str = "weight", dim: int | None = 0) -> M:
    """Learn length and direction of a weight apart: ``w = g v / ||v||``.

    In place of `name` the module has the parameters ``name_g``, the length of each slice, and ``name_v``, a direction;
    the weight is computed before each forward.

    Parameters
    ----------
    module : Module
        Altered in place.
    name : str
        The parameter.
    dim : int, optional
        The axis whose slices have a length each: 0, of each output. None: one length for the whole.

    Returns
    -------
    Module
        `module` itself.

    Raises
    ------
    AttributeError
        If the module has no such parameter.
    RuntimeError
        If it has weight norm already.

    References
    ----------
    Salimans and Kingma, Weight normalization, 2016.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> layer = nn.utils.weight_norm(nn.Linear(3, 2))
    >>> [(name, p.shape) for name, p in layer.named_parameters()]
    [('bias', (2,)), ('weight_g', (2, 1)), ('weight_v', (2, 3))]
    """
    hook = WeightNorm(name, dim)
    weight = vars(module).get(name)
    if isinstance(weight, Parameter) and not -1 <= hook.dim < weight.ndim:
        raise ValueError(f"weight_norm: expected dim in 0..{weight.ndim - 1}, or None, but got {dim}.")
    weight = hook.take(module)
    module.register_parameter(f"{name}_g", Parameter(lengths(weight.data, hook.dim), weight.requires_grad))
    module.register_parameter(f"{name}_v", Parameter(weight.data, weight.requires_grad))
    hook(module, None)
    module.register_forward_pre_hook(hook)
    return module


def remove_weight_norm(module: M, name: str = "weight") -> M:
    """Make a weight that `weight_norm` computes a parameter again.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> layer = nn.utils.remove_weight_norm(nn.utils.weight_norm(nn.Linear(3, 2)))
    >>> [name for name, _ in layer.named_parameters()]
    ['bias', 'weight']
    """
    return _remove(module, WeightNorm, name)


class SpectralNorm(Computed):
    """``w = w_orig / sigma``, its largest singular value, which is followed by power iteration."""

    kind = "spectral_norm"

    def __init__(self, name: str, steps: int, eps: float, dim: int) -> None:
        super().__init__(name)
        self.steps, self.eps, self.dim = steps, eps, dim

    def __call__(self, module: Module, _: Any) -> None:
        """Set the weight anew, in training after some steps of power iteration."""
        if module.training:
            self.follow(module)
        super().__call__(module, _)

    def follow(self, module: Module) -> None:
        """Turn u and v towards the singular vectors of the largest singular value, in place."""
        original, u, v = (getattr(module, part).data for part in self.parts())
        w = as_matrix(original, self.dim)
        for _ in range(self.steps):
            v[...] = unit(w.T @ u, self.eps)
            u[...] = unit(w @ v, self.eps)
        memory.stamp(u)
        memory.stamp(v)

    def compute(self, module: Module) -> Any:
        """The weight. Gradients know sigma's dependence on it, with u and v held fast."""
        original, u, v = (getattr(module, part) for part in self.parts())
        # Copies: the next forward turns them, and this one may not have been differentiated yet.
        return original / (u.data.copy() @ (as_matrix(original, self.dim) @ v.data.copy()))

    def parts(self) -> tuple[str, ...]:
        """The weight as it is learned, and the two vectors."""
        return f"{self.name}_orig", f"{self.name}_u", f"{self.name}_v"


def spectral_norm(
    module: M, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
) -> M:
    """Divide a weight by its largest singular value: no input is stretched by more than 1.

    In place of `name` the module has the parameter ``name_orig``, and as buffers ``name_u`` and ``name_v``, which
    follow the singular vectors by power iteration, a step or more at each forward in training:
    ``v <- W' u / ||W' u||, u <- W v / ||W v||, sigma = u' W v``. In use they stay.

    Parameters
    ----------
    module : Module
        Altered in place.
    name : str
        The parameter; a kernel is taken as the matrix (out, in * kernel size).
    n_power_iterations : int
        The steps at each forward; 1 will do, as the weight changes little from one to the next.
    eps : float
        The least length that is divided by.
    dim : int, optional
        The axis of the outputs: 0, for transposed convolutions 1.

    Returns
    -------
    Module
        `module` itself.

    Raises
    ------
    AttributeError
        If the module has no such parameter.
    RuntimeError
        If it has spectral norm already.
    ValueError
        If there is no step, or no such axis.

    References
    ----------
    Miyato, Kataoka, Koyama and Yoshida, Spectral normalization for generative adversarial networks, 2018.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> layer = nn.utils.spectral_norm(nn.Linear(3, 2), n_power_iterations=50)
    >>> _ = layer(tg.ones((1, 3)))
    >>> round(float(np.linalg.svd(layer.weight.data)[1][0]), 3)
    1.0
    """
    check_size("spectral_norm", "n_power_iterations", n_power_iterations, 1)
    dim = outputs_of(module) if dim is None else dim
    hook = SpectralNorm(name, n_power_iterations, eps, dim)
    weight = vars(module).get(name)
    if isinstance(weight, Parameter) and not 0 <= dim < weight.ndim:
        raise ValueError(f"spectral_norm: expected dim in 0..{weight.ndim - 1}, but got {dim}. It counts the outputs.")
    weight = hook.take(module)
    module.register_parameter(f"{name}_orig", weight)
    setattr(module, name, weight.detach())
    for part, size in zip(hook.parts()[1:], as_matrix(weight.data, dim).shape, strict=True):
        module.register_buffer(part, unit(generator().standard_normal(size), eps).astype(weight.dtype))
    module.register_forward_pre_hook(hook)
    return module


def remove_spectral_norm(module: M, name: str = "weight") -> M:
    """Make a weight that `spectral_norm` computes a parameter again.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> layer = nn.utils.remove_spectral_norm(nn.utils.spectral_norm(nn.Linear(3, 2)))
    >>> [name for name, _ in layer.named_parameters()]
    ['bias', 'weight']
    """
    return _remove(module, SpectralNorm, name)
