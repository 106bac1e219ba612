"""The commands of `jixiao`, and what they print."""
