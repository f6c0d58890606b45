"""Why a gradient is None, zero, huge or NaN, and where numbers stop being finite."""

from .anomaly import detect_anomaly
from .why import why

__all__ = ["detect_anomaly", "why"]
