"""Which reports and undertakers the summary tables are worked out for: all, or those that a publication touches.

Besides the relations that `pipeline.publishing.summaries` reads, for a publication:

    touched(fund_id, fiscal_year)           funds and years with a report that came, went or has another id
    touched_series(fund_id, fiscal_year)    those, and those with an indicator whose unit changed; and the year after each,
                                            whose rows quote the year before
    touched_undertakers(undertaker)         whose projects came or went, or are of a fund with another name
"""

import duckdb

_ALL = (
    "CREATE TEMP VIEW scoped_reports AS SELECT *, 1 AS part FROM jixiao.main.reports",
    "CREATE TEMP VIEW scoped_projects AS FROM jixiao.main.fund_projects",
)

_BEFORE = (
    """CREATE TEMP TABLE touched AS
    SELECT DISTINCT fund_id, fiscal_year FROM reports
    WHERE fund_id IS NOT NULL
      AND (doc_id IN (FROM gone) OR (doc_id, report_no) IN (SELECT doc_id, report_no FROM renamed))""",
)
"""While the database holds the rows of the previous generation."""

_SCOPES = (
    """CREATE TEMP TABLE came AS
    SELECT doc_id, report_no FROM reports WHERE doc_id IN (FROM taken) UNION SELECT doc_id, report_no FROM renamed""",
    """INSERT INTO touched
    SELECT r.fund_id, r.fiscal_year
    FROM (SELECT doc_id, report_no, fund_id, fiscal_year FROM reports) r SEMI JOIN came USING (doc_id, report_no)
    WHERE fund_id IS NOT NULL EXCEPT FROM touched""",
    """CREATE TEMP TABLE touched_series AS
    WITH asked AS (
        FROM touched
        UNION SELECT fund_id, fiscal_year FROM indicator_years WHERE indicator_id IN (FROM changed_units)
    )
    FROM asked UNION SELECT fund_id, fiscal_year + 1 FROM asked""",
    """CREATE TEMP TABLE scoped AS
    SELECT r.doc_id, r.report_no,
           CASE WHEN c.doc_id IS NOT NULL OR t.fund_id IS NOT NULL THEN 1 WHEN s.fund_id IS NOT NULL THEN 2 ELSE 3 END AS part
    FROM (SELECT doc_id, report_no, fund_id, fiscal_year FROM reports) r
    LEFT JOIN came c ON c.doc_id = r.doc_id AND c.report_no = r.report_no
    LEFT JOIN touched t ON t.fund_id = r.fund_id AND t.fiscal_year IS NOT DISTINCT FROM r.fiscal_year
    LEFT JOIN touched_series s ON s.fund_id = r.fund_id AND s.fiscal_year IS NOT DISTINCT FROM r.fiscal_year
    LEFT JOIN touched_series n ON n.fund_id = r.fund_id AND n.fiscal_year = r.fiscal_year + 1
    WHERE c.doc_id IS NOT NULL OR t.fund_id IS NOT NULL OR s.fund_id IS NOT NULL OR n.fund_id IS NOT NULL""",
    """CREATE TEMP TABLE scoped_reports AS
    SELECT r.*, s.part FROM (SELECT * EXCLUDE (places) FROM reports) r JOIN scoped s USING (doc_id, report_no)""",
)

_OF_TOUCHED = (
    "FROM touched t WHERE t.fund_id = {0}.fund_id AND t.fiscal_year IS NOT DISTINCT FROM {0}.fiscal_year"
)

_TOUCHED_PROJECTS = f"""doc_id IN (FROM gone) OR (doc_id, report_no) IN (SELECT doc_id, report_no FROM came)
    OR EXISTS ({_OF_TOUCHED.format("fund_projects")})"""

_DELETIONS = (
    """CREATE TEMP TABLE touched_undertakers AS
    SELECT DISTINCT undertaker FROM fund_projects
    WHERE undertaker IS NOT NULL
      AND (fund_id IN (FROM changed_names) OR """
    + _TOUCHED_PROJECTS
    + ")",
    "DELETE FROM report_figures WHERE " + _TOUCHED_PROJECTS.replace("fund_projects", "report_figures"),
    "DELETE FROM fund_projects WHERE " + _TOUCHED_PROJECTS,
    f"DELETE FROM fund_years WHERE EXISTS ({_OF_TOUCHED.format('fund_years')})",
    f"""DELETE FROM indicator_years
    WHERE EXISTS ({_OF_TOUCHED.format("indicator_years").replace("touched t", "touched_series t")})""",
)

_UNDERTAKERS = (
    "INSERT INTO touched_undertakers SELECT DISTINCT undertaker FROM fund_projects "
    f"WHERE undertaker IS NOT NULL AND ({_TOUCHED_PROJECTS}) EXCEPT FROM touched_undertakers",
    "DELETE FROM undertakers WHERE undertaker IN (FROM touched_undertakers)",
    "CREATE TEMP VIEW scoped_projects AS "
    "FROM jixiao.main.fund_projects WHERE undertaker IN (FROM temp.main.touched_undertakers)",
)


def scope_all(con: duckdb.DuckDBPyConnection) -> None:
    """Everything is worked out, in a database whose summary tables are empty."""
    _run(con, _ALL)


def note_touched(con: duckdb.DuckDBPyConnection) -> None:
    """Notes what is touched by rows that are still to go: those of the temporary tables gone(doc_id) and
    renamed(doc_id, report_no)."""
    _run(con, _BEFORE)


def scope_changes(con: duckdb.DuckDBPyConnection) -> None:
    """Once the rows have gone and come: takes the touched rows out of the summary tables of funds and indicators, and says
    what is worked out. Reads the temporary tables taken(doc_id), changed_units(indicator_id), changed_names(fund_id)."""
    _run(con, (*_SCOPES, *_DELETIONS))


def scope_undertakers(con: duckdb.DuckDBPyConnection) -> None:
    """The same for undertakers, once their projects are worked out."""
    _run(con, _UNDERTAKERS)


def _run(con: duckdb.DuckDBPyConnection, statements: tuple[str, ...]) -> None:
    for statement in statements:
        con.execute(statement)
