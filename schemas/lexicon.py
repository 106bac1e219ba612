"""Words of the field for the segmentation of Chinese text, beyond a general dictionary.

A word stands here where a general dictionary would cut it apart or join it to its neighbours, so that the same
term is the same words in every report. Names of single funds and places do not belong here.
"""

DOMAIN_WORDS: tuple[str, ...] = (
    # performance management (财预〔2020〕10号)
    "绩效", "绩效自评", "自评", "自评表", "绩效评价", "绩效目标", "绩效指标", "产出", "产出指标", "效益指标", "满意度", "满意度指标", "数量指标", "质量指标",
    "时效指标", "成本指标", "经济效益", "社会效益", "生态效益", "可持续影响", "完成率", "偏差率", "执行率", "到位率", "及时率", "合格率", "达标率", "覆盖率",
    "优良率", "完好率", "知晓率", "成活率", "通过率", "准确率", "办结率", "处置率", "得分率", "目标值", "指标值", "完成值", "服务对象", "受益对象", "受益群众",
    # money
    "专项资金", "补助资金", "转移支付", "专项转移支付", "一般性转移支付", "财政资金", "财政拨款", "引导资金", "奖补资金", "直达资金", "结转资金", "结余资金",
    "自筹资金", "社会资本", "社会投入", "年初预算", "全年预算", "预算执行", "预算执行率", "资金拨付", "资金到位", "资金使用", "项目支出", "整体支出",
    "财政支出", "工作经费", "专项经费", "公用经费", "成交额", "招商引资", "政府采购", "绩效管理", "资金管理", "项目管理", "以奖代补", "贷款贴息",
    # subjects of funds and indicators
    "高标准农田", "节水灌溉", "乡村振兴", "人居环境", "农村公路", "危房改造", "棚户区", "保障性住房", "老旧小区", "中小河流", "水土保持", "饮水安全",
    "退化林", "天然林", "森林覆盖率", "水环境", "空气质量", "公共文化", "免费开放", "非物质文化遗产", "非遗", "义务教育", "学前教育", "职业教育", "营养改善",
    "公共卫生", "基本公共卫生", "基层医疗", "医疗卫生", "城乡居民", "社会救助", "困难群众", "养老服务", "护理型床位", "残疾人", "就业创业", "公益性岗位",
    "科技成果", "成果转化", "科技成果转化", "技术合同", "技术经纪人", "科技型中小企业", "高新技术企业", "科技特派员", "创新平台", "创新基地", "研发投入",
    "基础研究", "重点实验室", "工程技术研究中心", "产业园区", "中小企业", "新型农业经营主体", "农民合作社", "家庭农场", "种质资源", "动物防疫", "信息化",
    "数字化", "充电桩", "奖补", "以奖代补", "车主", "网点", "社会资本", "单位成本", "运行维护", "专业技术人员", "技术人员", "高层次人才", "培训人次", "服务人次", "第三方", "长效机制", "项目库",
)  # fmt: skip
"""Terms kept whole."""

# ---- names of funds -------------------------------------------------------------------------

FUND_CODE = r"[（(\[【]?(?:[A-Z]{0,4}\d[\dA-Z]{5,}|[A-Z]{0,4}\d{2,}(?:[-_.]\d+)*(?=[-_.:：、)\]】]))[)）\]】]?(?![年\d批])[-_.:：、]*"
"""A code of the budget system before a project's name (2130599-, 54000022Y000000012345-)."""

_YEAR = r"(?:(?:19|20)\d{2}|[二一][〇○零九][〇○零一二三四五六七八九]{2})"
FUND_YEAR = rf"{_YEAR}(?:年度?|财年)?(?:[-—~至到]{_YEAR}(?:年度?|财年)?)?"
FUND_BATCH = r"第?[一二三四五六七八九十\d]+批次?|首批|提前(?:下达|批次?|预拨)的?|提前下达|(?:上年|以前年度|上年度)?结转(?:的)?|预拨|追加|清算|(?<!分解)下达的?"
"""What a year's notices add to a fund's name and is no part of it."""

FUND_NOTE = rf"(?>(?:{FUND_YEAR}|{FUND_BATCH}|\d+|直达(?:资金)?|(?:省|市|县|区|自治区|中央|国家)?(?:级|本级|财政)*(?:资金|补助|部分|专项|配套|(?:基建|预算内)?投资)?|(?:专项)?转移支付(?:资金)?|项目支出|部门预算(?:项目)?|重点项目|一般公共预算|政府性基金(?:预算)?|财政拨款|当年|新增|续建|延续|延续项目|一次性|经常性|含?[^，]*结转.*|[A-Z\d][-A-Z\d_.]+|汇总|全省|全市|全县|全区|试行|暂定名?|以下简称.*|简称.*|原.*|以下称.*)+)"
"""Words in brackets that tell a fund from nothing."""

