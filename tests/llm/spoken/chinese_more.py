"""More Chinese sentences, never looked at when the gates' words were chosen, as :mod:`spoken.english_more`."""

MODALITY = (
    "这是一次{modality}检查的图像。",
    "所展示的是{modality}影像。",
    "从成像方式上看，这是{modality}。",
    "该影像来源于{modality}。",
    "本次检查采用{modality}。",
)
FINDING = (
    "影像中呈现出{label}。",
    "主要表现为{label}。",
    "可以观察到{label}。",
    "诊断结果为{label}。",
    "检测到{label}。",
    "画面展示了{label}。",
    "图像内容为{label}。",
    "医生标注的是{label}。",
)
REGION = (
    "圈出的部位属于{label}。",
    "该框内的目标是{label}。",
    "描绘的轮廓对应于{label}。",
    "这一块区域归类为{label}。",
    "高亮区域代表{label}。",
)
LOCATION = (
    "{label}分布在{place}象限。",
    "{label}出现于图像的{place}象限。",
    "就位置而言，{label}处在{place}象限。",
    "{place}象限是{label}所在之处。",
    "{label}坐落于{place}象限。",
)
COUNT = (
    "总计{n}{measure}{label}。",
    "经计数，{label}有{n}{measure}。",
    "我们观察到{words}{measure}{label}。",
    "画面中出现了{n}{measure}{label}。",
    "全图包含{words}{measure}{label}。",
)
COUNT_ONE = (
    "只发现一{measure}{label}。",
    "计数结果为1{measure}{label}。",
    "{label}仅有一{measure}。",
)
PRESENT = (
    "的确存在{label}。",
    "图像里包含{label}。",
    "可以辨认出{label}。",
    "能够观察到{label}。",
)
ABSENT = (
    "找不到{label}。",
    "并未出现{label}。",
    "没有检测到{label}。",
    "图像不包含{label}。",
    "{label}不在图中。",
    "查无{label}。",
)
SIZE = (
    "{label}的最大长度达到{mm}毫米。",
    "{label}的直径最长处有{mm}毫米。",
    "经测量，{label}长径{mm}mm。",
    "{label}的长度等于{cm}厘米。",
)
GRADE = (
    "评定等级为{grade}。",
    "该图的级别是{grade}。",
    "评级结论为{grade}。",
)
CLAIMS = (
    "，自幼就有", "，偶然得知", "，附着在上", "，正在恢复", "，与其他人的相同", "，带有尾", "，存在时间长",
    "，来源不明", "，说明情况好", "，说明有病", "，由跌落造成", "，是更大结构的一部分", "，为检查的主要对象",
    "，离中心远", "，轮廓中断", "，一端开口", "，旁有另一结构", "，被线条穿过", "，被东西盖住", "，在最前面",
    "，检查结束时还在", "，本人情况好", "，占一定区域", "，从内向外", "，形状特别", "，可用设备看到", "，血管迂曲",
    "，见支架影", "，有起搏器导线", "，见气泡", "，有瘢痕", "，合并瘘管", "，呈铺路石样", "，可见内固定",
    "，有挖空细胞", "，见钙斑",
)  # fmt: skip
"""Claims and findings nobody annotated; of the gates only that on parts was made after they were looked at."""
