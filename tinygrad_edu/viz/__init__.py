"""Pictures of the graph behind a tensor."""

from ..detective import why
from .derive import derive
from .draw import draw, to_dot
from .drawing import Drawing
from .explain import explain
from .frames import frames
from .ghosts import Ghost
from .graph import Call, Edge, Graph, Node
from .model import Architecture, model
from .record import graph
from .step import Stepper, recording, step
from .to_numpy import to_numpy
from .tree import tree

__all__ = [
    "Architecture",
    "Call",
    "Drawing",
    "Edge",
    "Ghost",
    "Graph",
    "Node",
    "Stepper",
    "derive",
    "draw",
    "explain",
    "frames",
    "graph",
    "model",
    "recording",
    "step",
    "to_dot",
    "to_numpy",
    "tree",
    "why",
]
