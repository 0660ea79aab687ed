"""Enumerations whose values say what they mean, in the place where they are declared."""

from enum import StrEnum
from typing import Self

from graph.errors import DefinitionError


class Worded(StrEnum):
    """``STALE = "STALE", "They were close, and are no more."``: a value, and its sentence as ``said``. One without a sentence fails at import."""

    said: str

    def __new__(cls, value: str, said: str = "") -> Self:
        """A member of this value. Raises DefinitionError without its sentence."""
        if not said:
            raise DefinitionError(f"{cls.__name__}: {value} lacks its sentence.")
        member = str.__new__(cls, value)
        member._value_, member.said = value, said
        return member
