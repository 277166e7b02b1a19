"""How we decide: what one choice changes against another."""
