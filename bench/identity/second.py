"""A second system that knows the same people and companies, as second systems do.

With other spellings, slips, titles and mailboxes, with namesakes and sister companies.
"""

from collections import defaultdict
from functools import cache
from random import Random

from nicknames import NickNamer
from opencc import OpenCC

from loaders.identity import Record
from loaders.identity.people import person_name
from loaders.identity.text import HAN, spellings

SHARE = {
    "listed again": 0.8,
    "mailbox": 0.6,
    "phone": 0.4,
    "other mailbox": 0.15,
    "moved": 0.08,
    "namesake": 0.03,
    "assistant": 0.03,
    "switchboard": 0.2,
}
"""How often each thing happens to a person or, for a switchboard, to an employer."""
SHORT = {
    "Chief Executive Officer": "CEO", "Chief Technology Officer": "CTO", "Chief Financial Officer": "CFO", "Vice President": "VP", "Senior": "Sr",
    "Deputy Director": "Dep. Dir.", "and": "&", "Human Resources": "HR", "Information Technology": "IT", "Director": "Dir",
}  # fmt: skip


@cache
def _traditional() -> OpenCC:
    return OpenCC("s2t")


@cache
def _nicknames() -> NickNamer:
    return NickNamer()


def traditional(text: str) -> str:
    """In traditional characters."""
    return str(_traditional().convert(text))


def slip(text: str, random: Random) -> str:
    """One letter dropped, doubled or swapped with the next; of Chinese, a character that sounds alike."""
    at = random.randrange(len(text) - 1) if len(text) > 1 else 0
    if HAN.search(text):
        signs = [place for place, sign in enumerate(text) if HAN.match(sign) and place]
        at = random.choice(signs) if signs else 0
        return text[:at] + random.choice(_sounding(spellings(text[at])[0])) + text[at + 1 :]
    kind = random.randrange(3)
    return text[:at] + ("", text[at] * 2, text[at + 1 : at + 2] + text[at])[kind] + text[at + (2 if kind == 2 else 1) :]


@cache
def _alike() -> dict[str, list[str]]:
    """Syllable -> common characters that are read so."""
    made: dict[str, list[str]] = defaultdict(list)
    for point in range(0x4E00, 0x9FA6):
        if chr(point).encode("gb2312", "ignore"):
            made[spellings(chr(point))[0]].append(chr(point))
    return made


def _sounding(syllable: str) -> list[str]:
    return _alike().get(syllable) or ["某"]


def name_again(name: str, random: Random) -> str:
    """A person's name as another system may have it."""
    if HAN.search(name):
        family, given = (part.title() for part in (*person_name(name).words, "")[:2])
        forms = [
            name,
            name,
            name,
            traditional(name),
            f"{family} {given}",
            f"{given} {family}",
            f"{given[:1]}. {family}",
            slip(name, random),
            f"{name}先生",
        ]
        return random.choice(forms) if given else name
    first, *middle, last = name.split() if " " in name else (name, "")
    nick = sorted(_nicknames().nicknames_of(first.casefold()) | _nicknames().canonicals_of(first.casefold()))
    forms = [name, name, name, name.upper(), f"{last}, {' '.join((first, *middle))}", f"{first[:1]}. {last}", slip(name, random), f"{first} {last}"]
    forms += [f"{random.choice(nick).title()} {last}"] if nick else [f"{first} {random.choice('ABCDEFGHJKLMNPRSTW')}. {last}"]
    return random.choice(forms).strip(" ,.")


def title_again(titles: tuple[str, ...], others: list[tuple[str, ...]], random: Random) -> tuple[str, ...]:
    """A title as another system may have it: the same, shorter, another, none."""
    what = random.random()
    if what < 0.15:
        return ()
    if what < 0.35:
        return random.choice(others)
    if what < 0.5:
        for long, short in SHORT.items():
            titles = tuple(title.replace(long, short) for title in titles)
    return titles


def company_name_again(name: str, random: Random) -> str:
    """A company's name as another system may have it."""
    if HAN.search(name):
        forms = [
            name,
            name,
            f"{name}有限公司",
            f"{name}股份有限公司",
            f"{name}集团",
            traditional(name),
            traditional(f"{name}股份有限公司"),
            slip(name, random),
        ]
        return random.choice(forms)
    wide = "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else "\u3000" if sign == " " else sign for sign in name)
    return random.choice([name, name, name.upper(), f"{name} Inc.", f"{name}, Ltd", f"{name} GmbH", f"{name} Group", wide, slip(name, random)])


