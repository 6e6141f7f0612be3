"""Loads and checks data/model/*.toml into frozen dataclasses."""
