"""What groma costs, measured: `make bench` prints the table. Nothing here is a test; a slow machine fails nothing."""
