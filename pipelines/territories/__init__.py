"""Territories: their reference systems and their outlines."""
