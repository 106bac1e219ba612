"""Macros of the DuckDB file for auditors: questions with a name or a word in them."""

from dataclasses import dataclass

from schemas.tables import sql_text

MONEY_WORDS = ("专项", "补助", "资金", "经费", "项目")
"""What the names of funds end in, and what people leave out or put there."""

SEARCH_RESULTS = 50
"""Chapters that a search gives unless asked for more."""

SEARCH_RANKED = 50_000
"""Chapters whose hits are counted to rank them; of more, those of the latest reports: a word that stands everywhere ranks nothing."""

SEARCH_VERIFIED = 200_000
"""Chapters that are read through for a term that is no word of its own, before the rarest words in it alone must do."""

TERM_LENGTH = 40
"""Characters of a term that are looked for."""

WORD_LENGTH = 12
"""Characters of the longest word that is tried inside a term."""

SHORTEST_CORE = 2
"""Characters that must be left of a fund's name without its money words, for it to be looked for by them."""

SEPARATORS = "　，、；,;“”„‟‘’＂＇「」『』\"'"
"""Signs around and between the terms of a search, besides blanks."""

WIDE = "".join(
    chr(c) for first, last in ("09", "AZ", "az") for c in range(ord(first) + 0xFEE0, ord(last) + 0xFEE1)
)
NARROW = "".join(chr(ord(c) - 0xFEE0) for c in WIDE)
"""Full-width digits and letters, and the same as they are typed."""

SNIPPET_BEFORE, SNIPPET_LENGTH = 30, 100
"""Characters of a chapter shown before the first hit, and in all."""


SQUEEZED = "[\\s　]+"
"""Blanks, the full-width one among them."""


def squeezed(name: str) -> str:
    """SQL: a name without blanks, its brackets full-width, so that two spellings of it are equal; null for an empty one."""
    return f"nullif(translate(regexp_replace({name}, '{SQUEEZED}', '', 'g'), '()', '（）'), '')"


def same_organisation(one: str, other: str) -> str:
    """SQL: whether two squeezed names are of one organisation: 省农业农村厅 is 江岚省农业农村厅. Null where one is null."""
    return f"(suffix({one}, {other}) OR suffix({other}, {one}))"


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro: Chinese name, parameters (`:= default` where one may be left out), comment, columns that it
    gives (none for a macro that gives one value) and SQL."""

    name: str
    parameters: tuple[str, ...]
    comment: str
    columns: tuple[str, ...]
    sql: str

    @property
    def call(self) -> str:
        """How it is called, with its parameters' names."""
        return f"{self.name}({', '.join(p.split(' := ')[0] for p in self.parameters)})"

    def ddl(self) -> list[str]:
        """SQL statements that make the macro with its comment."""
        table = bool(self.columns)
        return [
            f'CREATE MACRO "{self.name}"({", ".join(self.parameters)}) AS {"TABLE " if table else ""}{self.sql}',
            f'COMMENT ON MACRO {"TABLE " if table else ""}"{self.name}" IS {sql_text(self.comment)}',
        ]


WAN_YUAN = Macro("万元", ("元",), "元折算为万元", (), "元 / 10000")

_TRIMMED = f"regexp_replace({{0}}, '^{SQUEEZED}|{SQUEEZED}$', '', 'g')"
_CORE = f"regexp_replace({{0}}, '({'|'.join(MONEY_WORDS)})+$', '')"

# Written out where it is used, and no table of one row: so it is one constant, and names are compared at full speed.
_FUND_ASKED = _TRIMMED.format("名称::VARCHAR")
_FUND_CORE = _CORE.format(_FUND_ASKED)
_INDICATOR_ASKED = _TRIMMED.format("指标::VARCHAR")

FIND_FUND = Macro(
    "查资金",
    ("名称",),
    "一个名称或资金编号是哪项资金：有完全相同的名称或别名时只取它，否则取名称或别名中含有它的，再没有的，不看末尾的专项、补助、资金、经费、项目等字样",
    ("资金编号", "资金名称", "匹配名称"),
    f"""
WITH names AS (
    SELECT fund_id, name FROM funds
    UNION SELECT fund_id, unnest(aliases) FROM funds
    UNION SELECT fund_id, name FROM fund_aliases
), exact AS (
    SELECT fund_id, name FROM names WHERE name = {_FUND_ASKED}
    UNION SELECT fund_id, name FROM funds WHERE fund_id = {_FUND_ASKED}
), holding AS (
    SELECT fund_id, name FROM names
    WHERE {_FUND_ASKED} <> '' AND contains(name, {_FUND_ASKED}) AND NOT EXISTS (FROM exact)
), found AS (
    FROM exact
    UNION ALL FROM holding
    UNION ALL SELECT fund_id, name FROM names
    WHERE length({_FUND_CORE}) >= {SHORTEST_CORE} AND contains(name, {_FUND_CORE})
      AND NOT EXISTS (FROM exact) AND NOT EXISTS (FROM holding)
)
SELECT fund_id AS 资金编号, any_value(n.name) AS 资金名称, string_agg(DISTINCT f.name, '、' ORDER BY f.name) AS 匹配名称
FROM found f JOIN funds n USING (fund_id)
GROUP BY fund_id ORDER BY 资金名称, 资金编号""",
)

