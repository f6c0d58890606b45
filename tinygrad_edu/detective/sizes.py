"""Why a gradient is zero, tiny, huge or not finite: the steps of the backward pass that made it so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..contributions import Gradients, Parts
from ..engine import is_tensor
from . import finite
from .case import Case, Finding

TINY, HUGE = 1e-7, 1e3  # root mean squares beyond which a gradient is called so
_MOST = 3  # findings of a kind
_SATURATING = ("sigmoid", "tanh", "softplus", "logsigmoid", "gelu", "silu", "elu", "exp", "expm1")
_SMALLER = "Make the numbers that reach it smaller: standardize the inputs, start from smaller weights, or use relu."
_PRODUCTS = ("multiply", "matmul", "linear", "dot", "inner", "einsum", "tensordot", "outer")
_CENTRED = ("softmax", "log_softmax", "standardize", "standardize_affine")


@dataclass(eq=False)
class Flow:
    """A backward pass: the history of the loss, newest first, all gradients, and what each use adds."""

    case: Case
    nodes: Sequence[Any]
    gradients: Gradients
    parts: Parts

    def __post_init__(self) -> None:
        found = {self.case.t}  # what leads to t
        for node in reversed(self.nodes):
            if any(is_tensor(x) and x in found and (node, i) in self.parts for i, x in enumerate(node.inputs)):
                found.add(node)
        self.steps = [(node, i, part) for (node, i), part in self.parts.items() if node.inputs[i] in found]

    def findings(self) -> Iterator[Finding]:
        """What is remarkable about the gradient of `t`, and why."""
        g = self.gradients.get(self.case.t)
        if g is None:
            yield self._without_formula()
        elif finite.is_bad(g) or finite.is_bad(self.case.loss):
            yield from self._not_finite()
        elif not g.any():
            yield from self._stopped() or self._cancelled()
        elif (size := rms(g)) < TINY:
            yield from self._cancelled() or self._changed(shrinking=True)
        elif size > HUGE:
            yield from self._changed(shrinking=False)
        else:
            yield from self._partly_zero(g)

    def _without_formula(self) -> Finding:
        t = self.case.t
        users = [node.op.__name__ for node in self.nodes if any(x is t for x in node.inputs)]
        return Finding(
            f"every way from {self.case.called(t)} to the loss goes through an argument that has no derivative"
            + (f", of {users[0]}" if users else ""),
            "Labels, indices and masks have no gradient; pass what shall be learned as another argument.",
        )

    def _not_finite(self) -> Iterator[Finding]:
        case = self.case
        for node in reversed(self.nodes):  # oldest first
            leaf = node.op is None
            for x in (node, *node.inputs) if leaf else node.inputs:
                if finite.is_bad(x) and (not is_tensor(x) or x.op is None) and not np.isinf(finite.array_of(x)).all():  # type: ignore[arg-type]
                    array = finite.array_of(x)
                    yield Finding(
                        f"{case.called(x) if is_tensor(x) else 'an input'} itself holds {finite.found_at(array)}",  # type: ignore[arg-type]
                        "Clean the data (nan_to_num), or look at what wrote it: a step with a learning rate too large.",
                    )
                    return
            if not leaf and finite.starts_here(node, node.inputs):
                given = finite.operands(node.op, node.inputs, node.shape, finite.first_bad(node.data))
                yield Finding(
                    f"{case.op(node)} gave {finite.found_at(node.data)}, from {given}",
                    finite.value_cure(node.op, node.inputs),
                )
                return
        found = finite.first_bad_part(self.gradients, self.parts)
        if found is not None:
            node, i = found
            yield Finding(f"{case.op(node)} {finite.passes(node, i, self.parts[found])}", finite.gradient_cure(node.op))

    def _stopped(self) -> list[Finding]:
        """The steps at which a gradient arrives and nothing passes."""
        found = [(node, i) for node, i, part in self.steps if self.gradients[node].any() and not part.any()]
        return [self._flat(node, i, "passes nothing on") for node, i in found[:_MOST]]

    def _cancelled(self) -> list[Finding]:
        """Tensors whose gradient is the sum of parts that add up to (nearly) nothing."""
        found = []
        for node in dict.fromkeys(node.inputs[i] for node, i, _ in self.steps):
            uses = [(user, part) for user, i, part in self.steps if user.inputs[i] is node]
            if len(uses) > 1 and 1e-6 * max(rms(part) for _, part in uses) > rms(self.gradients[node]):
                users = " and ".join(dict.fromkeys(self.case.op(user) for user, _ in reversed(uses)))
                found.append(
                    Finding(
                        f"the {len(uses)} paths through {users} cancel at {self.case.called(node)}: each brings a "
                        f"gradient of size {finite.shown(rms(uses[0][1]), 3)}, and together they are 0",
                        "It may be a minimum; or the loss does not depend on it, as a - a does not depend on a.",
                    )
                )
        return found[:_MOST]

    def _flat(self, node: Any, i: int, what: str) -> Finding:
        """Why so little comes through input `i` of `node`."""
        name, op, x = node.op.__name__, self.case.op(node), node.inputs[i]
        here = finite.operands(node.op, [x], x.shape, (0,) * x.ndim) if node.size == 1 else _range(x)
        if name == "relu" and not node.data.any():
            return Finding(
                f"{op} {what}: all {node.size} numbers that reach it are 0 or below, its units are dead",
                "Use a smaller learning rate, a positive bias, or leaky_relu, which is nowhere flat.",
            )
        if name in _PRODUCTS:
            for other in node.inputs:
                array = finite.array_of(other)
                if other is not x and array is not None and not array.any():
                    return Finding(
                        f"{op} {what}: its other factor is all zero",
                        "Start from small random numbers instead of zeros: tg.nn.init has the usual ones.",
                    )
        if x.size < node.size and (node.op.kind == "elementwise" or (name == "linear" and i == 2)):
            return Finding(
                f"{op} {what}: {self.case.called(x)} is used for all samples, and their gradients add up to 0",
                "A bias before a normalization has no effect, as the mean is taken away: leave it out, bias=False.",
            )
        if name in _CENTRED:
            return Finding(
                f"{op} {what}: it takes out what is common to all of its elements, and the gradient is nothing else",
                "Do not sum its output; and leave out a bias before a normalization, which takes it away.",
            )
        if name in _SATURATING:
            return Finding(f"{op} {what}: it is saturated, flat where its inputs are ({here})", _SMALLER)
        if node.op.kind == "selection":
            return Finding(
                f"{op} {what}: it has chosen no element of {self.case.called(x)} that matters",
                "Look at the condition, the index or the bounds.",
            )
        return Finding(f"{op} {what}: its derivative is 0 there ({here})", "Look at the numbers that reach it.")

    def _changed(self, shrinking: bool) -> list[Finding]:
        """The steps that shrink, or enlarge, a gradient most; by its length, so that a mean over n is no shrinking."""
        ratios = []
        for node, i, part in self.steps:
            arriving, passing = _length(self.gradients[node]), _length(part)
            if arriving and passing:
                ratios.append((passing / arriving, node, i))
        ratios.sort(key=lambda each: each[0], reverse=not shrinking)
        worst = [each for each in ratios if (each[0] < 0.05 if shrinking else each[0] > 20)][:_MOST]
        found = []
        for ratio, node, i in worst:
            if shrinking:
                found.append(self._flat(node, i, f"lets {finite.shown(ratio, 3)} of what arrives pass"))
            else:
                given = finite.operands(node.op, node.inputs, node.shape, finite.first_bad(node.data))
                found.append(
                    Finding(
                        f"{self.case.op(node)} makes it {finite.shown(ratio, 3)} times larger ({given})",
                        "Make these numbers smaller, average instead of summing, or clip the gradients.",
                    )
                )
        if not found and ratios:
            step = float(np.exp(np.mean(np.log([ratio for ratio, _, _ in ratios]))))
            found.append(
                Finding(
                    f"many steps multiply: of {len(ratios)}, each lets {finite.shown(step, 3)} pass on average",
                    "Use fewer steps, residual connections, normalization, or weights scaled to their fan-in.",
                )
            )
        return found

    def _partly_zero(self, g: Any) -> Iterator[Finding]:
        zeros = int(g.size - np.count_nonzero(g))
        for node, _, part in self.steps:
            if zeros and node.op.__name__ == "relu" and node.ndim == 2 and part.any():
                dead = int(np.count_nonzero(~node.data.any(axis=0)))
                if dead:
                    yield Finding(
                        f"{zeros} of its {g.size} elements are zero: {dead} of the {node.shape[1]} units of "
                        f"{self.case.op(node)} are dead",
                        "Use a smaller learning rate, a positive bias, or leaky_relu.",
                    )
                    return


def rms(array: Any) -> float:
    """The root of the mean square."""
    return _length(array) / float(np.sqrt(max(np.size(array), 1)))


def _length(array: Any) -> float:
    return float(np.linalg.norm(np.asarray(array, np.float64).reshape(-1)))


def _range(x: Any) -> str:
    return f"from {finite.shown(x.data.min())} to {finite.shown(x.data.max())}"
