"""Numbers of the golden cases as tensors in float64."""

import numpy as np

import tinygrad_edu as tg


def constant(data):
    return tg.Tensor(data, dtype=np.float64)


def leaf(data):
    return tg.Tensor(data, dtype=np.float64, requires_grad=True)
