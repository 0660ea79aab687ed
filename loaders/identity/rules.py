"""What comparing two records says: the rules, in order, and the model where no rule applies."""

from collections.abc import Callable, Sequence
from itertools import islice
from typing import TypeVar

from loaders.identity import companies, model, people
from loaders.identity.companies import CompanyMatch, best_company_match, company_match, company_name
from loaders.identity.keys import Known, identifying
from loaders.identity.people import NameMatch, best_match, name_match, person_name
from loaders.identity.records import REVIEW, Link

QUEUED = 0.989
"""The most that evidence may come to when something else speaks against it."""
PROOFS = {"mail": ("e-mail", 0.999), "phone": ("phone", 0.995), "url": ("profile", 0.9995), "id": ("identifier", 1.0)}
"""Identifying key of a person -> rule, and how sure it is when the names agree too."""
WORDS = {"mail": "e-mail", "phone": "phone", "url": "profile", "id": "identifier", "registration": "registration number", "domain": "domain"}
BY_DOMAIN = {CompanyMatch.SAME: 0.995, CompanyMatch.SIMILAR: 0.993, CompanyMatch.CORE: 0.97, CompanyMatch.PART: 0.95}
"""How sure a domain is, by how alike the names are."""
Shared = Callable[[str, str, Callable[[Known, Known], bool]], bool]
"""Of a label and a key: whether two of its bearers differ, so that it identifies nobody."""
Name = TypeVar("Name")


def different_people(one: Known, other: Known) -> bool:
    """Whether their names have nothing in common."""
    return best_match(one.person_names, other.person_names) == NameMatch.DIFFERENT


def unlike_people(one: Known, other: Known) -> bool:
    """Whether their names are known and cannot be one person's."""
    return NameMatch.UNKNOWN < best_match(one.person_names, other.person_names) <= NameMatch.PARTIAL


def unlike_companies(one: Known, other: Known) -> bool:
    """Whether they are in one register under two numbers, or their names have nothing in common."""
    return _two_numbers(one, other) or best_company_match(one.company_names, other.company_names) == CompanyMatch.DIFFERENT


def _two_numbers(one: Known, other: Known) -> bool:
    """Whether one register has them under two numbers."""
    if not (one.registration and other.registration) or one.registration == other.registration:
        return False
    return one.registration.partition(":")[0] == other.registration.partition(":")[0] != "?"


def may_be_one(one: Known, other: Known) -> bool:
    """Whether two people may be one by their names, when these are all that is looked at."""
    return best_match(one.person_names, other.person_names) >= NameMatch.SIMILAR


def compare_people(one: Known, other: Known, found: Sequence[str], shared: Shared) -> Link | None:
    """The link between two people who have these keys in common, if there is one."""
    match = best_match(one.person_names, other.person_names)
    if match == NameMatch.DIFFERENT:
        return None
    proofs = [key for key in identifying(found) if not shared("Person", key, different_people)]
    if not proofs:
        met_at_work = len(found) > len(identifying(found))
        return _people_by_model(one, other, match) if met_at_work and match >= NameMatch.SIMILAR else None
    rule, score = max((PROOFS[key.partition(":")[0]] for key in proofs), key=lambda proof: proof[1])
    if match == NameMatch.UNKNOWN and any(shared("Person", key, unlike_people) for key in proofs):
        score = min(score, REVIEW)
    if match == NameMatch.PARTIAL:
        score = min(score, 0.95)
    against = [*_other_mailboxes(one, other), *_other_profiles(one, other)]
    if rule == PROOFS["phone"][0] and against:
        score = min(score, QUEUED)
    why = (*map(_said_of, proofs), _people_said(one, other, match), *(said.why() for said in against))
    return Link(one.record.id, other.record.id, rule, score, why)


def _other_mailboxes(one: Known, other: Known) -> list[model.Evidence]:
    """The first domain where each has a mailbox and none in common."""
    apart = (domain for domain in sorted(one.mailboxes.keys() & other.mailboxes.keys()) if one.mailboxes[domain].isdisjoint(other.mailboxes[domain]))
    return [model.of_mailboxes(domain) for domain in islice(apart, 1)]


def _other_profiles(one: Known, other: Known) -> list[model.Evidence]:
    """Whether each has a profile and none in common."""
    apart = one.profiles and other.profiles and one.profiles.isdisjoint(other.profiles)
    return [model.OTHER_PROFILE] if apart else []


