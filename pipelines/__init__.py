"""groma: from local open data to certified, comparable city indicators. `docs/architecture.md` shows the house."""
