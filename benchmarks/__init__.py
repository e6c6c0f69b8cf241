"""How fast the playground is, measured on real processes: `make bench`."""
