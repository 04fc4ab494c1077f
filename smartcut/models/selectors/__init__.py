"""Selectors outside of smartcut: a program, or a language model behind an address."""
