"""Chinese sentences by what they state, with the places of :mod:`spoken.english`; ``{measure}`` is a measure word."""

MODALITY = (
    "这是一张{modality}图像。",
    "该图像的成像方式为{modality}。",
    "图中所示为{modality}。",
    "本图由{modality}获得。",
    "此图属于{modality}。",
    "采用的成像方式是{modality}。",
    "我们看到的是{modality}图像。",
    "图像类型：{modality}。",
)
FINDING = (
    "图像显示{label}。",
    "图中可见{label}。",
    "本图的发现是{label}。",
    "影像所见为{label}。",
    "可以看到{label}。",
    "答案是{label}。",
    "图中所示的是{label}。",
    "该图像中存在{label}。",
    "{label}在图中可见。",
    "图像中标出了{label}。",
    "这是{label}。",
    "画面里有{label}。",
)
REGION = (
    "标出的区域是{label}。",
    "所勾画的结构为{label}。",
    "图中标记处对应{label}。",
    "框出的部分是{label}。",
    "该区域被标为{label}。",
    "被标记的是{label}。",
    "轮廓所示为{label}。",
    "所标区域内是{label}。",
)
LOCATION = (
    "{label}位于{place}象限。",
    "{label}处于{place}象限。",
    "{label}在图像的{place}区域。",
    "{place}象限可见{label}。",
    "{label}的位置是{place}象限。",
    "{label}的中心落在{place}象限。",
    "在{place}象限能找到{label}。",
    "可见{label}位于{place}。",
    "{label}被标在{place}象限。",
    "{place}象限内有{label}。",
    "从位置看，{label}在{place}象限。",
)
COUNT = (
    "共有{words}{measure}{label}。",
    "图中有{n}{measure}{label}。",
    "可见{words}{measure}{label}。",
    "一共标出了{n}{measure}{label}。",
    "{label}的数量为{n}。",
    "{label}共{n}{measure}。",
    "数得{words}{measure}{label}。",
    "图像中存在{n}{measure}{label}。",
    "{label}的数目是{n}{measure}。",
)
COUNT_ONE = (
    "图中有一{measure}{label}。",
    "仅见1{measure}{label}。",
    "{label}的数量为1。",
    "只有一{measure}{label}。",
    "共标出1{measure}{label}。",
)
PRESENT = (
    "是的，图中有{label}。",
    "存在{label}。",
    "图像中可见{label}。",
    "有，图中可见{label}。",
    "确有{label}。",
    "能看到{label}。",
)
ABSENT = (
    "未见{label}。",
    "图中没有{label}。",
    "没有，图中未见{label}。",
    "图像未显示{label}。",
    "无{label}。",
    "不存在{label}。",
    "没有发现{label}。",
    "未发现{label}的征象。",
    "{label}未见。",
    "该图像中无{label}。",
    "图中并无{label}。",
    "看不到{label}。",
)
SIZE = (
    "{label}的最长径为{mm}毫米。",
    "{label}最长径约{mm} mm。",
    "{label}长{mm}毫米。",
    "{label}最大径为{cm}厘米。",
    "测得{label}的最长径为{mm}mm。",
    "{label}的大小为{mm}毫米。",
    "{label}约{cm} cm大小。",
    "沿最长轴测量，{label}为{mm}毫米。",
    "{label}的最长径被测为{mm}毫米。",
    "{label}的尺寸属于{class}。",
)
GRADE = (
    "分级为{grade}。",
    "严重程度分级是{grade}。",
    "该图像被评为{grade}。",
    "分级结果：{grade}。",
    "就严重程度而言，为{grade}。",
    "按严重程度，该图属于{grade}。",
)
LOCATION_SIZE = (
    "{label}位于{place}象限，最长径为{mm}毫米。",
    "{place}象限可见{label}，最长径{mm}毫米。",
    "{label}最长径为{cm}厘米，位于{place}象限。",
    "最长径{mm}毫米的{label}位于{place}象限。",
)
PRESENT_ABSENT = (
    "图中可见{label}，未见{other}。",
    "有{label}，但没有{other}。",
    "未见{other}，但可见{label}。",
    "存在{label}，而{other}不存在。",
)
QUESTIONS = {
    "modality": ("这张图用的是什么成像方式？", "这是哪一类图像？", "该图像是如何获得的？"),
    "finding": ("图中显示了什么？", "图像中有什么发现？", "这张图里能看到什么？"),
    "region": ("标出的区域是什么？", "所勾画的是什么结构？", "框出的部分是什么？"),
    "location": ("{label}位于哪个象限？", "{label}在哪里？", "{label}在图像的什么位置？"),
    "count": ("图中有几{measure}{label}？", "{label}的数量是多少？", "一共有多少{measure}{label}？"),
    "presence": ("图中是否有{label}？", "能否看到{label}？", "图像中有没有{label}？"),
    "size": ("{label}有多大？", "{label}的最长径是多少？", "{label}的尺寸如何？"),
    "grade": ("该图像的分级是什么？", "严重程度如何？", "分级结果是什么？"),
}
NUMBERS = ("零", "一", "两", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二", "十三", "十四", "十五")
SYNONYMS = {
    "红细胞": ("红血球",),
    "白细胞": ("白血球",),
    "血小板": ("栓细胞",),
    "脑肿瘤": ("颅内肿瘤",),
    "气管导管": ("气管插管",),
    "磨玻璃影": ("毛玻璃影", "磨玻璃样影"),
    "细胞核": ("胞核",),
    "转移瘤": ("转移灶",),
    "转移": ("转移灶",),
}
"""What else people call a label. Chosen from common usage, not from the lexicon."""
INVENTED = (
    "胸腔积液", "气胸", "肋骨骨折", "肾积水", "胆囊结石", "脂肪肝", "心影增大", "肺栓塞", "淋巴结肿大", "腹水",
    "憩室炎", "主动脉瘤", "硬膜下出血", "脑膜瘤", "胶质母细胞瘤", "视网膜脱离", "棉絮斑", "玻璃膜疣", "视乳头水肿",
    "黑色素瘤", "基底细胞癌", "纤维腺瘤", "微钙化", "支气管扩张", "肺气肿", "间质纤维化", "肾结石", "胰腺炎",
    "阑尾炎", "脾大", "骨赘", "椎间盘突出", "半月板撕裂", "骨髓水肿", "甲状腺肿", "甲状腺结节", "卵巢扭转",
    "子宫肌瘤", "子宫内膜异位", "息肉", "食管裂孔疝", "消化性溃疡", "疟原虫", "镰状红细胞", "原始细胞", "脑积水",
    "脑梗死", "骨质疏松",
)  # fmt: skip
"""Findings that no source here annotates."""
INVENTED_SENTENCES = (
    "另见{finding}。",
    "此外还有{finding}。",
    "同时可见{finding}。",
    "并存在{finding}。",
    "未见{finding}。",
    "没有{finding}的征象。",
    "伴有{finding}。",
    "图像还显示{finding}。",
)
INVENTED_CLAUSES = ("，伴{finding}", "，合并{finding}", "，并见{finding}", "，以及{finding}")
ATTRIBUTES = (
    "，边界不规则", "，考虑良性", "，可能为感染所致", "，较前无变化", "，建议活检", "，患者男性54岁，发热",
    "，呈低密度", "，呈圆形，边缘清楚", "，恶性可能大", "，增强后强化", "，由吸烟引起", "，符合早期病变",
    "，颜色偏蓝", "，压迫邻近血管", "，属于II期", "，无转移", "，建议六个月后复查", "，为常见的偶然发现",
    "，部分钙化", "，轮廓呈分叶状", "，双侧对称", "，靠近肺门", "，程度严重", "，意义不明",
)  # fmt: skip
"""Descriptions, courses, causes and advice that no annotation here gives; to be put at the end of a sentence."""
DENIED_REST = (
    "未见其他异常。", "其余部分正常。", "余未见明显异常。", "没有其他发现。", "其他结构完好。", "其余组织无异常。",
    "其他器官健康。", "未见更多病灶。", "别处组织正常。", "其他地方没有病变迹象。",
)  # fmt: skip
"""What models like to add, and nobody annotated."""
NOTHING_ELSE = ("，未见其他异常", "，其余正常", "，无其他病变", "，余未见异常", "，此外没有异常")
OR_PLACE = ("，偏{}", "，在{}侧", "，也就是{}", "，并延伸至{}")
OR_NUMBER = ("，也就是{n}{measure}", "，另有{words}{measure}", "，即{words}{measure}{label}")
OR_LENGTH = ("，即{}毫米", "，横径{}毫米", "，也有{} mm")
OR_LABEL = ("，即{label}", "，或为{label}", "，也可见{label}", "，实为{label}")
BUT_NOT = ("，但没有{label}", "，其实未见{label}", "，而{label}不存在")
BUT_STILL = ("，但可见{label}", "，其实有{label}", "，而{label}存在")
MODALITIES = ("CT", "磁共振", "X 线", "超声", "皮肤镜", "乳腺钼靶", "PET", "内镜")
UNFOUNDED = (
    "，占图像的一半", "，遍布全图", "，每一层都有", "，比上次更大", "，位于表面", "，超出器官", "，在两侧",
    "，占大部分", "，数量较多", "，第二处也有", "，尺寸较大", "，程度较重", "，范围较大", "，检测结果为阴性",
    "，首次出现", "，比通常大一倍", "，为其中最大的一个", "，为第一次出现", "，很小", "，相当大", "，较多",
    "，少见", "，多见", "，靠近外侧", "，在图像边上", "，全身都有", "，在内部", "，在外面", "，属于二型", "，为B类",
    "，另有一个", "，分为两部分", "，有所增长", "，各处都有", "，位置较深", "，结果阳性", "，面积为一半",
    "，长度不足",
)  # fmt: skip
"""Claims in plain words that no annotation here supports; to be put at the end of a sentence."""
