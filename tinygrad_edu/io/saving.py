"""`save` and `load`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import files, safetensors, tree

_TREE = "tree"  # the metadata that holds the structure
_OWN = {"sha256", "tinygrad_edu", _TREE}


def save(state: Any, path: files.Path, metadata: Mapping[str, str] | None = None) -> None:
    """Write a state as one safetensors file, whole or not at all.

    Parameters
    ----------
    state : dict
        What `state_dict` of a model, an optimizer or a schedule returns, `tg.random.get_state()`, or dicts, lists and
        tuples of these, of arrays, Tensors, numbers, strings, booleans and None. Tensors and NumPy's scalars come
        back as arrays.
    path : str or PathLike
        Where to; no ending is added. A file that is there stays until the new one is complete on the disk.
    metadata : dict of str to str, optional
        What else to note; `tg.io.metadata` reads it.

    Raises
    ------
    TypeError
        If there is something else in `state`; the error says where. Nothing is written then.
    OSError
        If the file cannot be written. No part of it is left behind.

    Notes
    -----
    A file is never a pickle: loading it runs no code. A dict of arrays by name becomes just that, so PyTorch reads the
    state dict of a model: ``safetensors.torch.load_file(path)``. Arrays deeper down are named by their path,
    ``"model.fc1.weight"``, and the structure around them stands in the metadata, beside a SHA-256 of the whole file.
    An array that is in two places is written twice.

    References
    ----------
    https://huggingface.co/docs/safetensors (the format).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> model = nn.Linear(3, 2)
    >>> optimizer = tg.optim.Adam(model.parameters())
    >>> state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 7}
    >>> tg.save({**state, "random": tg.random.get_state()}, "run.safetensors")
    >>> loaded = tg.load("run.safetensors")
    >>> loaded["epoch"], list(loaded["model"])
    (7, ['weight', 'bias'])
    >>> model.load_state_dict(loaded["model"])
    Incompatible(missing_keys=[], unexpected_keys=[])
    """
    target = files.path_of("save", path)
    arrays, structure = tree.taken_apart(state)
    notes = _checked(metadata or {})
    if structure is not None:
        notes[_TREE] = structure
    files.write(target, safetensors.packed(arrays, notes))


def load(path: files.Path) -> Any:
    """The state that `save` wrote, or the arrays by name of a safetensors file of PyTorch's.

    Parameters
    ----------
    path : str or PathLike
        The file.

    Returns
    -------
    dict
        What was saved, with new arrays, which belong to nobody else. Numbers in bfloat16 become float32, which holds
        them exactly.

    Raises
    ------
    ValueError
        If the file is cut short, damaged or of another kind. A file of `save` is compared with its SHA-256; one
        without is checked as far as the format goes, which sees no altered number.
    OSError
        If there is no such file, or it cannot be read.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.save({"w": tg.ones(2), "betas": (0.9, 0.999)}, "state.safetensors")
    >>> tg.load("state.safetensors")
    {'w': array([1., 1.], dtype=float32), 'betas': (0.9, 0.999)}
    """
    return _read("load", path)[0]


def metadata(path: files.Path) -> dict[str, str]:
    """What `save` was told to note in a file, or what another program noted in it.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.save({"w": tg.ones(2)}, "state.safetensors", metadata={"accuracy": "0.97"})
    >>> tg.io.metadata("state.safetensors")
    {'accuracy': '0.97'}
    """
    notes = _read("metadata", path)[1]
    return {key: value for key, value in notes.items() if key not in _OWN}


def _read(name: str, path: files.Path) -> tuple[Any, dict[str, str]]:
    """The state and all metadata of a file."""
    source = files.path_of(name, path)
    with open(source, "rb") as file:
        raw = file.read()
    try:
        arrays, notes = safetensors.unpacked(raw)
        return tree.put_together(arrays, notes.get(_TREE) if "tinygrad_edu" in notes else None), notes
    except ValueError as error:
        raise ValueError(
            f"{name}: expected a whole safetensors file, but {source!r} {error}. Nothing was loaded; get the file "
            f"again from where it was made."
        ) from None


def _checked(notes: Mapping[str, str]) -> dict[str, str]:
    """The user's metadata, if they are strings under names of their own."""
    for key, value in notes.items():
        if not isinstance(key, str) or not isinstance(value, str):
            raise TypeError(
                f"save: expected strings as metadata, but got {key!r:.40}: {value!r:.40}. Write str(value)."
            )
        if key in _OWN:
            raise ValueError(f"save: expected metadata of other names than {sorted(_OWN)}, but got {key!r}. Rename it.")
    return dict(notes)
