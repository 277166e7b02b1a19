"""Robustness: how far a tier depends on what is thought of the weights."""
