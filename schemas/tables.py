"""How a dataclass declares a table of the store.

A record's dataclass is its table: each field carries its Chinese name, meaning and unit
(`column`), and its annotation gives the type. From the resulting `TableSchema` come the
Arrow schema, the DuckDB DDL with comments, the Chinese view and the data dictionary.
"""

import inspect
import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from typing import Any, Union, get_args, get_origin, get_type_hints

import pyarrow as pa

_SCALARS: dict[type, tuple[pa.DataType, str]] = {
    int: (pa.int64(), "BIGINT"),
    float: (pa.float64(), "DOUBLE"),
    str: (pa.string(), "VARCHAR"),
    bool: (pa.bool_(), "BOOLEAN"),
    datetime: (pa.timestamp("us"), "TIMESTAMP"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, Chinese name, meaning, unit (None where it has none) and type."""

    name: str
    chinese: str
    description: str
    unit: str | None
    arrow: pa.DataType
    duckdb: str

    @property
    def comment(self) -> str:
        """What DuckDB stores as the column's COMMENT."""
        return f"{self.chinese}: {self._meaning}"

    @property
    def view_comment(self) -> str:
        """The COMMENT of the same column in the Chinese view."""
        return f"{self.name}: {self._meaning}"

    @property
    def _meaning(self) -> str:
        return f"{self.description}; unit: {self.unit}" if self.unit else self.description


@dataclass(frozen=True, slots=True)
class TableSchema:
    """A table of the store. `key` names the columns that tell its rows apart, in sort order;
    `by_year` says that its Parquet files are partitioned by fiscal year."""

    name: str
    chinese: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    by_year: bool

    @property
    def arrow(self) -> pa.Schema:
        """The Arrow schema of the table."""
        return pa.schema([pa.field(c.name, c.arrow) for c in self.columns])

    def ddl(self) -> list[str]:
        """SQL statements that make the table with its comments and its Chinese view."""
        view = ", ".join(f'"{c.name}" AS "{c.chinese}"' for c in self.columns)
        return [
            *self.table_ddl(),
            f'CREATE VIEW "{self.chinese}" AS SELECT {view} FROM "{self.name}"',
            f'COMMENT ON VIEW "{self.chinese}" IS {sql_text(f"{self.name}: {self.description}")}',
            *(
                f'COMMENT ON COLUMN "{self.chinese}"."{c.chinese}" IS {sql_text(c.view_comment)}'
                for c in self.columns
            ),
        ]

    def table_ddl(self) -> list[str]:
        """SQL statements that make the table with its comments."""
        body = ", ".join(f'"{c.name}" {c.duckdb}' for c in self.columns)
        return [
            f'CREATE TABLE "{self.name}" ({body})',
            f'COMMENT ON TABLE "{self.name}" IS {sql_text(f"{self.chinese}: {self.description}")}',
            *(f'COMMENT ON COLUMN "{self.name}"."{c.name}" IS {sql_text(c.comment)}' for c in self.columns),
        ]


def column(chinese: str, description: str, unit: str | None = None) -> Any:
    """A dataclass field that is a column; its default is None (an empty tuple for lists)."""
    return field(default=None, metadata={"chinese": chinese, "description": description, "unit": unit})


def list_column(chinese: str, description: str) -> Any:
    """A dataclass field that is a column of lists; its default is the empty tuple."""
    return field(default=(), metadata={"chinese": chinese, "description": description, "unit": None})


def declared(record: type, name: str, chinese: str, description: str, *, key: Iterable[str]) -> TableSchema:
    """The table that the dataclass `record` declares.

    Column order: the key, the record's own fields, then the inherited ones (where it stands).
    Raises TypeError for an annotation that has no column type.
    """
    key = tuple(key)
    hints = get_type_hints(record)
    own = set(inspect.get_annotations(record))
    order = sorted(fields(record), key=lambda f: (_rank(f.name, key), f.name not in own))
    columns = tuple(
        Column(
            f.name,
            f.metadata["chinese"],
            f.metadata["description"],
            f.metadata["unit"],
            *_types(hints[f.name]),
        )
        for f in order
    )
    return TableSchema(name, chinese, description, key, columns, by_year="report_no" in key)


def to_arrow(schema: TableSchema, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows as an Arrow table of `schema`. Values of nested dataclasses become structs."""
    columns: dict[str, list[Any]] = {c.name: [] for c in schema.columns}
    for row in rows:
        for name, values in columns.items():
            values.append(_plain(row[name]))
    arrays = [pa.array(columns[c.name], type=c.arrow) for c in schema.columns]
    return pa.Table.from_arrays(arrays, schema=schema.arrow)


def field_values(record: Any) -> dict[str, Any]:
    """A record's fields by name, values as they are."""
    return {f.name: getattr(record, f.name) for f in fields(record)}


def _rank(name: str, key: tuple[str, ...]) -> int:
    return key.index(name) if name in key else len(key)


def _types(annotation: Any) -> tuple[pa.DataType, str]:
    origin, args = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return _types(next(a for a in args if a is not type(None)))
    if origin is tuple:
        arrow, sql = _types(args[0])
        return pa.list_(arrow), f"{sql}[]"
    if is_dataclass(annotation) or _is_named_tuple(annotation):
        members = {name: _types(hint) for name, hint in get_type_hints(annotation).items()}
        struct = pa.struct([pa.field(name, arrow) for name, (arrow, _) in members.items()])
        return struct, "STRUCT(" + ", ".join(f'"{name}" {sql}' for name, (_, sql) in members.items()) + ")"
    if origin is not None and args and isinstance(args[0], str):  # Literal["…"]
        return _SCALARS[str]
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    raise TypeError(f"no column type for {annotation!r}")


def _is_named_tuple(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, tuple) and hasattr(annotation, "_fields")


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        if hasattr(value, "_asdict"):
            return {k: _plain(v) for k, v in value._asdict().items()}
        return [_plain(v) for v in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {k: _plain(v) for k, v in field_values(value).items()}
    return value


def sql_text(text: str) -> str:
    """`text` as an SQL string."""
    return "'" + text.replace("'", "''") + "'"
