"""References for ops that move numbers: each element of the result by the place that it comes from."""

import numpy as np


def from_places(a, shape, place):
    """An array of `shape` whose element at an index is that of `a` at ``place(*index)``; 0 where there is no place."""
    found = np.zeros(shape)
    for index in np.ndindex(*shape):
        source = place(*index)
        if source is not None:
            found[index] = a[source]
    return found


def changed(index, axis, new):
    """`index` with another number on one axis."""
    return (*index[:axis], new, *index[axis + 1 :])


def along(a, axis, sources):
    """`a` with the elements ``sources`` of each line along `axis`."""
    shape = changed(a.shape, axis, len(sources))
    return from_places(a, shape, lambda *i: changed(i, axis, sources[i[axis]]))
