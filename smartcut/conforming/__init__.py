"""A finished film back to the cut that it was rendered from: which source shows when in it.

:mod:`thumbs` makes small pictures of everything, :mod:`search` finds alike ones, :mod:`lines`
joins those into stretches at one speed, :mod:`path` chooses among these, :mod:`fitting` makes them
exact, :mod:`building` writes the cut.
"""
