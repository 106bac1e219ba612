"""SQL that fills the summary tables of a generation (`schemas.summaries`) from its other tables.

Each statement is one table, for all reports or for those that a publication touches: `pipeline.publishing.scopes` says which, by the
relations that the statements read them from.

    scoped_reports    reports, with `part` 1 where everything on their fund and year is worked out, 2 where only the
                      series of its indicators are, 3 where they are the year before such a one
    scoped_projects   fund_projects of the undertakers that are summed up

Which report speaks for a fund and a year is decided once, in `report_figures.rank`; the
other tables follow it.
"""

from schemas.summaries import (
    FUND_PROJECTS,
    FUND_YEARS,
    INDICATOR_YEARS,
    REPORT_FIGURES,
    UNDERTAKERS,
)
from schemas.view_macros import same_organisation, squeezed
from schemas.vocabulary import WHOLE_FUND

PART_OF_FUND = 0.5
"""A report on less than this share of the largest budget of its fund and year is on a part of the fund: a county's form
does not speak for the fund because it is a self-evaluation, where an evaluation covers the whole."""

_WHOLE_ITEMS = ", ".join(f"'{item}'" for item in WHOLE_FUND)

SHORTEST_NAME = 4
"""Characters of an abbreviation that ends a fund's name: 补助资金 would do for any fund, 农田建设补助资金 does not."""

LONGER_NAME = 6
"""Characters by which the item of a sum may be longer than the fund's name in it: a year, 省级. With more it is a part."""

AGREEING_RATE = 0.5
"""Percentage points between a printed execution rate and that of two sums, for the sums to belong together; two executions
further apart, in percent of the budget, are two statements and not one that was rounded."""

