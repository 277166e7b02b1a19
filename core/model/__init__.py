"""What we value: criteria, bands, weights, tiers, gates, health; in and out of TOML; lint."""