def _people_by_model(one: Known, other: Known, match: NameMatch) -> Link | None:
    """Two people at one employer. Merged only if name, employer and title agree, two sources know them, and nothing is against it."""
    pairs = ((left, right) for left in one.person_names for right in other.person_names if name_match(left, right) == match)
    names = max((model.of_names(left, right, match) for left, right in pairs), key=lambda said: said.factor)
    titles = model.of_titles(one.record.titles, other.record.titles)
    against = [*_other_mailboxes(one, other), *_other_profiles(one, other)]
    score = model.probability("Person", (names, *titles, *against))
    if score < REVIEW:
        return None
    employer = best_company_match(one.company_names, other.company_names)
    telling = any(said.factor >= model.TELLING for said in titles)
    if (
        match < NameMatch.COMPATIBLE
        or not telling
        or employer not in (CompanyMatch.SAME, CompanyMatch.SIMILAR)
        or against
        or one.source == other.source
    ):
        score = min(score, QUEUED)
    why = [_people_said(one, other, match, names), _employers_said(one, other, employer), *(said.why() for said in (*titles, *against))]
    why += ["source: it is one that knows them under two ids."] if one.source == other.source else []
    return Link(one.record.id, other.record.id, "model", score, tuple(why))


def compare_companies(one: Known, other: Known, found: Sequence[str], shared: Shared) -> Link | None:
    """The link between two companies that have these keys in common, if there is one."""
    if _two_numbers(one, other):
        return None
    match = best_company_match(one.company_names, other.company_names)
    score, rule = 0.0, ""
    why = []
    for key in identifying(found):
        scheme, _, value = key.partition(":")
        if scheme == "registration":
            checked = value.startswith(("uscc:", "lei:"))
            proof = (1.0 if checked or match >= CompanyMatch.PART else 0.95, "registration number")
        elif scheme == "phone" or shared("Company", key, unlike_companies):
            continue
        elif scheme == "domain":
            proof = (BY_DOMAIN.get(match, 0.0), "domain")
        else:
            proof = (0.9995, WORDS[scheme])
        score, rule = max((score, rule), proof)
        why.append(_said_of(key))
    if score:
        return Link(one.record.id, other.record.id, rule, score, (*why, _companies_said(one, other, match)))
    return None if match == CompanyMatch.UNKNOWN else _companies_by_model(one, other, match)


def _companies_by_model(one: Known, other: Known, match: CompanyMatch) -> Link | None:
    """Two companies whose names are near. Never merged: two firms may have one name."""
    pairs = ((left, right) for left in one.company_names for right in other.company_names if company_match(left, right) == match)
    names = max((model.of_company_names(left, right, match) for left, right in pairs), key=lambda said: said.factor)
    others = (*model.of_places(one.country, other.country), *model.of_sites(one.domains, other.domains))
    score = min(model.probability("Company", (names, *others)), QUEUED)
    if score < REVIEW:
        return None
    why = (_companies_said(one, other, match, names), *(said.why() for said in others))
    return Link(one.record.id, other.record.id, "model", score, why)


def _said_of(key: str) -> str:
    scheme, _, value = key.partition(":")
    return f"{WORDS[scheme]}: both have {value}."


def _people_said(one: Known, other: Known, match: NameMatch, evidence: model.Evidence | None = None) -> str:
    left, right = (() if known.record.anonymous else known.record.names for known in (one, other))
    return _said("name", *_first(left, right, person_name, name_match, match), people.SAYS[match], evidence)


def _companies_said(one: Known, other: Known, match: CompanyMatch, evidence: model.Evidence | None = None) -> str:
    return _said("name", *_first(one.record.names, other.record.names, company_name, company_match, match), companies.SAYS[match], evidence)


def _employers_said(one: Known, other: Known, match: CompanyMatch) -> str:
    if match == CompanyMatch.UNKNOWN:
        return "employer: the domain of a mailbox says so."
    return _said("employer", *_first(one.record.companies, other.record.companies, company_name, company_match, match), companies.SAYS[match])


def _first(
    left: Sequence[str], right: Sequence[str], parsed: Callable[[str], Name], compared: Callable[[Name, Name], int], match: int
) -> tuple[str | None, str | None]:
    """The first two texts that are so alike, else the first of each."""
    alike = ((one, other) for one in left for other in right if compared(parsed(one), parsed(other)) == match)
    return next(alike, (next(iter(left), None), next(iter(right), None)))


def _said(field: str, left: str | None, right: str | None, verdict: str, evidence: model.Evidence | None = None) -> str:
    weighed = f" ({model.times(evidence.factor)})" if evidence else ""
    return f"{field}: {left or 'none'} and {right or 'none'}: {verdict}{weighed}."
