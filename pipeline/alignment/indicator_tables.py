"""SQL of the alignment of indicators: what the scopes tell each other, and the rows of the catalogue.

`drafts` are the clusters of the scopes that are decided anew on their way to an id; see `pipeline.alignment.state` for kept_… and
new_… tables.
"""

DRAFT_COLUMNS = {
    "no": "BIGINT", "scope": "VARCHAR", "text": "VARCHAR", "kind": "VARCHAR", "clean": "VARCHAR", "content": "VARCHAR",
    "free": "BOOLEAN", "records": "BIGINT", "total": "BIGINT", "stricts": "VARCHAR[]", "heard": "VARCHAR[]",
    "cleans": "VARCHAR[]",
}  # fmt: skip

WORDS = """
    SELECT word, count(*), count(*) FILTER (added) FROM (
        SELECT word, added FROM kept_words UNION ALL SELECT word, added FROM new_words
    ) GROUP BY word HAVING bool_or(added)
"""
CONTRASTS = """
    SELECT DISTINCT one, other FROM (
        SELECT one, other FROM kept_contrasts UNION ALL SELECT one, other FROM new_contrasts
    ) WHERE one IN (FROM asked_words) AND other IN (FROM asked_words)
"""

MEETING = """
    CREATE VIEW free_entries AS
    SELECT scope, text, kind, clean, content, records, heard FROM kept_entries WHERE free
    UNION ALL SELECT scope, text, kind, clean, content, records, heard FROM drafts WHERE free;

    CREATE TABLE own_keys AS SELECT DISTINCT text, kind, content FROM drafts WHERE free;

    CREATE TABLE near_keys AS
    SELECT text, kind FROM own_keys
    UNION SELECT e.text, e.kind FROM free_entries e
        JOIN (SELECT DISTINCT kind, content FROM own_keys WHERE content <> '') o USING (kind, content)
    UNION SELECT unnest(heard), kind FROM drafts WHERE free AND len(heard) > 1
    UNION SELECT e.text, e.kind FROM (
        SELECT text, kind, unnest(heard) AS strict FROM kept_entries WHERE free AND len(heard) > 1
    ) e JOIN own_keys o ON o.text = e.strict AND o.kind = e.kind
    UNION SELECT e.text, e.kind FROM free_entries e JOIN own_keys o USING (text);

    CREATE TABLE settled AS
    SELECT text, kind, any_value(coalesce(family_text, text)) AS label, any_value(coalesce(family_kind, kind)) AS label_kind
    FROM kept_entries WHERE free GROUP BY ALL;

    CREATE TABLE keys AS
    SELECT text, kind FROM near_keys
    UNION SELECT s.text, s.kind FROM settled s JOIN (
        SELECT label, label_kind FROM settled JOIN near_keys USING (text, kind)
        UNION SELECT text, kind FROM near_keys
    ) l ON l.label = s.label AND l.label_kind = s.label_kind;
"""
"""Which main names of all funds the new ones may meet: those of the same words, those that some fund takes for the
same, those of another kind, and all that stands for one indicator with one of these already."""

HEADS = """
    SELECT text, kind, arg_min(clean, (-records, clean)), count(DISTINCT scope)
    FROM free_entries JOIN keys USING (text, kind) GROUP BY ALL ORDER BY ALL
"""
SETTLED = "SELECT text, kind, label, label_kind FROM settled JOIN keys USING (text, kind) ORDER BY ALL"
HEARD = """
    SELECT e.kind, [e.text] || list_filter(e.heard, lambda strict: strict <> e.text) FROM free_entries e
    JOIN keys USING (text, kind) WHERE len(e.heard) > 1 OR e.heard[1] <> e.text ORDER BY ALL
"""
SIDE_BY_SIDE = """
    SELECT p.no, count(DISTINCT a.scope) FROM pairs p
    JOIN free_entries a ON a.text = p.text AND a.kind = p.kind
    JOIN free_entries b ON b.text = p.other AND b.kind = p.other_kind AND b.scope = a.scope
    GROUP BY p.no
"""

HOLDERS = """
    SELECT indicator_id, coalesce(family_text, text) AS label, coalesce(family_kind, kind) AS label_kind, sum(records), sum(total),
           list_distinct(flatten(list(cleans))), list_distinct(flatten(list(stricts)))
    FROM kept_entries e
    WHERE indicator_id IN (FROM likely) OR (coalesce(family_text, text), coalesce(family_kind, kind)) IN (FROM meeting)
    GROUP BY ALL ORDER BY ALL
"""

ENTRIES = """
    CREATE TABLE new_entries AS SELECT d.*, i.indicator_id, i.family_text, i.family_kind
    FROM drafts d JOIN ids i USING (no)
"""

