"""Pictures of the graph behind a tensor."""

from tinygrad_edu.viz.drawing import Drawing

__all__ = ["Drawing"]
