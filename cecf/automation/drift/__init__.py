"""Drift: what of a stack is not as declared."""
