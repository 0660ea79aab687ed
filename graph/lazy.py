"""``cached_property`` without the lock that Python 3.11 holds for all instances of a class: a thread at work would stop the loop at another's.

Two who look at once both work it out, so that it must be pure.
"""

from typing import TYPE_CHECKING

__all__ = ["cached_property"]

if TYPE_CHECKING:
    from functools import cached_property
else:

    class cached_property:
        """A property that is worked out when somebody first looks, and stays."""

        def __init__(self, make):
            self.make, self.__doc__ = make, make.__doc__

        def __set_name__(self, owner, name):
            self.name = name

        def __get__(self, one, owner=None):
            if one is None:
                return self
            return one.__dict__.setdefault(self.name, self.make(one))
