"""State dicts to and from files: one safetensors file each, checked, never a pickle."""

from .saving import load, metadata, save

__all__ = ["load", "metadata", "save"]
