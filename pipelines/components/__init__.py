"""Dagster: the same steps as assets, checks, schedules and one job. With `definitions`, the only code that knows it."""
