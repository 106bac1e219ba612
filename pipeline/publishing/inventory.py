"""What Parquet files a generation holds, with their rows: written down beside them, so that the next publication opens
only the files that it changes. A generation of an older jixiao has no list; its files' footers say the same."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.parquet import count_rows, schema_of, write_text
from pipeline.publishing.buckets import Bucket, bucket_at
from schemas.errors import StoreError
from schemas.records import STORE_TABLES
from schemas.tables import TableSchema

INVENTORY = "parquet.json"


@dataclass(frozen=True, slots=True)
class TableFiles:
    """The files of a table: `rows` by the path below `folder`; `is_current` where all have the declared columns;
    `by_year` where they are cut by fiscal year."""

    folder: Path
    rows: Mapping[str, int]
    is_current: bool
    by_year: bool

    def paths(self) -> list[Path]:
        """The files, in the order of their names."""
        return [self.folder / name for name in sorted(self.rows)]

    def buckets(self) -> dict[Bucket, tuple[Path, int]]:
        """The file and the rows of each bucket; files without rows left out."""
        return {
            bucket_at(self.folder / name, by_year=self.by_year): (self.folder / name, rows)
            for name, rows in self.rows.items()
            if rows
        }


def read_inventory(generation: Path | None) -> dict[str, TableFiles]:
    """The files of each table of a generation, none of them where there is no generation."""
    if generation is None:
        return {t.name: TableFiles(Path(), {}, True, t.by_year) for t in STORE_TABLES}
    try:
        found = json.loads((generation / INVENTORY).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {t.name: _files_by_footers(t, generation / "parquet" / t.name) for t in STORE_TABLES}
    except ValueError as error:
        raise StoreError(f"{generation / INVENTORY} is damaged: {error}") from error
    return {
        t.name: TableFiles(
            generation / "parquet" / t.name,
            found["rows"].get(t.name, {}),
            found["schemas"].get(t.name) == _digest(t),
            t.by_year,
        )
        for t in STORE_TABLES
    }


def write_inventory(generation: Path, rows: Mapping[str, Mapping[str, int]]) -> None:
    """Writes down the rows of each file by table and by the path below the table's folder."""
    schemas = {t.name: _digest(t) for t in STORE_TABLES}
    value = {"schemas": schemas, "rows": {name: dict(sorted(found.items())) for name, found in rows.items()}}
    write_text(generation / INVENTORY, json.dumps(value, indent=0, ensure_ascii=False))


def _files_by_footers(table: TableSchema, folder: Path) -> TableFiles:
    files = sorted(folder.rglob("*.parquet"))
    rows = {f.relative_to(folder).as_posix(): count_rows(f) for f in files}
    return TableFiles(folder, rows, all(schema_of(f).equals(table.arrow) for f in files), table.by_year)


def _digest(table: TableSchema) -> str:
    return hashlib.sha256(str(table.arrow).encode()).hexdigest()[:16]
