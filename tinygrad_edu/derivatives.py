"""Derivatives as tensors and as functions: gradients, products with Jacobians, whole Jacobians and Hessians.

`grad`, `jacobian` and `hessian` come in two forms. Given a tensor, `grad` asks what it depends on. Given a function,
each answers with, or about, the derivative of the function; the arguments that are differentiated may be tensors,
arrays, numbers, or lists, tuples and dicts of them, and the derivative has the same form.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .calls import Call, Function, Positions, checked_positions, directions, gradients, outside
from .context import enable_grad
from .engine import untracked
from .tensor import Tensor
from .transforms import vmap
from .trees import flatten, rebuild


def grad(
    output: Any,
    inputs: Any = None,
    grad_output: Any = None,
    create_graph: bool = False,
    argnums: Positions = 0,
) -> Any:
    """The gradient of a tensor for other tensors, or of a function as a function.

    Parameters
    ----------
    output : Tensor or callable
        A tensor with a history; or a function that returns one element, and then the result is the function of its
        gradient for the arguments `argnums`.
    inputs : Tensor or sequence of Tensors
        What to differentiate for. The `grad` attributes are not touched.
    grad_output : array_like, optional
        The gradient that arrives at `output`, of its shape; 1 for a single element.
    create_graph : bool
        Whether the gradients get a history themselves, to be differentiated again.
    argnums : int or sequence of ints
        For a function: which of its arguments are differentiated.

    Returns
    -------
    Tensor, list or tuple of Tensors, or callable
        In the form of `inputs`; zeros for an input that `output` does not depend on.

    Raises
    ------
    RuntimeError
        If `output` has no history.
    ValueError
        If an input does not require grad, or a gradient is missing or has another shape.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> x = tg.Tensor(2.0, requires_grad=True)
    >>> dy = tg.grad(x**3, x, create_graph=True)
    >>> float(dy), float(tg.grad(dy, x))
    (12.0, 12.0)
    >>> second = tg.grad(tg.grad(lambda x: x**3))
    >>> float(second(2.0))
    12.0
    """
    if callable(output) and not isinstance(output, Tensor):
        return _function_of_grad(output, argnums if inputs is None else inputs)
    if not isinstance(output, Tensor):
        raise TypeError(
            f"grad: expected a Tensor or a function, but got {type(output).__name__}. "
            f"Compute the output from tensors with requires_grad=True."
        )
    if not output.requires_grad:
        raise RuntimeError(
            f"grad: expected an output with a history, but this one, shape {output.shape}, requires no grad. "
            f"Create the inputs with requires_grad=True, and compute it outside no_grad()."
        )
    single = isinstance(inputs, Tensor)
    if not single and not isinstance(inputs, (list, tuple)):
        raise TypeError(
            f"grad: expected a Tensor, or a list or tuple of Tensors, as inputs, but got {type(inputs).__name__}. "
            f"Write tg.grad(output, x) or tg.grad(output, [w, b])."
        )
    wanted = [inputs] if single else list(inputs)
    for i, x in enumerate(wanted):
        if not isinstance(x, Tensor) or not x.requires_grad:
            shown = f"shape {x.shape} without it" if isinstance(x, Tensor) else type(x).__name__
            raise ValueError(
                f"grad: expected inputs that require grad, but got {shown} at position {i}. "
                f"Set x.requires_grad = True before computing the output."
            )
    found = gradients(output, wanted, grad_output, create_graph)
    return found[0] if single else tuple(found) if isinstance(inputs, tuple) else found


def _function_of_grad(function: Function, argnums: Positions) -> Function:
    gradient = value_and_grad(function, argnums)

    def gradient_of(*args: Any, **kwargs: Any) -> Any:
        """The gradient of a function."""
        return gradient(*args, **kwargs)[1]

    return gradient_of


def value_and_grad(function: Function, argnums: Positions = 0) -> Function:
    """The function that returns ``(function(x), its gradient at x)``.

    Parameters
    ----------
    function : callable
        Returns a Tensor of one element.
    argnums : int or sequence of ints
        Which arguments are differentiated: tensors, arrays, floats, or lists, tuples and dicts of them.

    Returns
    -------
    callable
        The gradient has the form of the argument, or is a tuple of such for several `argnums`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> value, gradient = tg.value_and_grad(lambda p: (p["w"] ** 2).sum())({"w": [1.0, 3.0]})
    >>> float(value), gradient
    (10.0, {'w': Tensor([2., 6.])})
    """

    def value_and_gradient(*args: Any, **kwargs: Any) -> tuple[Tensor, Any]:
        call = Call("grad", function, args, argnums, **kwargs)
        y = call.scalar()
        found = call.pull_back(np.ones(y.shape, y.dtype), create_graph=call.nested)
        return call.value(), call.in_form(outside(found, call.nested))

    return value_and_gradient


def vjp(function: Function, inputs: Any, v: Any = None) -> tuple[Any, Any]:
    """The output of a function, and the product ``v @ J`` with its Jacobian: one backward pass.

    Parameters
    ----------
    function : callable
    inputs : Tensor or tuple
        The argument, or a tuple of all arguments.
    v : array_like, optional
        Of the output's shape; 1 for a single element.

    Returns
    -------
    output, product
        The product has the form of `inputs`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.vjp(lambda x: x**2, tg.Tensor([1.0, 2.0]), [1.0, 10.0])[1]
    Tensor([ 2., 40.])
    """
    args = inputs if isinstance(inputs, tuple) else (inputs,)
    call = Call("vjp", function, args, range(len(args)))
    nested = call.nested or (isinstance(v, Tensor) and v.requires_grad)
    product = outside(call.pull_back(v, create_graph=nested), nested)
    found = call.in_form(product)
    return call.value(), found if isinstance(inputs, tuple) else found[0]


def jvp(function: Function, inputs: Any, v: Any) -> tuple[Any, Tensor]:
    """The output of a function, and the product ``J @ v`` with its Jacobian: the derivative along `v`.

    The product ``u @ J`` is linear in u, and its own gradient in the direction v is ``J @ v``: two backward passes.

    Parameters
    ----------
    function : callable
    inputs : Tensor or tuple
        The argument, or a tuple of all arguments.
    v : array_like or tuple
        The direction, in the form of `inputs`.

    Returns
    -------
    output, product
        Two tensors of the output's shape.

    References
    ----------
    J. Townsend, "A new trick for calculating Jacobian vector products", 2017.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.jvp(lambda x: x**2, tg.Tensor([1.0, 2.0]), [1.0, 10.0])[1]
    Tensor([ 2., 40.])
    """
    args = inputs if isinstance(inputs, tuple) else (inputs,)
    call = Call("jvp", function, args, range(len(args)))
    along_v = directions(call, v if isinstance(inputs, tuple) else (v,))
    y = call.tensor()
    u = untracked(np.zeros(y.shape, y.dtype)).requires_grad_()
    with enable_grad():
        products = call.pull_back(u)
        along: Any = 0.0
        for p, d in zip(products, along_v, strict=True):
            along = along + (p * d).sum()
    (product,) = gradients(along, [u], None, call.nested)
    return call.value(), product


def _as_function(transform: Function, function: Function, argnums: Positions, depth: int) -> Function:
    """`transform`, which takes inputs, as a function of them: ``jacobian(f)(x)`` for ``jacobian(f, x)``."""

    def derivative(*args: Any, **kwargs: Any) -> Any:
        """The derivative of a function."""
        single = not isinstance(argnums, Sequence)
        chosen = checked_positions(transform.__name__, args, argnums)

        def of_chosen(*leaves: Any) -> Any:
            full = list(args)
            for i, x in zip(chosen, leaves, strict=True):
                full[i] = x
            return function(*full, **kwargs)

        found = transform(of_chosen, tuple(args[i] for i in chosen))
        for _ in range(depth if single else 0):
            found = found[0]
        return found

    return derivative


def jacobian(function: Function, inputs: Any = None, argnums: Positions = 0) -> Any:
    """All first derivatives of a function: ``J[i, j]`` is the derivative of output i for input j.

    Without `inputs`, the function of its arguments that returns them for the arguments `argnums`.

    Parameters
    ----------
    function : callable
        Returns a Tensor.
    inputs : Tensor or tuple
        The argument, or a tuple of all arguments.
    argnums : int or sequence of ints
        Without `inputs`: which arguments are differentiated.

    Returns
    -------
    Tensor, or as many as there are inputs, in their form
        Of shape ``(*output.shape, *input.shape)``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.jacobian(lambda x: x**2, tg.Tensor([1.0, 2.0]))
    Tensor([[2., 0.],
            [0., 4.]])
    >>> tg.jacobian(lambda a, x: a * x, argnums=1)(3.0, [1.0, 2.0])
    Tensor([[3., 0.],
            [0., 3.]])
    """
    if inputs is None:
        return _as_function(jacobian, function, argnums, depth=1)
    args = inputs if isinstance(inputs, tuple) else (inputs,)
    call = Call("jacobian", function, args, range(len(args)))
    y = call.tensor()
    if y.size:
        units = np.eye(y.size, dtype=y.dtype).reshape(y.size, *y.shape)
        rows = vmap(lambda unit: call.pull_back(unit, create_graph=call.nested))(units)
    else:
        rows = [untracked(np.zeros((0, *x.shape), x.dtype)) for x in call.arguments]
    whole = [row.reshape(y.shape + x.shape) for row, x in zip(rows, call.arguments, strict=True)]
    found = call.in_form(outside(whole, call.nested))
    return found if isinstance(inputs, tuple) else found[0]


def hessian(function: Function, inputs: Any = None, argnums: Positions = 0) -> Any:
    """All second derivatives of a function of one element.

    Without `inputs`, the function of its arguments that returns them for the arguments `argnums`.

    Parameters
    ----------
    function : callable
        Returns a Tensor of one element.
    inputs : Tensor or tuple
        The argument, or a tuple of all arguments.
    argnums : int or sequence of ints
        Without `inputs`: which arguments are differentiated.

    Returns
    -------
    Tensor, or as many times as many as there are inputs, in their form
        Of shape ``(*x.shape, *x.shape)``; for several inputs ``H[i][j]`` has shape ``(*x_i.shape, *x_j.shape)``,
        where i and j are positions in a tuple or list, or names in a dict.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.hessian(lambda x: (x**3).sum(), tg.Tensor([1.0, 2.0]))
    Tensor([[ 6.,  0.],
            [ 0., 12.]])
    """
    if inputs is None:
        return _as_function(hessian, function, argnums, depth=2)
    gradient = grad(function, argnums=range(len(inputs) if isinstance(inputs, tuple) else 1))

    def part(i: int) -> Function:
        return lambda *args: flatten(gradient(*args))[i]

    return rebuild(inputs, [jacobian(part(i), inputs) for i in range(len(flatten(inputs)))])


def hvp(function: Function, inputs: Any, v: Any) -> tuple[Tensor, Any]:
    """The value of a function of one element, and the product ``H @ v`` of its Hessian, without the Hessian.

    Parameters
    ----------
    function : callable
        Returns a Tensor of one element.
    inputs : Tensor or tuple
        The argument, or a tuple of all arguments.
    v : array_like or tuple
        The direction, in the form of `inputs`.

    Returns
    -------
    output, product
        The product has the form of `inputs`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.hvp(lambda x: (x**3).sum(), tg.Tensor([1.0, 2.0]), [1.0, 10.0])[1]
    Tensor([  6., 120.])
    """
    args = inputs if isinstance(inputs, tuple) else (inputs,)
    call = Call("hvp", function, args, range(len(args)))
    along_v = directions(call, v if isinstance(inputs, tuple) else (v,))
    y = call.scalar()
    with enable_grad():
        along: Any = 0.0
        for g, d in zip(call.pull_back(np.ones(y.shape, y.dtype)), along_v, strict=True):
            along = along + (g * d).sum()
    found = call.in_form(outside(call.pull_back(y=along, create_graph=call.nested), call.nested))
    return call.value(), found if isinstance(inputs, tuple) else found[0]
