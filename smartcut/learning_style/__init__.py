"""How films were cut, as settings: pauses, pace, and what was chosen; figures with intervals."""
