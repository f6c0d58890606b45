"""Why a gradient is None, zero, huge or NaN, and where numbers stop being finite."""

from .why import why

__all__ = ["why"]
