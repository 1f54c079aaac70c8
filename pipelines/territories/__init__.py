"""Territories: how they are drawn."""
