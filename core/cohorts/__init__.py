"""Customers by when they started: how they stay and grow, and whether groups of them differ at an equal age."""
