"""The state of an optimizer to and from plain dicts, in PyTorch's structure."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from .checks import Foreign

if TYPE_CHECKING:
    from .optimizer import Optimizer


def packed(optimizer: Optimizer) -> dict[str, Any]:
    """What `Optimizer.state_dict` returns: copies, with positions for parameters."""
    parameters = chain.from_iterable(group["params"] for group in optimizer.param_groups)
    position = {p: i for i, p in enumerate(parameters)}
    state = {
        position[p]: {name: _as_array(value) for name, value in entries.items()}
        for p, entries in optimizer.state.items()
        if entries
    }
    groups = [
        {**copy.deepcopy(_settings(group)), "params": [position[p] for p in group["params"]]}
        for group in optimizer.param_groups
    ]
    return {"state": state, "param_groups": groups}


def _settings(group: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in group.items() if key != "params"}


def _as_array(value: Any) -> Any:
    """An array for every number: a count in float32 as PyTorch has it, a real number with all its digits."""
    if isinstance(value, int | float):
        return np.array(value, np.float32 if isinstance(value, int) else np.float64)
    return copy.deepcopy(value)


def load(optimizer: Optimizer, saved: Mapping[str, Any]) -> None:
    """What `Optimizer.load_state_dict` does: look for all that does not fit, and only then change anything."""
    name = f"{type(optimizer).__name__}.load_state_dict"
    try:
        saved_groups, saved_state = list(saved["param_groups"]), dict(saved["state"])
        labels = [list(group["params"]) for group in saved_groups]
    except (TypeError, KeyError, ValueError) as error:
        raise ValueError(
            f"{name}: expected {{'state': {{...}}, 'param_groups': [{{'params': [...], ...}}]}}, but got "
            f"{type(saved).__name__} {saved!r:.60} ({type(error).__name__}: {error}). Load what state_dict() returned."
        ) from None
    sizes = [len(group["params"]) for group in optimizer.param_groups]
    if sizes != [len(each) for each in labels]:
        raise ValueError(
            f"{name}: expected groups of {sizes} parameters, but got groups of {[len(each) for each in labels]}. "
            f"Build the optimizer with the groups that it had when it was saved."
        )
    problems: list[str] = []
    groups = [_group(optimizer, i, group, saved_groups[i], problems) for i, group in enumerate(optimizer.param_groups)]
    owners = {
        label: (p, group)
        for group, each in zip(groups, labels, strict=True)
        for p, label in zip(group["params"], each, strict=True)
    }
    state = {}
    for label, entries in saved_state.items():
        if label in owners:
            p, group = owners[label]
            template = optimizer.begin(p._data, group)
            state[p] = _state(template, p._data, entries, f"the state of parameter {label!r}", problems)
        else:
            problems.append(f"there is a state of parameter {label!r}, which no group lists")
    if problems:
        raise ValueError(
            f"{name}: expected the state of {type(optimizer).__name__} over these parameters, but "
            f"{'; '.join(problems)}. Load what the same kind of optimizer saved; nothing was changed."
        )
    optimizer.param_groups[:] = groups
    optimizer.state = state


def _group(
    optimizer: Optimizer, i: int, group: Mapping[str, Any], saved: Mapping[str, Any], problems: list[str]
) -> dict[str, Any]:
    """The group `group` with the settings of `saved`."""
    settings = {key: copy.deepcopy(value) for key, value in saved.items() if key not in Foreign.__annotations__}
    for key, default in optimizer.defaults.items():
        if isinstance(settings.get(key), list) and isinstance(default, tuple):
            settings[key] = tuple(settings[key])  # a file may know no tuples
        if key not in settings and not isinstance(default, bool):  # switches that came later are off in older files
            problems.append(f"group {i} has no {key!r}")
    new = {**optimizer.defaults, **settings, **optimizer.fixed, "params": group["params"]}
    if "param_names" in group:
        new.setdefault("param_names", group["param_names"])
    try:
        optimizer.check(new)
    except (TypeError, ValueError) as error:
        problems.append(f"group {i} does not fit: {error}")
    return new


def _state(template: Mapping[str, Any], p: np.ndarray, entries: Any, where: str, problems: list[str]) -> dict[str, Any]:
    """A copy of `entries` in the dtype and layout of the parameter `p`, with all that `template` has."""
    state: dict[str, Any] = {}
    if not isinstance(entries, Mapping):
        problems.append(f"{where} is not a dict but {type(entries).__name__}")
        return state
    problems += [f"{where} has no {key!r}" for key in template if key not in entries]
    for key in [*template, *(key for key in entries if key not in template)]:
        value, example = entries.get(key), template.get(key, p)
        if isinstance(example, list) and isinstance(value, list):
            arrays = [np.array(each, p.dtype) for each in value]
            state[key] = [array if array.ndim else array.item() for array in arrays]
        if value is None or isinstance(value, list):
            continue
        array = np.asarray(value)
        if array.shape != np.shape(example):
            problems.append(f"{key!r} in {where} has shape {array.shape}, not {np.shape(example)}")
        elif isinstance(example, np.ndarray):
            state[key] = np.empty_like(example, p.dtype)
            state[key][...] = array
        else:
            state[key] = type(example)(array.item())
    return state
