"""How fast is it?  ``python -m benchmarks`` measures tinygrad_edu beside NumPy by hand and its peers."""
