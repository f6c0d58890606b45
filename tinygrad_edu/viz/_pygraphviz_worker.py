"""Run as a script in a child process: DOT source on stdin, the picture on stdout, complaints on stderr.

The layout holds the interpreter lock from beginning to end and cannot be interrupted, and the libraries print
from C: a process of its own is what makes the time limit, Ctrl-C and silence possible.  The arguments are the
format and the folder that holds pygraphviz; nothing of the package is imported here.
"""

import sys


def main(picture_format: str, folder: str) -> None:
    """Lay out the source on stdin with ``dot`` and write it to stdout as `picture_format`."""
    sys.path.append(folder)  # an isolated interpreter does not see a user's own site-packages
    import pygraphviz

    graph = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode("utf-8"))
    sys.stdout.buffer.write(graph.draw(format=picture_format, prog="dot"))


if __name__ == "__main__":
    main(*sys.argv[1:])
