"""SQL of the alignment of funds; see `pipeline.alignment.state` for state_… tables."""

NODE_COLUMNS = {
    "fund_id": "VARCHAR", "key": "VARCHAR", "scope": "VARCHAR", "printed": "VARCHAR", "first": "VARCHAR", "home": "VARCHAR",
    "core": "VARCHAR", "stated": "VARCHAR[]", "years": "BIGINT[]", "organisations": "VARCHAR[]",
    "slot_organisations": "VARCHAR[]", "slot_years": "BIGINT[]", "slot_types": "VARCHAR[]", "indicators": "VARCHAR[]",
    "reports": "BIGINT",
}  # fmt: skip

_MENTION = """
    doc_id, report_no, row_number() OVER (ORDER BY doc_id, report_no){after} AS report_key, fund_name, fund_other_names,
    report_type, organisation, fiscal_year_from, fiscal_year, fund_id AS previous
"""

MATCH_COLUMNS = {
    "fund_id": "VARCHAR", "other_id": "VARCHAR", "one": "BIGINT", "other": "BIGINT", "score": "DOUBLE", "reason": "VARCHAR",
    "decided_by": "VARCHAR", "never": "BOOLEAN",
}  # fmt: skip


def touched_mentions(which: str, after: str = "") -> str:
    """The reports that an SQL condition holds for, numbered in order."""
    return f"SELECT {_MENTION.format(after=after)} FROM all_reports WHERE {which}"


WITH_NAMES = """
    CREATE TABLE named_mentions AS WITH names AS (
        SELECT m.report_key, list(DISTINCT i.name ORDER BY i.name) AS names
        FROM aligned_rows i JOIN mentions m USING (doc_id, report_no) WHERE m.fund_name IS NOT NULL GROUP BY m.report_key
    )
    SELECT report_key, doc_id || ':' || report_no, fund_name, fund_other_names, report_type, organisation, fiscal_year_from,
           fiscal_year, previous, names
    FROM mentions LEFT JOIN names USING (report_key)
"""

LOST = """
    CREATE TABLE touched_funds AS
    SELECT fund_id FROM old_funds o LEFT JOIN (
        SELECT fund_id, count(*) AS reports FROM all_reports WHERE doc_id NOT IN (FROM taken) GROUP BY fund_id
    ) n USING (fund_id) WHERE coalesce(n.reports, 0) <> o.reports
"""
"""Kept reports have the funds of the previous generation: what counts fewer of them has lost some."""

TAKEN_NAMES = """
    SELECT fund_name, organisation, doc_id || ':' || report_no FROM all_reports
    WHERE doc_id IN (FROM taken) AND fund_name IS NOT NULL
"""

CANDIDATES = """
    CREATE TABLE near_funds AS
    WITH RECURSIVE shared AS (
        SELECT fund_id, sign, common FROM state_fund_signs JOIN fund_signs USING (sign)
    ), near AS (
        SELECT fund_id FROM shared WHERE NOT common
        UNION SELECT fund_id FROM shared WHERE sign IN (
            SELECT sign FROM shared GROUP BY sign HAVING count(*) <= {common}
        )
        UNION FROM touched_funds
        UNION SELECT fund_id FROM state_fund_nodes WHERE core IN (
            SELECT core FROM state_fund_nodes WHERE fund_id IN (FROM touched_funds)
        )
        UNION SELECT other_id FROM state_fund_ties t JOIN near n ON n.fund_id = t.fund_id
    )
    SELECT DISTINCT fund_id FROM near WHERE fund_id NOT IN (FROM touched_funds)
"""

KNOWN_MATCHES = """
    SELECT one, other, score, reason, decided_by, never FROM state_fund_matches
    WHERE fund_id IN (FROM near_funds) AND other_id IN (FROM near_funds)
"""

STIRRED_CORES = "SELECT DISTINCT core FROM state_fund_nodes WHERE fund_id IN (FROM touched_funds)"

ELSEWHERE_FORMS = """
    SELECT DISTINCT first, home FROM state_fund_nodes WHERE core IN (FROM cores)
    AND fund_id NOT IN (FROM near_funds) AND fund_id NOT IN (FROM touched_funds) ORDER BY ALL
"""

ELSEWHERE_SIGNS = """
    SELECT sign, count(*) FROM state_fund_signs WHERE sign IN (FROM all_signs)
    AND fund_id NOT IN (FROM near_funds) AND fund_id NOT IN (FROM touched_funds) GROUP BY sign
"""

ADD_MENTIONS = f"""
    CREATE TABLE more_mentions AS {
    touched_mentions(
        "fund_id IN (FROM changed_funds) AND fund_id NOT IN (FROM touched_funds) AND doc_id NOT IN (FROM taken)",
        " + (SELECT coalesce(max(report_key), 0) FROM mentions)",
    )
};
    INSERT INTO mentions FROM more_mentions
"""

KEPT_FUNDS = """
    SELECT * FROM old_funds WHERE {kept} AND fund_id NOT IN (FROM redone_funds)
"""
KEPT_ALIASES = """
    SELECT * FROM old_fund_aliases WHERE {kept} AND fund_id NOT IN (FROM redone_funds)
"""
FUND_QUESTIONS = "SELECT 'fund' AS subject, name, other, score, reason FROM kept_fund_asked"
