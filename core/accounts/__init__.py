"""Whom we score: the contract, reading and checking files, books in DuckDB, banding, the profile cube."""
