"""Fuzzing of the readers and the archive openers: `python -m tests.fuzz READER --minutes 60`."""