FUND_HISTORY = Macro(
    "资金历年",
    ("名称",),
    "一项资金各年度的概览；名称可以是任一别名、名称的一部分或资金编号",
    ("资金年度概览的各列",),
    "SELECT * FROM 资金年度概览 WHERE 资金编号 IN (SELECT 资金编号 FROM 查资金(名称)) ORDER BY 资金名称, 资金编号, 年度",
)

INDICATOR_HISTORY = Macro(
    "指标历年",
    ("资金", "指标"),
    "一项资金的一个指标各年度的目标与完成；两个名称都可以是任一别名、名称的一部分或编号",
    ("指标跨年的各列",),
    f"""
WITH names AS (
    SELECT indicator_id, name FROM indicator_names
    UNION SELECT indicator_id, unnest(aliases) FROM indicator_names
    UNION SELECT indicator_id, name FROM indicator_aliases
), exact AS (
    SELECT indicator_id FROM names WHERE name = {_INDICATOR_ASKED} OR indicator_id = {_INDICATOR_ASKED}
), found AS (
    FROM exact
    UNION ALL SELECT indicator_id FROM names
    WHERE {_INDICATOR_ASKED} <> '' AND contains(name, {_INDICATOR_ASKED}) AND NOT EXISTS (FROM exact)
)
SELECT * FROM 指标跨年
WHERE 资金编号 IN (SELECT 资金编号 FROM 查资金(资金)) AND 指标编号 IN (SELECT indicator_id FROM found)
ORDER BY 资金名称, 资金编号, 指标名称, 指标编号, 年度""",
)

# Small letters cost more than the search itself, and Chinese has none; full-width ones are rare.
_NARROWED = f"translate({{0}}, '{WIDE}', '{NARROW}')"
_FOLDED = (
    "CASE WHEN narrow AND regexp_matches({0}, '[０-９Ａ-Ｚａ-ｚ]') THEN lower("
    + _NARROWED
    + ") WHEN latin THEN lower({0}) ELSE {0} END"
)
_HOLDS = f"contains({_FOLDED}, term)"

_BEST = "{0}in_title DESC, {0}hits DESC, {0}fiscal_year DESC NULLS LAST, {0}doc_id DESC, {0}report_no DESC, {0}section_no DESC"

