"""What a notebook imports in one line: `from pipeline.notebook import alt, open_store`.

`open_store` finds the store and gives a read-only DuckDB connection: `.sql(…).df()` for pandas, `.to_arrow_table()` for
Arrow. `alt` is Altair, whose charts become pictures (SVG) in the kernel: every viewer of notebooks shows those, without
JavaScript and without a network. Needs the extra `notebooks`.
"""

import os
from pathlib import Path
from typing import Any

import duckdb

from pipeline import database
from pipeline.generations import DATABASE
from schemas.errors import StoreError, UsageError

try:
    import altair as alt
    import pandas as pd
    import vl_convert
    from IPython.core.getipython import get_ipython
except ModuleNotFoundError as error:
    raise UsageError(
        f"notebooks need the package {error.name}; install it with: pip install -c constraints.txt '.[notebooks]'"
    ) from error

__all__ = ["alt", "find_store", "open_store"]

STORE_VARIABLE = "JIXIAO_STORE"
"""The environment variable that names the store's folder."""

FONTS = (
    "'Noto Sans CJK SC', 'Source Han Sans SC', 'Noto Sans SC', 'Microsoft YaHei', 'PingFang SC', 'Hiragino Sans GB', "
    "'WenQuanYi Micro Hei', SimHei, sans-serif"
)
"""One Chinese font of every system. The first one here measures labels, the first one there draws them."""

COLOURS = ["#1f5a94", "#e08214", "#4d9a6a", "#8a4f8e", "#b8423a", "#6b6b6b", "#2aa1b3", "#a8861c"]
"""Told apart on screen, by colour-blind readers and, by lightness, the first three in black-and-white print."""

SHADES = ["#eaf1f8", "#b7cfe6", "#6f9fcb", "#2f6ca8", "#123e6b"]
"""From little to much: darker is more, in print too."""

SHOWN_ROWS = 200
"""Rows of a table that a notebook shows and keeps; the rest is in the frame."""

LABEL_PIXELS = 520
"""Longest axis label, about 43 Chinese characters: longer names are cut with …, and stand whole in the table beside."""


def find_store() -> Path:
    """The folder of the store: what JIXIAO_STORE names, else the first `data` with a store in it, from the
    working folder upwards. Raises StoreError where there is none."""
    if named := os.environ.get(STORE_VARIABLE):
        return Path(named)
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "data" / DATABASE).exists():
            return folder / "data"
    raise StoreError(
        f"no folder data with a store in it at or above {here}; make one with: jixiao ingest FOLDER, "
        f"or name the store's folder in the environment variable {STORE_VARIABLE}"
    )


def open_store(path: Path | str | None = None, generation: int | None = None) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the store in the folder `path`, or to that which `find_store` finds.

    Otherwise as `pipeline.open_store`. Raises StoreError where there is no store.
    """
    return database.open_store(find_store() if path is None else path, generation)


_TEXT = {"labelFontSize": 12, "titleFontSize": 12, "labelColor": "#222222", "titleColor": "#444444"}
_TEXT_LIMIT = {"titleFontWeight": "normal", "labelLimit": LABEL_PIXELS, "titleLimit": 0}

_CONFIG: Any = {
    "background": "white",
    "font": FONTS,
    "view": {"continuousWidth": 560, "continuousHeight": 280, "stroke": "#cccccc"},
    "title": {
        "anchor": "start", "frame": "bounds", "offset": 12,
        "fontSize": 15, "subtitleFontSize": 12, "subtitleColor": "#555555",
    },
    "axis": _TEXT | _TEXT_LIMIT | {"labelPadding": 5, "labelFlush": False, "labelSeparation": 8, "titlePadding": 10, "gridColor": "#e4e4e4"},
    "axisX": {"labelAngle": 0},
    "axisQuantitative": {"labelOverlap": True},
    "legend": _TEXT | _TEXT_LIMIT,
    "header": _TEXT | _TEXT_LIMIT,
    "mark": {"color": COLOURS[0]},
    "line": {"strokeWidth": 2.5},
    "point": {"size": 60, "filled": True},
    "text": {"fontSize": 12},
    "range": {"category": COLOURS, "heatmap": SHADES, "ramp": SHADES},
}  # fmt: skip
"""What Vega-Lite's defaults get wrong for reports in Chinese: fonts, years on their side, names cut short."""


def _picture(spec: dict[str, Any], **_: Any) -> dict[str, str]:
    """A chart's specification as what notebooks keep: an SVG picture, and its title where only text is shown.

    Data by address are refused: a chart shows what the store holds.
    """
    version = alt.SCHEMA_VERSION.rpartition(".")[0]  # v6.4 of v6.4.1
    svg = vl_convert.vegalite_to_svg(spec, vl_version=version, allowed_base_urls=[])
    title = spec.get("title") or "图"
    return {"image/svg+xml": svg, "text/plain": title["text"] if isinstance(title, dict) else title}


def _table(frame: Any) -> str:
    """A frame as HTML: nulls empty, no row numbers, at most SHOWN_ROWS rows in a box that scrolls."""
    named = any(name is not None for name in frame.index.names)
    shown = frame.head(SHOWN_ROWS)
    rows = shown.apply(_without_na).to_html(index=named, na_rep="", border=0)
    more = f"<p>共 {len(frame)} 行，只显示前 {SHOWN_ROWS} 行。</p>" if len(frame) > SHOWN_ROWS else ""
    return f'<div class="jixiao-rows" style="max-height: 32em; overflow: auto">{rows}</div>{more}'


def _without_na(column: Any) -> Any:
    """A column whose nulls print as nothing. Where not all of it is floats or text, pandas writes <NA> and None for
    them, whatever it is told."""
    kind = column.dtype
    if (
        pd.api.types.is_object_dtype(kind)
        or pd.api.types.is_integer_dtype(kind)
        or pd.api.types.is_bool_dtype(kind)
    ):
        return column.astype(object).where(column.notna(), "")
    return column


def _set_up() -> None:
    """How charts and tables look, for this process: the first import does it once."""
    alt.theme.register("jixiao", enable=True)(lambda: {"config": _CONFIG})
    alt.renderers.register("jixiao", _picture)
    alt.renderers.enable("jixiao")
    pd.set_option("display.max_colwidth", None)  # sources and places are read to their end
    pd.set_option("display.float_format", "{:.10g}".format)  # 2024 and 91.05, not 2024.0 and 9.105e+01
    if (shell := get_ipython()) and shell.display_formatter:
        shell.display_formatter.formatters["text/html"].for_type(pd.DataFrame, _table)


_set_up()
