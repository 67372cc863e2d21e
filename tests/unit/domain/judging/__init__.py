"""What judges a generation, and what no generation and no configuration can do to it."""
