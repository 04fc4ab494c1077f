"""Picks moments: candidates, what each is worth, and the choice under a budget."""
