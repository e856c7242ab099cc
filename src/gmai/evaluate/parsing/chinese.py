"""Options named in fewer characters or more: 息肉 of 胃息肉, 左房 of 左心房, 肺动脉栓塞 for 肺栓塞."""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations

_GENERAL = frozenset(
    "治疗 检查 手术 患者 病变 增大 减少 升高 降低 正常 异常 疾病 功能 综合 表现 改变 不足 缺乏".split()
)
_OPEN = (
    r"(?:(?<=^)|(?<=[\s,.:;!?。、()\"'“”为是示见属于指向像的即应该选诊断虑持系出]))"
    r"(?<!不是)(?<!不属于)(?<!不支持)(?<!没有)"
)
_CLOSE = r"(?=$|[\s,.:;!?。、()\"'“”]|的(?:可能|诊断|表现|图像|影像)|可能性?(?:大|最大|较大)|最|图像|影像|扫描)"


@lru_cache(maxsize=512)
def _short(options: tuple[str, ...]) -> tuple[re.Pattern[str] | None, ...]:
    ways: list[re.Pattern[str] | None] = []
    for n, option in enumerate(options):
        others = [one for k, one in enumerate(options) if k != n]
        plain = re.fullmatch(r"[\u4e00-\u9fff]{3,9}", option) and not re.search(r"[不无非未和或及与均]", option)
        forms = [*_fewer(option, others), *_more(option)] if plain else []
        ways.append(re.compile(f"{_OPEN}(?:{'|'.join(forms)}){_CLOSE}") if forms else None)
    return tuple(ways)


def _fewer(option: str, others: Sequence[str]) -> list[str]:
    """Two characters or more that end as the option does, in its order, and that no other option holds."""
    inner = option[:-1]
    taken = ("".join(one) + option[-1] for size in (1, 2, 3) for one in combinations(inner, size))
    return [
        short
        for short in dict.fromkeys(taken)
        if short not in _GENERAL and short[-2:] not in _GENERAL and not any(_holds(other, short) for other in others)
    ]


def _holds(text: str, short: str) -> bool:
    rest = iter(text)
    return all(char in rest for char in short)


def _more(option: str) -> list[str]:
    """One or two characters put in: an organ's part or a kind."""
    gap = "[\u4e00-\u9fff]{1,2}"
    return [option[:i] + gap + option[i:] for i in range(1, len(option) - 1)]


def find_chinese(folded: str, options: Sequence[str]) -> list[tuple[int, int, int]]:
    """Start, end and option where a Chinese option is named in fewer characters or more."""
    if not re.search(r"[\u4e00-\u9fff]", folded):
        return []
    ways = enumerate(_short(tuple(options)))
    return sorted((*match.span(), i) for i, way in ways if way for match in way.finditer(folded))
