"""What follows: scoring, tiers, concentration, health, loss and coverage, from arrays and cubes."""
