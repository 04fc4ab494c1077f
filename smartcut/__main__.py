"""``python -m smartcut``: the command line."""

from smartcut.cli import main

main()
