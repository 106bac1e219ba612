"""Many files -> one store. `open_store` gives a read-only DuckDB connection to it."""

from pipeline.database import open_store

__all__ = ["open_store"]
