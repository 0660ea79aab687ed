"""What two records must share to be compared, and records with their names taken apart."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from loaders.identity.companies import CompanyName, company_name, known_names, registration, sound
from loaders.identity.contacts import country_of, e164, is_role, mailbox, own_domain, page
from loaders.identity.people import PersonName, canonical, person_name
from loaders.identity.records import Record
from loaders.identity.text import REMEMBERED

NEAR = ("name:", "sound:", "initials:")
"""Beginnings of the keys that bring near and identify nobody."""


def keys(record: Record) -> list[str]:
    """Blocking keys: what two records must share to be compared at all, sorted.

    ``mail: phone: url: id: registration: domain:`` identify; ``name: sound: initials:`` only bring near. A person's name is a key together with an
    employer, never by itself, so that no key is shared by all the Wang Weis of a market.
    """
    made = {f"phone:{number}" for phone in record.phones if (number := e164(phone, record.country))}
    made |= {f"url:{address}" for url in record.urls if (address := page(url))}
    made |= {f"id:{identifier.strip()}" for identifier in record.identifiers if identifier.strip()}
    mails = [address for mail in record.mails if (address := mailbox(mail))]
    if record.label == "Company":
        made |= {f"registration:{number}" for number in [registration(record.registration_no, record.country)] if number}
        made |= {f"domain:{domain}" for text in (record.domain, *mails) if (domain := own_domain(text))}
        for name in record.names:
            made.update(_of_company(name))
        return sorted(made)
    made |= {f"mail:{address}" for address in mails if not is_role(address)}
    if record.anonymous:
        return sorted(made | {f"id:{record.id}"} | ({f"mail:{mailbox(record.id)}"} if mailbox(record.id) else set()))
    employers = {firm.core for firm in map(company_name, record.companies) if firm.known}
    employers |= {domain.partition(".")[0] for mail in mails if (domain := own_domain(mail))}
    for name in record.names if employers else ():
        made.update(key + employer for key in _of_person(name) for employer in employers)
    return sorted(made)


@lru_cache(REMEMBERED)
def _of_company(text: str) -> tuple[str, ...]:
    name = company_name(text)
    return (f"name:{name.core}", f"sound:{sound(name)}") if name.known else ()


@lru_cache(REMEMBERED)
def _of_person(text: str) -> tuple[str, ...]:
    """The keys of a name, to which the employer is added.

    The letters in the order of the alphabet are the same for either order of a name, for 王小明, Wang Xiao-Ming and Xiaoming Wang; the initials meet
    what is shortened or mistyped, and those of a short form also what it stands for: Bob Smith is met by Robert Smith.
    """
    name = person_name(text)
    if not name.whole:
        return ()
    first, last = ({word[0], *(other[0] for other in canonical(word))} for word in (name.words[0], name.words[-1]))
    initials = {"".join(sorted((one, other))) for one in first for other in last}
    return (f"name:{''.join(sorted(''.join(name.words)))}@", *sorted(f"initials:{letters}@" for letters in initials))


@dataclass(frozen=True, slots=False)
class Known:
    """A record with what it says taken apart, once, when first asked for."""

    record: Record
    found: list[str] | None = None
    """Its blocking keys, where they are known already."""

    @cached_property
    def keys(self) -> list[str]:
        """Its blocking keys."""
        return keys(self.record) if self.found is None else self.found

    @property
    def source(self) -> str:
        """What gave its id: ``salesforce`` of ``salesforce:003A``; empty of an id as written."""
        before, colon, _ = self.record.id.partition(":")
        return before if colon else ""

    @cached_property
    def person_names(self) -> list[PersonName]:
        """Names of a person; an anonymous one has none."""
        return [] if self.record.anonymous else [name for name in map(person_name, self.record.names) if name.known]

    @cached_property
    def company_names(self) -> list[CompanyName]:
        """Of a company its own, of a person the employers'."""
        return known_names(self.record.names if self.record.label == "Company" else self.record.companies)

    @cached_property
    def registration(self) -> str:
        """The registration number after its register."""
        return registration(self.record.registration_no, self.record.country)

    @cached_property
    def country(self) -> str | None:
        """Its code."""
        return country_of(self.record.country)

    @cached_property
    def mailboxes(self) -> dict[str, set[str]]:
        """Own domain -> the person's mailboxes there."""
        made: dict[str, set[str]] = defaultdict(set)
        for address in self._after("mail:"):
            if domain := own_domain(address):
                made[domain].add(address)
        return made

    @cached_property
    def profiles(self) -> set[str]:
        """A person's pages on LinkedIn, where everyone has but one."""
        return set(self._after("url:linkedin.com/in/"))

    @cached_property
    def domains(self) -> set[str]:
        """A company's own domains."""
        return set(self._after("domain:"))

    @cached_property
    def spelled(self) -> tuple[object, ...]:
        """Equal for records whose names are written alike."""
        return tuple(self.person_names) if self.record.label == "Person" else tuple(name.inline for name in self.company_names)

    def _after(self, beginning: str) -> Iterator[str]:
        return (key.removeprefix(beginning) for key in self.keys if key.startswith(beginning))


def identifying(found: Sequence[str]) -> list[str]:
    """The keys that identify."""
    return [key for key in found if not key.startswith(NEAR)]