# The total stands alone or over its parts, so it has no parent. A sum that does not name the fund is the total only where
# the report states no other; an execution that does not, only where it stands in the budget's own row, where its
# printed rate is that of the budget, or where it is said of the organisation itself. What remains is not known.
# A report that states another execution of the whole besides is quoted with both: neither is known to be the true one.
_BUDGETS = f"""
WITH named AS (
    SELECT f.*, r.organisation,
           CASE WHEN f.source = 'total' THEN 2
                WHEN f.item IN ({_WHOLE_ITEMS}) OR list_contains(r.fund_other_names, f.item)
                  OR (length(f.item) >= {SHORTEST_NAME} AND suffix(r.fund_name, f.item))
                  OR (contains(f.item, r.fund_name) AND length(f.item) <= length(r.fund_name) + {LONGER_NAME}) THEN 1
                ELSE 0 END AS whole,
           f.table_no IS NOT NULL AS in_table
    FROM funding f JOIN scoped_reports r USING (doc_id, report_no)
    WHERE r.part = 1 AND f.parent_no IS NULL AND f.amount_yuan IS NOT NULL
), parts AS (
    SELECT doc_id, report_no, count(DISTINCT item) AS items
    FROM named WHERE whole = 0 AND measure IN ('budget', 'allocated', 'received', 'initial_budget') GROUP BY ALL
), spent AS (
    SELECT doc_id, report_no, funding_no, table_no, item, source, whole, in_table, amount_yuan, rate,
           location, confidence, organisation
    FROM named WHERE measure = 'executed'
), rows_with_both AS (
    SELECT DISTINCT doc_id, report_no, table_no, item, source FROM spent WHERE in_table
), budgets AS (
    SELECT m.*
    FROM named m
    LEFT JOIN parts p ON p.doc_id = m.doc_id AND p.report_no = m.report_no
    LEFT JOIN rows_with_both b
      ON b.doc_id = m.doc_id AND b.report_no = m.report_no AND b.table_no = m.table_no
     AND b.item IS NOT DISTINCT FROM m.item AND b.source IS NOT DISTINCT FROM m.source
    WHERE (m.measure IN ('budget', 'allocated', 'received', 'initial_budget') AND (m.whole > 0 OR p.items = 1))
       OR (m.measure = 'other' AND m.whole > 0)
    QUALIFY row_number() OVER (
        PARTITION BY m.doc_id, m.report_no
        ORDER BY m.whole DESC,
                 list_position(['budget', 'allocated', 'received', 'initial_budget', 'other'], m.measure),
                 b.doc_id IS NOT NULL DESC, m.in_table DESC, m.amount_yuan DESC, m.funding_no
    ) = 1
), executions AS (
    SELECT s.*
    FROM spent s LEFT JOIN budgets b USING (doc_id, report_no)
    WHERE s.whole > 0
       OR (s.table_no = b.table_no AND s.item = b.item AND s.source IS NOT DISTINCT FROM b.source)
       OR abs(s.rate - 100 * s.amount_yuan / nullif(b.amount_yuan, 0)) <= {AGREEING_RATE}
       OR contains(s.organisation, s.item) OR contains(s.item, s.organisation)
    QUALIFY row_number() OVER (
        PARTITION BY s.doc_id, s.report_no
        ORDER BY coalesce(s.table_no IS NOT DISTINCT FROM b.table_no AND s.item = b.item, false) DESC,
                 s.whole DESC, s.in_table DESC, s.amount_yuan DESC, s.funding_no
    ) = 1
), others AS (
    SELECT s.*
    FROM spent s
    JOIN executions e USING (doc_id, report_no)
    LEFT JOIN budgets b USING (doc_id, report_no),
    LATERAL (SELECT abs(s.rate - 100 * s.amount_yuan / nullif(b.amount_yuan, 0)) <= {AGREEING_RATE}
                    AND s.amount_yuan > 0 AS of_budget,
                    100 * abs(s.amount_yuan - e.amount_yuan) / nullif(coalesce(b.amount_yuan, e.amount_yuan), 0) AS apart) AS o
    WHERE s.funding_no <> e.funding_no AND coalesce(s.source, 'total') = 'total'
      AND (s.whole > 0 OR o.of_budget)
      AND (o.apart > {AGREEING_RATE}
           OR abs(s.rate - coalesce(e.rate, 100 * e.amount_yuan / nullif(b.amount_yuan, 0))) > {AGREEING_RATE})
    QUALIFY row_number() OVER (
        PARTITION BY s.doc_id, s.report_no
        ORDER BY coalesce(o.of_budget, false) DESC, s.whole DESC, o.apart DESC NULLS LAST, s.funding_no
    ) = 1
)"""

# An indicator in two completion tables of a report is met where both say so.
_COUNTS = """
counts AS (
    SELECT doc_id, report_no, count(*) AS completed, count(*) FILTER (met) AS met, count(met) AS judged
    FROM (
        SELECT doc_id, report_no, bool_and(is_met) AS met
        FROM indicators JOIN (SELECT doc_id, report_no FROM scoped_reports WHERE part = 1) USING (doc_id, report_no)
        WHERE record = 'completion'
        GROUP BY doc_id, report_no, coalesce(indicator_id, name)
    )
    GROUP BY ALL
)"""

