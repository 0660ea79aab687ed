"""Nouns, numbers and days as colleagues say them, in each language of a View. Pure; whole sentences stand with the question that says them."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list

from graph.measures.strength import Warmth
from graph.model import BuyingRole, Channel

CHINESE = "zh-CN"
MOST_DIGITS = 12
"""After the point: what floats of a few steps of arithmetic agree in."""
ROLE = {
    BuyingRole.DECISION_MAKER: "决策者",
    BuyingRole.ECONOMIC_BUYER: "预算/财务方",
    BuyingRole.EXECUTIVE_SPONSOR: "高层/审批方",
    BuyingRole.CHAMPION: "支持者/内线",
    BuyingRole.INFLUENCER: "影响者",
    BuyingRole.TECHNICAL_EVALUATOR: "技术把关",
    BuyingRole.IMPLEMENTER: "实施维护方",
    BuyingRole.END_USER: "使用方",
    BuyingRole.PROCUREMENT: "采购方",
    BuyingRole.LEGAL_COMPLIANCE: "法务合规",
    BuyingRole.GATEKEEPER: "把关者",
    BuyingRole.INITIATOR: "发起者",
    BuyingRole.OTHER: "其他",
}
"""Roles in Chinese; in English they say themselves."""
CHANNEL = {
    Channel.MEETING: ("meeting", "meetings", "次", "会面"),
    Channel.CALL: ("call", "calls", "次", "通话"),
    Channel.MESSAGE: ("message", "messages", "条", "消息"),
    Channel.ATTENDANCE: ("joint session", "joint sessions", "场", "共同活动"),
    Channel.INTRODUCTION: ("introduction", "introductions", "次", "引荐"),
    Channel.SOCIAL: ("social connection", "social connections", "个", "社交关联"),
}
DEED = {
    "article": "阅读文章",
    "attendance": "参会",
    "call": "通话",
    "certificate": "取得证书",
    "check_in": "签到",
    "download": "下载",
    "meeting": "会面",
    "message": "消息",
    "page": "浏览页面",
    "page_view": "浏览页面",
    "question": "提问",
    "registration": "报名",
    "reply": "回复",
    "trial": "试用",
    "visit": "拜访",
    "watch": "观看视频",
    "webinar": "线上研讨会",
}
"""What people do, as the rules of the scoring models that come along name it, in Chinese; in English it says itself."""
WARMTH = {
    Warmth.COLD: ("Cold", "冷淡"),
    Warmth.WEAK: ("Weak", "较弱"),
    Warmth.WARM: ("Warm", "温热"),
    Warmth.STRONG: ("Strong", "牢固"),
}
STANCE = {
    -2: ("enemy", "敌对"),
    -1: ("non-supporter", "不支持"),
    0: ("neutral", "中立"),
    1: ("supporter", "支持"),
    2: ("mentor", "导师"),
}


def chinese(language: str) -> bool:
    """Whether a language is Chinese; every other one is answered in English."""
    return language == CHINESE


def role_name(role: BuyingRole, language: str) -> str:
    """A role's name."""
    return ROLE[role] if chinese(language) else role.value.replace("_", " ").lower()


def stance_name(stance: int, language: str) -> str:
    """The word for a stance."""
    return STANCE[stance][chinese(language)]


def warmth_name(warmth: Warmth, language: str) -> str:
    """The word for a strength."""
    return WARMTH[warmth][chinese(language)]


def channel_name(channel: Channel, language: str) -> str:
    """What a channel's events are called."""
    _, many, _, noun = CHANNEL[channel]
    return noun if chinese(language) else many


def deed_name(rule: str, language: str) -> str:
    """What a rule of a scoring model is called; one of one's own as its file names it."""
    return DEED.get(rule, rule) if chinese(language) else rule.replace("_", " ")


def how_many(channel: Channel, count: int, language: str) -> str:
    """``2 calls``."""
    one, many, measure, noun = CHANNEL[channel]
    return f"{count} {measure}{noun}" if chinese(language) else f"{count} {one if count == 1 else many}"


@cache
def _locale(language: str) -> Locale:
    return Locale.parse("zh_CN" if chinese(language) else "en_GB")


@lru_cache(10_000)
def day(at: date, language: str) -> str:
    """``12 Oct 2026``."""
    return format_date(at, "long" if chinese(language) else "d MMM y", _locale(language))


def times(*moments: datetime) -> list[str]:
    """Times of one day, in a sentence: ``08:15``, and as fine as those that differ need to read differently."""
    apart = len(set(moments))
    texts = ([moment.strftime(form) for moment in moments] for form in ("%H:%M", "%H:%M:%S", "%H:%M:%S.%f"))
    return next(text for text in texts if len(set(text)) >= apart)


def number(value: float) -> str:
    """Two digits after the point."""
    return f"{value:z.2f}"


def numbers(*values: float) -> list[str]:
    """Numbers of one sentence: two digits after the point, and as many more as those that differ need to read differently.

    What differs by less than ``10 ** -MOST_DIGITS`` differs by rounding only, and reads alike.
    """
    apart = len({round(value, MOST_DIGITS) for value in values})
    texts = ([f"{value:z.{digits}f}" for value in values] for digits in range(2, MOST_DIGITS + 1))
    return next(text for text in texts if len(set(text)) >= apart)


def percent(share: float) -> str:
    """A share or a chance as people say it: ``24%``."""
    return f"{share * 100:.0f}%"


def counted(count: int | str, noun: str, many: str = "") -> str:
    """In English: ``1 account``, ``2 accounts``, ``2 people`` where ``many`` says so; as a text a count may be ``<5``, or have spaces before it."""
    return f"{count} {noun if str(count).strip() == '1' else many or f'{noun}s'}"


def listed(parts: Sequence[str], language: str) -> str:
    """``a, b and c``."""
    return format_list(parts, "standard", _locale(language))


def written(value: Any) -> str:
    """A plain value as a source has it: lists split at `;`."""
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)
