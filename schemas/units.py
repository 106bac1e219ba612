"""Units as reports print them: what each measures, and how many base units it is.

A new unit is an entry here. A unit that counts things (家, 项, 场) is its own base unit: 个 and 项 of the same work are not the
same number. Factors are exact; a base unit is chosen so that they are finite decimals (a 平方米 is 0.0015 亩, while a 亩 is
666.66… 平方米), and says nothing about the unit that people are shown.
"""

from fractions import Fraction

MULTIPLIERS: dict[str, int] = {
    "十": 10, "百": 100, "千": 1_000, "万": 10_000, "十万": 100_000, "百万": 1_000_000, "千万": 10_000_000, "亿": 100_000_000,
    "十亿": 1_000_000_000, "百亿": 10_000_000_000, "千亿": 100_000_000_000, "万亿": 1_000_000_000_000,
}  # fmt: skip
"""Words before a unit that multiply it (万人, 亿元). 十, 百 and 千 only before a known unit, for they also begin words."""

UNITS_OF_KIND: dict[str, tuple[str, dict[str, str]]] = {
    "money": ("元", {"元": "1", "角": "0.1", "元人民币": "1", "圆": "1"}),
    "foreign_money": ("美元", {"美元": "1", "美金": "1"}),
    "percent": ("%", {"%": "1", "‰": "0.1", "成": "10"}),
    "percentage_points": ("个百分点", {"个百分点": "1", "百分点": "1"}),
    "persons": ("人", {"人": "1", "名": "1", "位": "1", "人口": "1", "人数": "1"}),
    "person_times": ("人次", {"人次": "1", "人次数": "1"}),
    "person_days": ("人天", {"人天": "1", "人日": "1"}),
    "person_months": ("人月", {"人月": "1", "人年": "12"}),
    "area": ("亩", {
        "亩": "1", "公顷": "15", "ha": "15", "hm2": "15", "顷": "100", "平方公里": "1500", "平方千米": "1500", "km2": "1500",
        "平方米": "0.0015", "平米": "0.0015", "平方": "0.0015", "m2": "0.0015",
    }),
    "length": ("米", {
        "米": "1", "m": "1", "延米": "1", "延长米": "1", "公里": "1000", "千米": "1000", "km": "1000", "里": "500", "华里": "500",
        "海里": "1852", "厘米": "0.01", "cm": "0.01", "毫米": "0.001", "mm": "0.001",
    }),
    "volume": ("立方米", {
        "立方米": "1", "立方": "1", "m3": "1", "升": "0.001", "l": "0.001", "毫升": "0.000001", "ml": "0.000001",
    }),
    "mass": ("千克", {
        "千克": "1", "公斤": "1", "kg": "1", "吨": "1000", "公吨": "1000", "t": "1000", "斤": "0.5", "市斤": "0.5", "克": "0.001",
        "g": "0.001", "毫克": "0.000001", "mg": "0.000001", "微克": "0.000000001", "μg": "0.000000001", "ug": "0.000000001",
    }),
    "coal_equivalent": ("吨标准煤", {"吨标准煤": "1", "吨标煤": "1"}),
    "energy": ("千瓦时", {
        "千瓦时": "1", "kwh": "1", "度": "1", "度电": "1", "兆瓦时": "1000", "mwh": "1000",
    }),
    "power": ("千瓦", {"千瓦": "1", "kw": "1", "瓦": "0.001", "w": "0.001", "兆瓦": "1000", "mw": "1000"}),
    "temperature": ("℃", {"°c": "1", "摄氏度": "1"}),
    "data": ("GB", {"gb": "1", "tb": "1024", "mb": "0.0009765625", "pb": "1048576"}),
    "hours": ("小时", {"小时": "1", "h": "1", "分钟": "1/60", "min": "1/60", "秒": "1/3600", "秒钟": "1/3600"}),
    "days": ("天", {"天": "1", "日": "1", "自然日": "1", "日历天": "1", "周": "7", "星期": "7"}),
    "working_days": ("个工作日", {"工作日": "1", "个工作日": "1", "工作天": "1"}),
    "months": ("个月", {"个月": "1", "月": "1", "季度": "3", "个季度": "3", "年": "12", "周年": "12", "年度": "12"}),
    "points": ("分", {"分": "1"}),
}  # fmt: skip
"""Kind of unit: its base unit, and how many base units each printed unit is (Latin letters small).

Kept apart, though they sound alike: 人 and 人次 (one person may come often), % and 个百分点 (a share and a difference of
shares), 天 and 工作日 (which days count is not told), hours and days (8小时 of training are a day to some, 24小时 to others),
days and months (a month has no fixed days), money of other currencies, mass and 标准煤. Months and years convert.
"""

COUNTERS: frozenset[str] = frozenset({
    "个", "项", "家", "户", "件", "套", "台", "台套", "条", "篇", "部", "本", "册", "份", "张", "幅", "枚", "块", "辆", "艘", "架", "次", "场", "期", "批",
    "届", "轮", "回", "遍", "处", "所", "座", "栋", "间", "孔", "眼", "口", "根", "株", "棵", "头", "只", "羽", "匹", "尾", "亩次", "学时", "课时", "学年",
    "级", "类", "种", "档", "门", "节", "村", "镇", "乡", "乡镇", "县", "市", "区", "班", "车次", "标段", "床", "例", "人份", "剂次", "支", "队", "对", "组", "宗",
    "起", "例次", "款", "站", "点", "条次", "家次", "户次", "件次", "头次", "倍", "星", "盏", "片", "箱", "袋", "瓶", "盒", "桶", "筐", "榀", "扇", "樘", "幢", "卷", "号", "首",
    "集", "头份", "剂", "mbps", "db", "社区", "街道", "小区", "学校", "企业", "基地", "平台", "团队", "机构", "案", "宗次", "趟", "班次", "航班", "航次",
})  # fmt: skip
"""Units that count things: each its own base unit."""

UNIT_ALIASES: dict[str, str] = {
    "场次": "场", "批次": "批", "期次": "期", "台/套": "台套", "套/台": "台套", "台(件)": "台件", "台/件": "台件", "台件套": "台件套", "床位": "床",
    "张床": "床", "张床位": "床", "个床位": "床", "座次": "座", "行政村": "村", "自然村": "村", "千瓦小时": "千瓦时", "标准煤": "吨标准煤", "平方公尺": "平方米",
    "立米": "立方米", "pct": "个百分点",
}  # fmt: skip
"""Printed units that mean another one of the tables above."""

AMBIGUOUS_UNITS: frozenset[str] = frozenset({"G", "M"})
"""Large letters that are neither grams nor metres, and mean now a size, now a speed."""

PERSON_COUNTERS = ("名", "位")
"""A unit that begins with one of these counts persons, whoever they are (名学生, 位老人)."""

YUAN: dict[str, int] = {
    f"{word}元": factor for word, factor in (("", 1), *MULTIPLIERS.items())
} | {word: MULTIPLIERS[word] for word in ("万", "亿")}  # fmt: skip
"""Yuan in one of each unit of money that a sum is printed in. 「万」 and 「亿」 alone are money only where it is known that
money is meant."""


def exact(factor: str) -> Fraction:
    """A factor of the table as an exact number (「1/60」, 「0.0015」)."""
    return Fraction(factor)
