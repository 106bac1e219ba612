"""Who watches a run: events, progress, logs."""