# The reports of a fund and year are ranked; those of the first one's organisation may speak for it where it is silent.
_REPORT_FIGURES = f"""
{_BUDGETS}, {_COUNTS}, figures AS (
    SELECT r.doc_id, r.report_no, r.fund_id, r.fiscal_year, r.report_type, {squeezed("r.organisation")} AS organisation,
           coalesce(r.fiscal_year_from < r.fiscal_year, false) AS several_years,
           coalesce(r.confidence, b.confidence, s.confidence) IS NOT NULL AS recognised,
           b.funding_no AS budget_no, b.amount_yuan AS budget_yuan, b.measure AS budget_measure,
           b.location AS budget_location,
           s.funding_no AS executed_no, s.amount_yuan AS executed_yuan, s.location AS executed_location,
           round(100 * s.amount_yuan / nullif(b.amount_yuan, 0), 2) AS rate,
           coalesce(s.rate, b.rate) AS reported_rate,
           o.funding_no AS other_no, o.amount_yuan AS other_yuan, o.rate AS other_rate, o.location AS other_location,
           c.completed, c.met, c.judged
    FROM (FROM scoped_reports WHERE part = 1) r
    LEFT JOIN budgets b USING (doc_id, report_no)
    LEFT JOIN executions s USING (doc_id, report_no)
    LEFT JOIN others o USING (doc_id, report_no)
    LEFT JOIN counts c USING (doc_id, report_no)
), largest AS (
    SELECT fund_id, fiscal_year, max(budget_yuan) AS yuan
    FROM figures WHERE NOT several_years AND budget_yuan IS NOT NULL GROUP BY ALL
), ranked AS (
    SELECT f.*,
           CASE WHEN f.fund_id IS NOT NULL THEN row_number() OVER (
               PARTITION BY f.fund_id, f.fiscal_year
               ORDER BY f.several_years,
                        f.report_type = 'target_form',
                        f.budget_yuan IS NULL OR f.executed_yuan IS NULL,
                        coalesce(f.budget_yuan < {PART_OF_FUND} * l.yuan, false),
                        CASE WHEN f.report_type IN ('transfer_self_evaluation', 'self_evaluation') THEN 1
                             WHEN f.report_type = 'self_evaluation_form' THEN 2
                             WHEN f.report_type = 'third_party_evaluation' THEN 3
                             WHEN f.report_type = 'department_evaluation' THEN 4
                             ELSE 5 END,
                        f.budget_yuan DESC NULLS LAST, f.recognised, f.doc_id, f.report_no
           ) END AS rank
    FROM figures f
    LEFT JOIN largest l ON l.fund_id = f.fund_id AND l.fiscal_year IS NOT DISTINCT FROM f.fiscal_year
), principals AS (
    SELECT fund_id, fiscal_year, organisation FROM ranked WHERE rank = 1
)
SELECT f.* EXCLUDE (report_type, organisation, several_years, recognised),
       f.rank = 1 OR {same_organisation("f.organisation", "p.organisation")} AS same_organisation
FROM ranked f
LEFT JOIN principals p ON p.fund_id = f.fund_id AND p.fiscal_year IS NOT DISTINCT FROM f.fiscal_year
ORDER BY ALL
"""

_FUND_YEARS = """
SELECT f.fund_id, f.fiscal_year,
       arg_min(f.doc_id, f.rank) AS doc_id, arg_min(f.report_no, f.rank) AS report_no,
       count(*) AS reports,
       arg_min(r.total_score, f.rank) FILTER (f.same_organisation) AS score,
       arg_min(f.doc_id, f.rank) FILTER (f.same_organisation AND r.total_score IS NOT NULL) AS score_doc_id,
       arg_min(f.report_no, f.rank) FILTER (f.same_organisation AND r.total_score IS NOT NULL) AS score_report_no,
       arg_min(r.grade, f.rank) FILTER (f.same_organisation) AS grade,
       arg_min(f.doc_id, f.rank) FILTER (f.same_organisation AND r.grade IS NOT NULL) AS grade_doc_id,
       arg_min(f.report_no, f.rank) FILTER (f.same_organisation AND r.grade IS NOT NULL) AS grade_report_no,
       arg_min(f.doc_id, f.rank) FILTER (f.same_organisation AND f.completed > 0) AS count_doc_id,
       arg_min(f.report_no, f.rank) FILTER (f.same_organisation AND f.completed > 0) AS count_report_no
FROM report_figures f JOIN scoped_reports r USING (doc_id, report_no)
WHERE r.part = 1 AND f.fund_id IS NOT NULL
GROUP BY f.fund_id, f.fiscal_year
ORDER BY ALL
"""

