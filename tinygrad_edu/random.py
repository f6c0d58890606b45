"""Randomness: samples as tensors, and the one generator of the process that everything draws from."""

from .generator import generator, get_rng_state, get_state, manual_seed, replayed, seeded, set_rng_state, set_state
from .sampling import gumbel_softmax, normal, rand, randint, randn, randperm, uniform

__all__ = [
    "generator",
    "get_rng_state",
    "get_state",
    "gumbel_softmax",
    "manual_seed",
    "normal",
    "rand",
    "randint",
    "randn",
    "randperm",
    "replayed",
    "seeded",
    "set_rng_state",
    "set_state",
    "uniform",
]