class _Employer:
    """An employer's domain, and its number where all have the same."""

    def __init__(self, number: int, random: Random) -> None:
        self.domain = f"firm{number}.com"
        self.switchboard = f"+8621{5_000_0000 + number}" if random.random() < SHARE["switchboard"] else None

    def phones(self, random: Random) -> tuple[str, ...]:
        """A person's: the switchboard, or an own mobile."""
        return (self.switchboard or f"+86138{random.randrange(10**8):08d}",) if random.random() < SHARE["phone"] else ()


def people_again(people: list[Record], random: Random) -> tuple[list[Record], dict[str, str]]:
    """People as they are known once and, most of them, a second time; and who each is. An entity ends in its first employer."""
    names = sorted({person.companies[0] for person in people})
    employers = {name: _Employer(number, random) for number, name in enumerate(names)}
    titles = sorted({person.titles for person in people})
    records: list[Record] = []
    truth: dict[str, str] = {}
    colleagues: dict[str, list[str]] = defaultdict(list)

    def known(record: Record, entity: str) -> None:
        records.append(record)
        truth[record.id] = entity

    for number, person in enumerate(people):
        firm = employers[person.companies[0]]
        entity = f"{person.id}@{person.companies[0]}"
        mobile = firm.phones(random)
        mails = (f"u{number}@{firm.domain}",) if random.random() < SHARE["mailbox"] else ()
        known(person._replace(id=f"a:{person.id}", mails=mails, phones=mobile), entity)
        if random.random() < SHARE["listed again"]:
            moved = random.random() < SHARE["moved"]
            where = random.choice(names) if moved else person.companies[0]
            also = mails if not moved and random.random() > SHARE["other mailbox"] else (f"v{number}@{employers[where].domain}",)
            if random.random() > SHARE["mailbox"]:
                also = ()
            if colleagues[where] and random.random() < SHARE["assistant"]:
                also = (random.choice(colleagues[where]),)
            known(
                person._replace(
                    id=f"b:{person.id}",
                    names=tuple(name_again(name, random) for name in person.names),
                    companies=(company_name_again(where, random),),
                    titles=title_again(person.titles, titles, random),
                    mails=also,
                    phones=mobile if random.random() < 0.7 else employers[where].phones(random),
                ),
                entity,
            )
        if random.random() < SHARE["namesake"]:
            other = person._replace(
                id=f"a:namesake of {person.id}", titles=random.choice(titles), mails=(f"n{number}@{firm.domain}",), phones=firm.phones(random)
            )
            known(other, f"namesake of {entity}")
        colleagues[person.companies[0]] += mails
    return records, truth


def companies_again(companies: list[Record], random: Random) -> tuple[list[Record], dict[str, str]]:
    """Companies as known once and, most of them, twice; one in twenty has a sister of the same name in another place. An entity ends in its house."""
    records: list[Record] = []
    truth: dict[str, str] = {}
    for number, company in enumerate(companies):
        domain = company.domain or (f"house{number}.cn" if random.random() < 0.6 else None)
        records.append(company._replace(id=f"a:{company.id}", domain=domain))
        truth[f"a:{company.id}"] = f"@{company.id}"
        if random.random() < SHARE["listed again"]:
            chance = random.random()
            also = domain if chance < 0.5 else f"{domain.partition('.')[0]}.net" if domain and chance < 0.55 else None
            again = company._replace(id=f"b:{company.id}", names=(company_name_again(company.names[0], random),), domain=also)
            records.append(again._replace(country=random.choices([company.country, None, "SG"], [67, 30, 3])[0]))
            truth[again.id] = f"@{company.id}"
        if random.random() < 0.05:
            place = random.choice(["上海", "北京", "中国"] if HAN.search(company.names[0]) else ["China", "UK", "Asia"])
            sister = f"{company.names[0]}（{place}）有限公司" if HAN.search(company.names[0]) else f"{company.names[0]} ({place}) Ltd"
            records.append(company._replace(id=f"a:sister of {company.id}", names=(sister,), domain=domain if random.random() < 0.5 else None))
            truth[f"a:sister of {company.id}"] = f"sister@{company.id}"
    return records, truth