# A term is found in every chapter with a word that holds it (转移支付 in 专项转移支付). One that is no word of its own is
# looked for besides in the chapters with a word that it holds, the rarest words first, and there it is verified; where
# it holds no known word, in all chapters.
SEARCH = Macro(
    "章节检索",
    ("词", f"最多 := {SEARCH_RESULTS}"),
    "检索报告章节：几个词用空格、顿号、逗号或分号隔开，须同时出现，引号不计，全角半角、大小写不分；标题命中的在前，其次命中次数多的，再次年度近的；同一资金同一年度同一单位一字不差的章节只列一次",
    (
        "年度", "资金名称", "章节标题", "章节类别", "摘录", "命中次数", "命中章节数", "位置", "来源", "文件编号", "报告序号", "章节序号",
    ),
    f"""
WITH terms AS (
    SELECT DISTINCT left(t, {TERM_LENGTH}) AS term, regexp_matches(t, '[a-z]') AS latin, regexp_matches(t, '[0-9a-z]') AS narrow
    FROM (SELECT unnest(regexp_split_to_array(
        translate(lower({_NARROWED.format("词::VARCHAR")}), {sql_text(SEPARATORS)}, '{" " * len(SEPARATORS)}'), '\\s+')) AS t)
    WHERE regexp_matches(t, '[\\p{{L}}\\p{{N}}]')
), holding AS (
    SELECT DISTINCT term, word FROM section_index, terms WHERE contains(word, term)
), whole AS (
    SELECT word FROM section_index WHERE word IN (SELECT term FROM terms) GROUP BY word HAVING sum(chapters) > 0
), loose AS (
    SELECT term, latin, narrow FROM terms WHERE term NOT IN (FROM whole)
), pieces AS (
    SELECT DISTINCT term, substr(term, f, n) AS piece
    FROM (SELECT term, unnest(range(1, length(term) + 1)) AS f FROM loose), range(1, {WORD_LENGTH} + 1) AS lengths(n)
    WHERE f + n - 1 <= length(term)
), held AS (
    SELECT word, sum(chapters) AS chapters FROM section_index
    WHERE word IN (SELECT piece FROM pieces) GROUP BY word HAVING sum(chapters) > 0
), known AS (
    SELECT term, word, sum(chapters) OVER (PARTITION BY term ORDER BY chapters, word) AS total,
           row_number() OVER (PARTITION BY term ORDER BY chapters, word) AS place
    FROM pieces JOIN held ON word = piece
), tried AS (
    SELECT term, unnest(numbers) AS number FROM known JOIN section_index USING (word)
    WHERE total <= {SEARCH_VERIFIED} OR place = 1
), nowhere AS (
    SELECT term, latin, narrow FROM loose WHERE term NOT IN (SELECT term FROM known)
), found AS (
    SELECT term, unnest(numbers) AS number FROM holding JOIN section_index USING (word)
    UNION
    SELECT term, number FROM tried JOIN loose USING (term) JOIN numbered_sections s USING (number)
    WHERE {_HOLDS.format('s.text')} OR {_HOLDS.format('s.title')}
    UNION
    SELECT term, s.number FROM numbered_sections s CROSS JOIN nowhere
    WHERE {_HOLDS.format('s.text')} OR {_HOLDS.format('s.title')}
), matched AS (
    SELECT number, place, report_no, section_no
    FROM (SELECT number FROM found GROUP BY number HAVING count(*) = (SELECT count(*) FROM terms))
    JOIN (SELECT number, place, report_no, section_no FROM numbered_sections) USING (number)
), latest AS (
    SELECT number FROM matched ORDER BY place DESC, report_no DESC, section_no DESC LIMIT {SEARCH_RANKED}
), counted AS (
    SELECT number, any_value(s.doc_id) AS doc_id, any_value(s.report_no) AS report_no, any_value(s.section_no) AS section_no,
           any_value(hash(s.title, s.text)) AS print,
           bool_or({_HOLDS.format('s.title')}) AS in_title,
           sum((length({_FOLDED.format('s.text')}) - length(replace({_FOLDED.format('s.text')}, term, ''))) // length(term)
               + CASE WHEN {_HOLDS.format('s.title')} THEN 1 ELSE 0 END) AS hits,
           min(nullif(instr({_FOLDED.format('s.text')}, term), 0)) AS first_hit
    FROM latest JOIN numbered_sections s USING (number) CROSS JOIN terms
    GROUP BY number
), single AS (
    SELECT c.*, r.fiscal_year
    FROM counted c
    JOIN reports r USING (doc_id, report_no)
    JOIN report_figures f USING (doc_id, report_no)
    QUALIFY row_number() OVER (
        PARTITION BY coalesce(r.fund_id, r.fund_name, r.doc_id), r.fiscal_year, r.organisation, c.print
        ORDER BY f.rank, c.doc_id, c.report_no, c.section_no
    ) = 1
), first AS (
    FROM single ORDER BY {_BEST.format("")} LIMIT CASE WHEN 最多 < 0 THEN 0 ELSE 最多 END
)
SELECT r.fiscal_year AS 年度, coalesce(n.name, r.fund_name) AS 资金名称, s.title AS 章节标题, s.kind AS 章节类别,
       replace(substr(s.text, greatest(1, coalesce(first_hit, 1) - {SNIPPET_BEFORE}), {SNIPPET_LENGTH}), chr(10), ' ') AS 摘录,
       hits::BIGINT AS 命中次数,
       (SELECT count(*) FROM matched) - (SELECT count(*) FROM counted) + (SELECT count(*) FROM single) AS 命中章节数,
       s.location AS 位置, d.source AS 来源,
       s.doc_id AS 文件编号, s.report_no AS 报告序号, s.section_no AS 章节序号
FROM first c
JOIN numbered_sections s ON s.number = c.number
JOIN reports r ON r.doc_id = s.doc_id AND r.report_no = s.report_no
JOIN documents d ON d.doc_id = s.doc_id
LEFT JOIN funds n ON n.fund_id = r.fund_id
ORDER BY {_BEST.format("c.")}""",
)  # fmt: skip

MACROS = (WAN_YUAN, FIND_FUND, FUND_HISTORY, INDICATOR_HISTORY, SEARCH)
"""In the order in which they are made: each may call those before it."""
