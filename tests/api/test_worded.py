"""What the values of enumerations mean stands in the schema, from where they are declared."""

import pytest
from graphql import GraphQLEnumType

from api.schema import build
from graph.errors import DefinitionError
from graph.worded import Worded
from queries.committee.covered import CoverageState


def test_a_value_without_its_sentence_is_no_value():
    with pytest.raises(DefinitionError, match="Weather: RAIN lacks its sentence"):

        class Weather(Worded):
            SUN = "SUN", "Nothing falls."
            RAIN = "RAIN"


def test_every_value_is_explained_to_integrators():
    kinds = {name: kind for name, kind in build()._schema.type_map.items() if isinstance(kind, GraphQLEnumType) and not name.startswith("__")}
    assert [(name, value) for name, kind in kinds.items() for value, made in kind.values.items() if not made.description] == []
    assert kinds["Stage"].values["X"].description == "We tried twice and more, and nothing came back; in no open deal."
    assert (CoverageState("DEEP"), f"{CoverageState.DEEP}") == (CoverageState.DEEP, "DEEP")
