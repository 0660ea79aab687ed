"""What `deploy/` and the containers say fits the program: settings, metrics, limits and addresses have their names from it."""

import re
from pathlib import Path

import pytest

from api.app import create_app
from api.metrics import Metrics
from api.server import KEEP_ALIVE
from graph.settings import Settings, load_settings
from tests.application import NoStore

ROOT = Path(__file__).parent.parent.parent
PAGES = ["deploy/README.md", "deploy/nginx.conf", "docker-compose.yml", "Dockerfile", "docs/security.md", "docs/running.md"]
NGINX = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
SETTINGS = load_settings({})
NAMES = {field.alias for field in Settings.model_fields.values()}
KEPT_INSIDE = {"/", "/healthz", "/readyz", "/metrics"}


@pytest.mark.parametrize("page", PAGES)
def test_every_setting_that_is_named_is_one(page):
    named = set(re.findall(r"\b(?:DOTTEDLINE|NEO4J)_[A-Z][A-Z0-9_]+(?<!_)\b", (ROOT / page).read_text(encoding="utf-8")))
    files = {f"{name}_FILE" for name in NAMES}
    assert named - NAMES - files - {"NEO4J_AUTH_FILE"} == set()


def test_every_metric_that_is_named_is_told():
    told = set(re.findall(r"^# TYPE (\w+)", Metrics().told().decode(), re.M))
    named = set(re.findall(r"`(dottedline_\w+)", (ROOT / "deploy" / "README.md").read_text(encoding="utf-8")))
    assert named and named <= told


def directive(name):
    return re.search(rf"^\s*{name}\s+([^;]+);", NGINX, re.M).group(1)


def test_the_proxy_lets_through_what_we_take_and_outwaits_us():
    assert directive("client_max_body_size") == f"{SETTINGS.max_body_kib >> 10}m"
    assert int(directive("proxy_read_timeout").removesuffix("s")) > max(2 * SETTINGS.request_seconds, SETTINGS.write_seconds)


def test_the_proxy_sends_nothing_into_a_connection_that_we_close():
    upstream = re.search(r"upstream dottedline {(.*?)}", NGINX, re.S).group(1)
    assert int(re.search(r"keepalive_timeout (\d+)s;", upstream).group(1)) < KEEP_ALIVE


def test_no_answer_of_ours_makes_a_server_count_as_failed():
    assert directive("proxy_next_upstream").split() == ["error", "timeout"], "two who are told 503 would take the service from all others"


def test_the_proxy_hands_on_what_clients_ask_and_nothing_else():
    open_ = re.compile(re.search(r"location ~ (\S+) {", NGINX).group(1))
    routes = {route.path for route in create_app(SETTINGS, NoStore).routes}
    assert {path for path in routes if not open_.match(path)} == KEPT_INSIDE
    assert re.search(r"location / {\s*return 404;", NGINX)