# The row that speaks for an indicator and year: one of the principal report's organisation, then one with an actual value,
# of the report first in rank, read from a completion table before a sentence before a score table. One number holds this
# order, so that three million rows are grouped and not sorted: 2**21 reports of a fund and year, 2**30 rows of a report.
# What an evaluation looks at (立项依据充分性) has neither target nor actual value, and no series.
_INDICATOR_YEARS = f"""
WITH spoken AS (
    SELECT r.fund_id, i.indicator_id, r.fiscal_year, r.part, count(*) AS records,
           arg_min(i.rowid, (CASE WHEN f.same_organisation THEN 0 WHEN f.same_organisation IS NULL THEN 1 ELSE 2 END::BIGINT << 61)
               + CASE WHEN i.actual_text IS NULL THEN 1::BIGINT << 60 ELSE 0 END
               + (least(f.rank, (1 << 21) - 1)::BIGINT << 32)
               + (list_position(['completion', 'narrative', 'score', 'target'], i.record)::BIGINT << 30)
               + least(i.indicator_no, (1 << 30) - 1)) AS row_id
    FROM indicators i
    JOIN scoped_reports r USING (doc_id, report_no)
    JOIN report_figures f USING (doc_id, report_no)
    WHERE i.indicator_id IS NOT NULL AND r.fund_id IS NOT NULL
      AND (i.actual_text IS NOT NULL OR i.target_text IS NOT NULL)
    GROUP BY r.fund_id, i.indicator_id, r.fiscal_year, r.part
), reporters AS (
    SELECT r.doc_id, r.report_no, {squeezed("r.organisation")} AS organisation, f.same_organisation
    FROM scoped_reports r JOIN report_figures f USING (doc_id, report_no)
), valued AS (
    SELECT s.fund_id, s.indicator_id, s.fiscal_year, i.doc_id, i.report_no, i.indicator_no, s.records, i.record,
           i.name, i.level1, i.level2, i.target_op, i.target_text, i.actual_text, i.completion_rate, i.is_met, i.reason, i.location,
           CASE WHEN n.unit_kind IS NOT NULL AND n.unit_factor > 0 THEN n.unit
                ELSE coalesce(i.actual_unit, i.target_unit) END AS unit,
           -- a value of another kind than the series' has no number in its unit
           CASE WHEN n.unit_kind IS NOT NULL AND n.unit_factor > 0 THEN
                    CASE WHEN i.unit_kind = n.unit_kind THEN round(i.target_base_value / n.unit_factor, 6) END
                WHEN i.target_unit IS NOT DISTINCT FROM coalesce(i.actual_unit, i.target_unit) THEN i.target_value
           END AS target_value,
           CASE WHEN n.unit_kind IS NOT NULL AND n.unit_factor > 0 THEN
                    CASE WHEN i.unit_kind = n.unit_kind THEN round(i.actual_base_value / n.unit_factor, 6) END
                ELSE i.actual_value
           END AS actual_value,
           r.organisation, r.same_organisation, s.part
    FROM spoken s
    JOIN indicators i ON i.rowid = s.row_id
    JOIN reporters r ON r.doc_id = i.doc_id AND r.report_no = i.report_no
    LEFT JOIN indicator_names n ON n.indicator_id = s.indicator_id
)
SELECT v.* EXCLUDE (organisation, part),
       CASE WHEN p.unit IS NOT DISTINCT FROM v.unit THEN p.target_value END AS previous_target,
       CASE WHEN p.unit IS NOT DISTINCT FROM v.unit THEN p.actual_value END AS previous_actual,
       p.indicator_id IS NOT NULL AS has_previous,
       NOT {same_organisation("p.organisation", "v.organisation")} AS previous_differs
FROM valued v
LEFT JOIN valued p
  ON p.fund_id = v.fund_id AND p.indicator_id = v.indicator_id AND p.fiscal_year = v.fiscal_year - 1
WHERE v.part < 3
ORDER BY ALL
"""

