"""Imports: read, map, check and stage files (`prepare`), then merge them into the facts (`load`)."""
