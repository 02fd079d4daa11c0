"""Holds a model against a live database: what does not fit, and what would make questions slow."""
