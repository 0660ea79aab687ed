"""What goes in and what comes out."""

from typing import NamedTuple

AUTO, REVIEW = 0.99, 0.90
"""At or above AUTO two records are one; from REVIEW to AUTO a person decides; below they are not mentioned."""


class Record(NamedTuple):
    """What is known of one company or person, as its sources say it."""

    id: str
    label: str
    """``Company`` or ``Person``."""
    names: tuple[str, ...]
    """Name first, then aliases that are names."""
    mails: tuple[str, ...] = ()
    """Lower case."""
    phones: tuple[str, ...] = ()
    """As written, or E.164."""
    urls: tuple[str, ...] = ()
    """Pages that are about this one alone: a LinkedIn profile, a Crunchbase page."""
    identifiers: tuple[str, ...] = ()
    """``scheme:value``."""
    companies: tuple[str, ...] = ()
    """Of a person: names of employers, present ones first."""
    titles: tuple[str, ...] = ()
    registration_no: str | None = None
    domain: str | None = None
    country: str | None = None
    anonymous: bool = False


class Link(NamedTuple):
    """Two records that are one, or may be."""

    left: str
    right: str
    """The two ids; ``left`` sorts before ``right``."""
    rule: str
    """What joined them: ``registration number``, ``identifier``, ``profile``, ``e-mail``, ``phone``, ``domain`` or ``model``."""
    score: float
    """How likely they are one, 0 to 1."""
    why: tuple[str, ...]
    """Field by field, a sentence each."""
