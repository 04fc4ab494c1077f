"""``python -m smartcut.cli``: the command line."""

from smartcut.cli import main

main()