FUND_LEVELS: tuple[tuple[str, str], ...] = (
    ("central", r"(?:中央|国家)(?:财政|本级|级|预算内投资|基建投资|预算内|补助(?!资金|经费|$))*"),
    ("provincial", r"(?:自治区|省)(?:(?:财政|本级|级|直|补助(?!资金|经费|$))+|(?![道会际域委厅内外级直]))"),
    ("municipal", r"(?:市|州|盟|地区)(?:财政|本级|级|直)+"),
    ("county", r"(?:县|区|旗|乡镇|乡|镇)(?:财政|本级|级|直)+"),
    ("own", r"本级(?:财政)?"),
)  # fmt: skip
"""Whose budget a fund is of, at the head of its name or before its last words."""

FUND_HEAD = r"(?:地方)?财政(?![局厅部所监票资])(?:支持|扶持)?|地方(?=财政|配套)|关于|对|用于|有关|安排的?"
"""Words before a name that name nothing."""

NOT_A_PLACE = r".*(?:城市|三区|[园社灌库矿林景校辖片城牧山河学新老小街郊湖海港]区|开发区|建设.*|[资基]金.*|项目.*|补助.*)"
"""What ends like the name of a place and is none."""

FUND_TAIL = r"直达资金|直达|基建投资|预算内投资|专项转移支付|转移支付|专项|补助|补贴|奖补|奖励|资金|经费|项目|支出|预算|工程|款项?|费用?|类|财政"
"""Last words of names of funds, alone or several together."""
FUND_TRANSFER = r"补助|转移支付|奖补|补贴"
FUND_MONEY = r"资金|专项|基金"
"""Last words of lines of money; names without one of them or of those above are a department's or a county's own
projects."""

FUND_SOFT = r"建设|发展|城乡|工作|事业|体系|促进|推进|支持|扶持|实施|开展|落实|相关|有关|方面|以及|等|及|和|与|的|之|、|·|-|—|,|，|/"
"""Words that are put into a fund's name or left out without making it another fund."""

FUND_STAGE = (
    r"第?(?P<number>[一二三四五六七八九十\d]+|[ⅠⅡⅢⅣⅤⅥ]|I{1,3}|IV|VI?)(?P<stage>期|标段|阶段)(?:工程)?"
)
"""Parts of a project that are accounted for by themselves."""
_TENS = ("", "十", "二十")
STAGE_NUMBERS = {
    **{str(n): _TENS[n // 10] + " 一二三四五六七八九"[n % 10].strip() for n in range(1, 30)},
    "Ⅰ": "一", "Ⅱ": "二", "Ⅲ": "三", "Ⅳ": "四", "Ⅴ": "五", "Ⅵ": "六", "I": "一", "II": "二", "III": "三", "IV": "四", "V": "五", "VI": "六",
}  # fmt: skip
"""How the number of a stage is printed otherwise."""

GENERIC_FUND = r"(?>(?:信息化|信息系统|信息|网络|网站|系统|平台|数据|软件|硬件|机房|设备|设施|仪器|办公|用房|房屋|场地|场所|购置|采购|更新|维修|维护|维保|改造|修缮|装修|运行|运维|运转|运营|日常|业务|专项|综合|管理|服务|保障|后勤|物业|水电|取暖|供暖|租赁|租金|租用|印刷|宣传|会议|培训|调研|差旅|接待|公务|用车|车辆|劳务|派遣|聘用|临时|编外|人员|工资|补助|津贴|公用|机关|单位|部门|本级|工作|建设|档案|安保|保安|保洁|食堂|党建|工会|法律|顾问|咨询|审计|评审|委托|政府|其他|履职|职能|基本|费用?|及|和|与|等|、)+)"
"""Names made of nothing but such words are used by every department: the organisation tells them apart."""

PLACE_UNITS = r"(?:(?:维吾尔|哈萨克|[\u4e00-\u9fff]{1,4}?族)+(?=自治)|壮族|回族)?(?:自治区|自治州|自治县|自治旗|[省市县区旗州盟])$"
"""What is left out of a place's name where it is named for short: 长阳 for 长阳土家族自治县."""

OFFICE_WORDS = r"人民政府|政府|委员会|办公室|管理局|管理处|管理|服务|保障|事业|发展|中心|总站|总队|集团|有限公司|公司|厅|局|委|部|办|处|科|室|所|站|院|馆|会|和|与|及|、"
"""What names of organisations have in common; the rest tells what they deal with."""
