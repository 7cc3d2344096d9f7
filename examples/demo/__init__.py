"""The whole of Plumbline in one run: train, serve, score over HTTP, show what was found. `make demo`."""
