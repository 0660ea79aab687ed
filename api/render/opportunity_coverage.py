"""The coverage of an opportunity looks as that of an account does."""

from api.render.coverage import FORMATS, sheet

__all__ = ["FORMATS", "sheet"]
