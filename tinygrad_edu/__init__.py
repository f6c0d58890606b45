"""tinygrad_edu: an autograd engine on NumPy, to understand, check and use backpropagation."""

from typing import TYPE_CHECKING

from . import memory, ops, random
from .allocator import keep_freed_memory
from .context import enable_grad, is_grad_enabled, no_grad
from .creation import (
    arange,
    as_tensor,
    empty,
    empty_like,
    eye,
    full,
    full_like,
    geomspace,
    identity,
    linspace,
    logspace,
    ones,
    ones_like,
    tri,
    zeros,
    zeros_like,
)
from .derivatives import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from .dtypes import default_dtype, get_default_dtype, set_default_dtype
from .engine import differentiable, nondifferentiable
from .generator import get_rng_state, manual_seed, set_rng_state
from .lazy import on_demand
from .marks import classic_gradients
from .memory import detect_writes
from .observe import Event, observe
from .ops import *  # noqa: F403
from .sampling import gumbel_softmax, normal, rand, randint, randn, randperm, uniform
from .tensor import Tensor
from .transforms import checkpoint, vmap

if TYPE_CHECKING:
    from . import data, io, linalg, nn, optim, special, testing, train, viz
    from .detective import detect_anomaly, why
    from .io import load, save

__getattr__ = on_demand(
    __name__,
    modules=["data", "io", "linalg", "nn", "optim", "special", "testing", "train", "viz"],
    names={
        "detect_anomaly": "detective",
        "load": "io",
        "save": "io",
        "why": "detective",
    },
)

__all__ = [
    "Event",
    "Tensor",
    "arange",
    "as_tensor",
    "checkpoint",
    "classic_gradients",
    "data",
    "default_dtype",
    "detect_anomaly",
    "detect_writes",
    "differentiable",
    "empty",
    "empty_like",
    "enable_grad",
    "eye",
    "full",
    "full_like",
    "geomspace",
    "get_default_dtype",
    "get_rng_state",
    "grad",
    "gumbel_softmax",
    "hessian",
    "hvp",
    "identity",
    "io",
    "is_grad_enabled",
    "jacobian",
    "jvp",
    "keep_freed_memory",
    "linalg",
    "linspace",
    "load",
    "logspace",
    "manual_seed",
    "memory",
    "nn",
    "no_grad",
    "nondifferentiable",
    "normal",
    "observe",
    "ones",
    "ones_like",
    "ops",
    "optim",
    "rand",
    "randint",
    "randn",
    "random",
    "randperm",
    "save",
    "set_default_dtype",
    "set_rng_state",
    "special",
    "testing",
    "train",
    "tri",
    "uniform",
    "value_and_grad",
    "viz",
    "vjp",
    "vmap",
    "why",
    "zeros",
    "zeros_like",
]
__all__ += ops.__all__

__version__ = "0.1.0"
