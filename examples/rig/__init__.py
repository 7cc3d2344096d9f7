"""A simulated pump circuit: what `make demo` trains on, and a realistic source of clean and faulty sensor data."""
