"""What a generation writes: buckets of Parquet, the DuckDB file, summaries and the index of words."""