# The same project, undertaker and amount in two reports of a fund and year is one project; two such rows within one
# report are two. Without an undertaker two forms may well list 设备购置 of their own.
_FUND_PROJECTS = """
WITH listed AS (
    SELECT p.doc_id, p.report_no, p.project_no, p.amount_yuan, r.fund_id, r.fiscal_year, f.rank,
           regexp_replace(p.name, '\\s', '', 'g') AS name,
           nullif(translate(regexp_replace(p.undertaker, '[\\s　]', '', 'g'), '()', '（）'), '') AS undertaker
    FROM projects p
    JOIN (FROM scoped_reports WHERE part = 1) r USING (doc_id, report_no)
    JOIN report_figures f USING (doc_id, report_no)
), keyed AS (
    SELECT *,
           CASE WHEN fund_id IS NULL OR undertaker IS NULL THEN doc_id END AS only_doc_id,
           CASE WHEN fund_id IS NULL OR undertaker IS NULL THEN report_no END AS only_report_no,
           row_number() OVER (
               PARTITION BY doc_id, report_no, name, undertaker, amount_yuan ORDER BY project_no
           ) AS copy
    FROM listed
), one_each AS (
    SELECT fund_id, fiscal_year, name, undertaker, amount_yuan, copy, count(*) AS reports,
           arg_min({'d': doc_id, 'r': report_no, 'p': project_no}, (coalesce(rank, 0), doc_id, report_no)) AS place
    FROM keyed
    GROUP BY fund_id, fiscal_year, name, undertaker, amount_yuan, copy, only_doc_id, only_report_no
)
SELECT fund_id, fiscal_year, o.undertaker, o.amount_yuan, reports,
       place.d AS doc_id, place.r AS report_no, place.p AS project_no,
       p.name, p.category, p.location
FROM one_each o
JOIN projects p ON p.doc_id = place.d AND p.report_no = place.r AND p.project_no = place.p
ORDER BY fiscal_year, fund_id, doc_id, report_no, project_no
"""

_UNDERTAKERS = """
WITH by_fund AS (
    SELECT p.undertaker, p.fund_id, any_value(n.name) AS name, list(DISTINCT p.fiscal_year) AS years,
           count(*) AS projects, round(sum(p.amount_yuan), 2) AS yuan,
           min({
               'less': -coalesce(p.amount_yuan, -1), 'y': coalesce(p.fiscal_year, 0), 'f': coalesce(p.fund_id, ''),
               'd': p.doc_id, 'r': p.report_no, 'p': p.project_no
           }) AS largest
    FROM scoped_projects p LEFT JOIN funds n ON n.fund_id = p.fund_id
    WHERE p.undertaker IS NOT NULL
    GROUP BY p.undertaker, p.fund_id
), summed AS (
    SELECT undertaker, count(fund_id) AS funds, string_agg(name, '、' ORDER BY name) AS fund_names,
           list_sort(list_distinct(flatten(list(years)))) AS years,
           sum(projects)::BIGINT AS projects, round(sum(yuan), 2) AS amount_yuan, min(largest) AS largest
    FROM by_fund GROUP BY undertaker
)
SELECT undertaker, funds, fund_names, len(years) AS years, years[1] AS first_year, years[-1] AS last_year,
       projects, amount_yuan, largest.d AS doc_id, largest.r AS report_no, largest.p AS project_no
FROM summed
ORDER BY undertaker
"""

_FILLED_BY = {
    REPORT_FIGURES: _REPORT_FIGURES,
    FUND_YEARS: _FUND_YEARS,
    INDICATOR_YEARS: _INDICATOR_YEARS,
    FUND_PROJECTS: _FUND_PROJECTS,
    UNDERTAKERS: _UNDERTAKERS,
}
"""In the order in which they are filled: each may read those before it."""


def summary_statements() -> dict[str, str]:
    """By the name of the summary table: SQL that adds the rows of its scope, to be run in this order."""
    return {t.name: f'INSERT INTO "{t.name}" BY NAME {sql}' for t, sql in _FILLED_BY.items()}
