"""The page of docs/examples asks what the schema has, sends no key anywhere but to the service, and writes no markup from data."""

import re
from pathlib import Path

import pytest
from graphql import parse, validate

from api.schema import build
from graph.errors import ConfigError
from graph.settings import load_settings
from tests.application import application

PAGE = (Path(__file__).parent.parent.parent / "docs" / "examples" / "decision_chain.html").read_text(encoding="utf-8")


def test_its_document_is_valid():
    (document,) = re.findall(r'id="question">(.*?)</script>', PAGE, re.S)
    assert validate(build()._schema, parse(document)) == []


def test_data_is_text_and_never_markup():
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", PAGE)
    assert not re.search(r"localStorage|sessionStorage|cookie", PAGE), "a key is kept nowhere"
    assert not re.search(r"""(src|href)=["']https?:""", PAGE), "it needs nothing from elsewhere"


async def test_a_page_of_another_origin_may_ask_only_where_it_is_named():
    asked = {"origin": "http://127.0.0.1:8080", "access-control-request-method": "POST", "access-control-request-headers": "content-type,purpose"}
    async with application() as closed:
        assert "access-control-allow-origin" not in (await closed.options("/graphql", headers=asked)).headers
    async with application(ORIGINS="http://127.0.0.1:8080, https://abm.example") as opened:
        answer = await opened.options("/graphql", headers=asked)
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "http://127.0.0.1:8080")
        assert "access-control-allow-credentials" not in answer.headers
        other = await opened.options("/graphql", headers={**asked, "origin": "http://evil.example"})
        assert (other.status_code, "access-control-allow-origin" in other.headers) == (400, False)


@pytest.mark.parametrize("origins", ["*", "null", "https://abm.example,*"])
def test_not_everybody_can_be_named(origins):
    with pytest.raises(ConfigError, match="DOTTEDLINE_ORIGINS"):
        load_settings({"DOTTEDLINE_ORIGINS": origins})
