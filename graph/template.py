"""Templates: which roles a decision wants, with what weight, and what to say to their holders. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from graph.model import Authority, BuyingRole, Semantics

MAPPED_FROM = 0.3
"""A role is mapped once somebody holds it with at least this confidence (method.md 5.3)."""


class Wanted(NamedTuple):
    """One role of a template.

    ``weight`` is its share in coverage; under ``any`` semantics one holder is enough, under ``all`` a panel decides; ``min_members`` holders fill it;
    ``authority`` and ``step`` are what a holder may do, and when, unless a row says otherwise; the themes are what to say to a holder.
    """

    weight: float
    semantics: Semantics
    authority: Authority
    step: int | None
    theme_en: str
    theme_zh: str
    min_members: int = 1


Template = Mapping[BuyingRole, Wanted]
"""Role -> what is wanted of it, the weightiest first."""

DEFAULT: Template = {
    BuyingRole.DECISION_MAKER: Wanted(0.25, Semantics.ANY, Authority.VETO, 5, "success cases of the industry", "行业成功案例"),
    BuyingRole.ECONOMIC_BUYER: Wanted(0.20, Semantics.ANY, Authority.APPROVE, 4, "return and risk", "投入产出与风险"),
    BuyingRole.END_USER: Wanted(0.15, Semantics.ANY, Authority.ADVISE, 1, "simple, easy, precise", "简单好用、精度高"),
    BuyingRole.TECHNICAL_EVALUATOR: Wanted(0.15, Semantics.ALL, Authority.ADVISE, 2, "precision, openness", "精度与开放性"),
    BuyingRole.PROCUREMENT: Wanted(0.10, Semantics.ANY, Authority.APPROVE, 3, "good value, keeps value", "经济实惠、保值"),
    BuyingRole.IMPLEMENTER: Wanted(0.10, Semantics.ANY, Authority.ADVISE, 2, "low failure rate", "低故障率"),
    BuyingRole.CHAMPION: Wanted(0.05, Semantics.ANY, Authority.ADVISE, 1, "content and recognition", "内容与认可"),
}
"""The template of accounts and groups that have none (method.md 5.3)."""
BESIDE = Wanted(0.0, Semantics.ANY, Authority.NONE, None, "", "")
"""A role that a template does not name: it may be held and carries no weight."""


def made(rows: Iterable[tuple[str, float, str, int, int | None, str | None, str | None]]) -> Template:
    """A template from its rows (role, weight, semantics, members that fill it, step, themes); what a row leaves open is as in the default one."""
    roles = {}
    for role, weight, semantics, members, step, english, chinese in rows:
        usual = DEFAULT.get(BuyingRole(role), BESIDE)
        roles[BuyingRole(role)] = Wanted(
            weight,
            Semantics(semantics),
            usual.authority,
            usual.step if step is None else step,
            english or usual.theme_en,
            chinese or usual.theme_zh,
            members,
        )
    return dict(sorted(roles.items(), key=lambda item: (-item[1].weight, item[0])))


def wanted(template: Template, role: BuyingRole) -> Wanted:
    """What a template wants of a role; of one that it does not name, its usual authority and step, and no weight."""
    return template[role] if role in template else DEFAULT.get(role, BESIDE)._replace(weight=0.0)


def templates_in(rows: Iterable[tuple[Any, ...]]) -> dict[str, Template]:
    """Template id -> template, from packed rows that begin with its id."""
    by_id: dict[str, list[Any]] = {}
    for id_, *row in rows:
        by_id.setdefault(id_, []).append(tuple(row))
    return {id_: made(given) for id_, given in by_id.items()}
