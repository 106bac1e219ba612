"""How long deciding on names takes at a publication: `python -m tests.bench.bench_identities STORE [STATE]`.

STORE is one that `tests.bench.bench_views` made. Prints the seconds and the peak memory of deciding on all names (which leaves
its state in STATE, a folder beside the store if none is named), then after a change of one report, of one in a hundred, and of one with new
names. Each runs in a process of its own. Nothing is published.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from pipeline.alignment.decisions import Decisions
from pipeline.database import parquet_rows, working_connection
from pipeline.identities import NAME_TABLES, identify

CASES = ("all", "one", "hundredth", "new")
RENAMED = {
    "reports": "* REPLACE (NULL AS fund_id, '未曾有过的专项资金' AS fund_name)",
    "indicators": "* REPLACE (NULL AS indicator_id, '未曾有过的' || name AS name)",
}
SAME = {"reports": "* REPLACE (NULL AS fund_id)", "indicators": "* REPLACE (NULL AS indicator_id)"}


def main(arguments: list[str]) -> None:
    """Runs all cases, or the one that is named."""
    store = Path(arguments[0])
    state = Path(arguments[1]) if len(arguments) > 1 else store / "bench-state"
    if len(arguments) > 2:
        measure(store, state, arguments[2])
        return
    for case in CASES:
        subprocess.run([sys.executable, "-m", __spec__.name, str(store), str(state), case], check=True)


def measure(store: Path, state: Path, case: str) -> None:
    """Prints one line: the case, seconds, peak memory, and how many reports would be written for their new ids."""
    parquet = (store / "current").resolve() / "parquet"
    with tempfile.TemporaryDirectory() as folder, working_connection(Path(folder) / "spill", 0) as con:
        changed = (
            {"one": "LIMIT 1", "new": "LIMIT 1", "hundredth": "LIMIT (SELECT count(*) // 100 FROM t)"}
        ).get(case, "LIMIT 0")
        reports = parquet_rows(sorted((parquet / "reports").rglob("*.parquet")))
        con.execute(
            f"CREATE TABLE taken AS WITH t AS (SELECT doc_id FROM {reports}) FROM t ORDER BY hash(doc_id) {changed}"
        )
        con.execute("CREATE TABLE gone AS FROM taken")
        for name, columns in (RENAMED if case == "new" else SAME).items():
            rows = parquet_rows(sorted((parquet / name).rglob("*.parquet")))
            con.execute(
                f"CREATE VIEW all_{name} AS SELECT * FROM {rows} WHERE doc_id NOT IN (FROM gone) "
                f"UNION ALL SELECT {columns} FROM {rows} WHERE doc_id IN (FROM taken)"
            )
        for table in NAME_TABLES:
            rows = parquet_rows(sorted((parquet / table.name).rglob("*.parquet")))
            con.execute(f"CREATE VIEW old_{table.name} AS FROM {rows}")
        whole = case == "all"
        if whole and state.exists():
            sys.exit(f"{state} is there already")
        begun, used = time.perf_counter(), time.process_time()
        identify(
            con, Decisions(), state=None if whole else state, new_state=state if whole else Path(folder) / "state",
            whole=whole,
        )  # fmt: skip
        seconds, used = time.perf_counter() - begun, time.process_time() - used
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{case:10} {seconds:7.2f} s, {used:7.2f} s of the processor, {memory:,.0f} MB, {renamed(con)} reports renamed"
        )


def renamed(con: duckdb.DuckDBPyConnection) -> int:
    """Kept reports that have another id now."""
    return int(con.execute("SELECT count(*) FROM renamed").fetchall()[0][0])


if __name__ == "__main__":
    main(sys.argv[1:])
