"""Pictures of the graph behind a tensor."""

from .drawing import Drawing
from .graph import Call, Edge, Graph, Node
from .record import graph

__all__ = ["Call", "Drawing", "Edge", "Graph", "Node", "graph"]