NAMED = """
    CREATE TABLE touched_ids AS
    SELECT indicator_id FROM new_entries
    UNION SELECT indicator_id FROM state_entries WHERE scope IN (FROM redone_scopes);

    CREATE TABLE use_ids AS
    SELECT u.use_no, o.entry_no, o.name_no, e.indicator_id, u.scope, u.fund_id, u.name, u.unit_kind, u.units, u.level2,
           coalesce(u.level2_inferred, false) AS level2_inferred, u.records,
           list_min(u.years) AS first_year, list_max(u.years) AS last_year
    FROM uses u JOIN use_of o USING (use_no) JOIN new_entries e ON e.no = o.entry_no;

    CREATE VIEW touched_uses AS
    SELECT indicator_id, name, unit_kind, records, last_year, level2, level2_inferred, units FROM kept_uses
    WHERE indicator_id IN (FROM touched_ids)
    UNION ALL BY NAME
    SELECT indicator_id, name, unit_kind, records, last_year, level2, level2_inferred, units FROM use_ids;

    CREATE TABLE indicator_texts AS
    SELECT indicator_id, arg_min(name, (-records, -latest, length(name), name)) AS name, list(name ORDER BY name) AS names
    FROM (
        SELECT indicator_id, name, sum(records)::BIGINT AS records, max(coalesce(last_year, 0)) AS latest FROM touched_uses
        GROUP BY ALL
    ) GROUP BY indicator_id;

    CREATE TABLE indicator_kinds AS
    SELECT indicator_id, arg_max(kind, (records, kind)) AS kind FROM (
        SELECT indicator_id, kind, records FROM kept_entries WHERE indicator_id IN (FROM touched_ids)
        UNION ALL SELECT indicator_id, kind, records FROM new_entries
    ) GROUP BY indicator_id;

    CREATE TABLE indicator_units AS
    SELECT indicator_id, arg_min(unit, (-records, unit)) AS unit FROM (
        SELECT indicator_id, u.unit, sum(u.records)::BIGINT AS records FROM (
            SELECT indicator_id, unnest(units) AS u FROM touched_uses JOIN indicator_kinds k USING (indicator_id)
            WHERE coalesce(unit_kind, '') = k.kind
        ) GROUP BY ALL
    ) GROUP BY indicator_id;

    CREATE TABLE indicator_levels AS
    SELECT indicator_id, arg_min(level2, (level2_inferred, -records, level2)) AS level2 FROM (
        SELECT indicator_id, level2_inferred, level2, sum(records)::BIGINT AS records FROM touched_uses
        WHERE level2 IS NOT NULL GROUP BY ALL
    ) GROUP BY indicator_id;
"""

INDICATOR_OF = """
    CREATE TABLE indicator_of AS SELECT scope, name, unit_kind, indicator_id FROM use_ids;

    CREATE TABLE new_uses AS SELECT u.*, r.reason, r.score, r.decided_by
    FROM use_ids u JOIN reasons r ON r.entry_no = u.entry_no AND r.name_no = u.name_no;

    CREATE TABLE new_asked AS
    SELECT q.scope, q.fund_id, q.name, q.other, q.score, q.reason FROM questions q
    JOIN ids a ON a.no = q.one_no JOIN ids b ON b.no = q.other_no WHERE a.indicator_id <> b.indicator_id;
"""

INDICATOR_NAMES = """
    SELECT indicator_id, t.name, level2, nullif(k.kind, '') AS unit_kind, u.unit, f.factor AS unit_factor,
           list_filter(t.names, lambda n: n <> t.name) AS aliases
    FROM indicator_texts t JOIN indicator_kinds k USING (indicator_id) LEFT JOIN indicator_units u USING (indicator_id)
    LEFT JOIN indicator_levels USING (indicator_id) LEFT JOIN factors f ON f.unit = u.unit
    UNION ALL BY NAME
    SELECT indicator_id, name, level2, unit_kind, unit, unit_factor, aliases FROM old_indicator_names
    WHERE {kept} AND indicator_id NOT IN (FROM touched_ids)
    ORDER BY indicator_id
"""

INDICATOR_ALIASES = """
    WITH uses AS (
        SELECT indicator_id, fund_id, name, unit_kind, reason, score, decided_by, first_year, last_year, records
        FROM new_uses
        UNION ALL BY NAME
        SELECT indicator_id, fund_id, name, unit_kind, reason, score, decided_by, first_year, last_year, records
        FROM kept_uses
    )
    FROM uses WHERE fund_id IS NOT NULL
    UNION ALL BY NAME (
        SELECT indicator_id, NULL AS fund_id, name, unit_kind, arg_max(reason, rank) AS reason, arg_max(score, rank) AS score,
               arg_max(decided_by, rank) AS decided_by, min(first_year) AS first_year, max(last_year) AS last_year,
               sum(records)::BIGINT AS records
        FROM (SELECT *, (records, score, reason) AS rank FROM uses WHERE fund_id IS NULL) GROUP BY indicator_id, name, unit_kind
    )
    ORDER BY indicator_id, fund_id, name, unit_kind
"""
"""One row for a name that several unknown funds have; the reason of the one with most rows."""

INDICATOR_QUESTIONS = """
    SELECT 'indicator' AS subject, fund_id, name, other, max(score) AS score, arg_max(reason, (score, reason)) AS reason
    FROM (
        SELECT fund_id, name, other, score, reason FROM new_asked
        UNION ALL BY NAME SELECT fund_id, name, other, score, reason FROM kept_asked
    ) GROUP BY fund_id, name, other ORDER BY ALL
"""
