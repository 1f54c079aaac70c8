"""Typed models of what a workspace declares: sources, standard schemas, indicators. Pure: reads YAML, runs nothing."""
