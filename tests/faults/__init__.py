"""What a run must survive, as a program: `python -m tests.faults`."""
