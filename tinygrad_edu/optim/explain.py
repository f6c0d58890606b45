"""What each feature of an optimizer adds to its step."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np

# A name for each feature, and the settings, or the state, with which it is off.
Features = Mapping[str, Callable[[Any], Mapping[str, Any]]]

ALWAYS: int = 10**9  # a step so late that no correction for the start is left

Update = Callable[[np.ndarray, np.ndarray, dict[str, Any], Any], None]


def parts(
    update: Update, features: Features, p: np.ndarray, g: np.ndarray, state: Mapping[str, Any], settings: Any
) -> dict[str, np.ndarray]:
    """What the bare gradient, its scaling, and each of `features` contribute to the next change of `p`.

    The step is tried on copies: with all features off, then with one more each time. What a trial adds to the one
    before is the part of that feature, so the parts sum to the change, whatever the rule is.
    """
    direction = 1 if getattr(settings, "maximize", False) else -1
    changes = {"gradient": direction * getattr(settings, "lr", 1.0) * g.astype(np.float64)}
    off = [name for name in features if not _is_off(features[name](settings), settings)]
    for name, left in [("scale", off), *((name, off[i + 1 :]) for i, name in enumerate(off))]:
        changes[name] = _change(update, p, g, state, settings, [features[each](settings) for each in left])
    added = [after - before for before, after in pairwise(changes.values())]
    return dict(zip(changes, [changes["gradient"], *added], strict=True))


def _is_off(overrides: Mapping[str, Any], settings: Any) -> bool:
    """Whether the settings already are those with which a feature is off."""
    return all(getattr(settings, key, None) == value for key, value in overrides.items())


def _change(
    update: Update,
    p: np.ndarray,
    g: np.ndarray,
    state: Mapping[str, Any],
    settings: Any,
    overrides: list[Mapping[str, Any]],
) -> np.ndarray:
    """The change of `p` in one step with `overrides`, in float64; nothing is altered."""
    trial, new_state, new = p.copy(), copy.deepcopy(dict(state)), SimpleNamespace(**vars(settings))
    for key, value in (pair for each in overrides for pair in each.items()):
        if hasattr(new, key):
            setattr(new, key, value)
        else:
            new_state[key] = value
    update(trial, g, new_state, new)
    change: np.ndarray = trial.astype(np.float64) - p
    return change
