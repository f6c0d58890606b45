import numpy as np

import tinygrad_edu as tg
from tests.ops.rows_indexing import CUBE, indices, numbered
from tests.ops.table import Row, call
from tinygrad_edu.testing.strategies import arrays


def setitem(a, v, index):
    """The places that `index` names, written one by one."""
    found = a.copy()
    places = numbered(index)
    for k, value in zip(places.flat, np.broadcast_to(v, places.shape).flat, strict=True):
        found[np.unravel_index(k, CUBE)] = value
    return found


parts = indices.flatmap(lambda i: call(arrays(CUBE), arrays(numbered(i).shape), index=i))
repeated = indices.flatmap(lambda i: call(arrays(CUBE), arrays(numbered(i).shape[-1:]), index=i))

ROWS = [
    Row(tg.setitem, setitem, parts),
    Row(tg.setitem, setitem, repeated, "one value for many places"),
]
