"""Tokens of an identity provider: only one of its own, for us, of now, opens."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import URLError

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from api import oidc
from api.oidc import Tokens, public_keys
from graph.errors import ConfigError, StoreUnavailable, Unauthenticated
from graph.settings import load_settings

RSA = rsa.generate_private_key(65537, 2048)
OTHER = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP256R1())


def jwk(key, algorithm, **more):
    made = jwt.get_algorithm_by_name(algorithm).to_jwk(key.public_key(), as_dict=True)
    return {**made, "alg": algorithm, "use": "sig", **more}


SET = {"keys": [jwk(RSA, "RS256", kid="r1"), jwk(EC, "ES256", kid="e1"), {"kty": "oct", "k": "c2VjcmV0", "kid": "o1", "alg": "HS256"}, "nonsense"]}


def claims(**more):
    now = datetime.now(UTC)
    made = {"iss": "https://id.example", "aud": "dottedline", "sub": "tang-min", "iat": now, "exp": now + timedelta(minutes=5), **more}
    return {name: value for name, value in made.items() if value is not None}


def token(key=RSA, algorithm="RS256", kid="r1", **more):
    return jwt.encode(claims(**more), key, algorithm, {} if kid is None else {"kid": kid})


@pytest.fixture
def tokens(tmp_path):
    def make(**changed):
        (tmp_path / "jwks.json").write_bytes(orjson.dumps(SET))
        given = {"ISSUER": "https://id.example", "AUDIENCE": "dottedline", "JWKS": str(tmp_path / "jwks.json"), **changed}
        return Tokens.of(load_settings({f"DOTTEDLINE_OIDC_{name}": value for name, value in given.items() if value}))

    return make


async def test_the_providers_own_tokens_open(tokens):
    known = tokens()
    assert await known.name_of(token()) == "tang-min"
    assert await known.name_of(token(EC, "ES256", "e1")) == "tang-min"
    assert await known.name_of(token(aud=["other", "dottedline"])) == "tang-min"
    assert await known.name_of(token(kid=None)) == "tang-min", "there is one key of this algorithm"
    assert await known.name_of(token(exp=datetime.now(UTC) - timedelta(seconds=5))) == "tang-min", "clocks differ by less than the leeway"
    assert await tokens(CLAIM="email").name_of(token(email="tang@bank.example", email_verified=True)) == "tang@bank.example"


def unsigned(**more):
    return jwt.encode(claims(**more), None, "none")


def confused():
    """Signed with HMAC, the public key as its secret."""
    public = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head, body = (jwt.utils.base64url_encode(orjson.dumps(part)) for part in ({"alg": "HS256", "kid": "r1"}, {**claims(), "iat": 0, "exp": 4e9}))
    signature = jwt.get_algorithm_by_name("HS256").sign(head + b"." + body, public)
    return b".".join([head, body, jwt.utils.base64url_encode(signature)]).decode()


def tampered():
    head, _, signature = token().split(".")
    return ".".join([head, token(sub="lin-xiao").split(".")[1], signature])


BAD = {
    "forged with another key": (lambda: token(OTHER), "signature is wrong"),
    "tampered": (tampered, "signature is wrong"),
    "unsigned": (unsigned, "algorithm"),
    "HMAC with the public key": (confused, "algorithm"),
    "HMAC with a shared key of the set": (lambda: token(b"secret" * 8, "HS256", "o1"), "algorithm"),
    "signed in a way that is not pinned": (lambda: token(RSA, "RS512"), "algorithm"),
    "an RSA signature under the name of the other key": (lambda: token(kid="e1"), "algorithm"),
    "of an unknown key": (lambda: token(kid="r9"), "key"),
    "expired": (lambda: token(exp=datetime.now(UTC) - timedelta(seconds=60)), "expired"),
    "not yet": (lambda: token(nbf=datetime.now(UTC) + timedelta(minutes=5)), "does not count yet"),
    "for another audience": (lambda: token(aud="payroll"), "audience"),
    "of another issuer": (lambda: token(iss="https://evil.example"), "issuer"),
    "without an end": (lambda: token(exp=None), "missing"),
    "without an audience": (lambda: token(aud=None), "missing"),
    "of nobody": (lambda: token(sub="  "), "names nobody"),
    "without the claim": (lambda: token(sub=None), "missing"),
    "no token": (lambda: "a.b.c", "none"),
    "endless": (lambda: "a" * 20_000, "too long"),
    "with a critical extension": (lambda: jwt.encode(claims(), RSA, "RS256", {"kid": "r1", "crit": ["x"], "x": 1}), "not as it must be"),
}


@pytest.mark.parametrize("case", BAD)
async def test_a_token_that_is_not_all_it_must_be_opens_nothing(tokens, case):
    make, why = BAD[case]
    given = make()
    with pytest.raises(Unauthenticated) as refused:
        await tokens().name_of(given)
    assert why in refused.value.message
    assert given not in repr(refused.value) and "tang-min" not in repr(refused.value) and refused.value.__cause__ is None


async def test_a_mailbox_must_be_one_that_the_provider_verified(tokens):
    for told in ({}, {"email_verified": False}, {"email_verified": "false"}):
        with pytest.raises(Unauthenticated, match="mailbox"):
            await tokens(CLAIM="email").name_of(token(email="tang@bank.example", **told))


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"AUDIENCE": ""}, "DOTTEDLINE_OIDC_AUDIENCE"),
        ({"JWKS": "/nowhere/jwks.json"}, "cannot be used"),
        ({"JWKS": "http://id.example/jwks"}, "https"),
        ({"JWKS": "file:///etc/passwd"}, "https"),
        ({"ALGORITHMS": "none"}, "none is not taken"),
        ({"ALGORITHMS": "RS256,HS256"}, "HS256 is not taken"),
        ({"ALGORITHMS": "EdDSA"}, "no public key"),
    ],
)
def test_a_provider_that_is_named_wrongly(tokens, changed, says):
    with pytest.raises(ConfigError, match=says):
        tokens(**changed)


def test_without_a_provider_there_are_no_tokens():
    assert Tokens.of(load_settings({})) is None


def test_only_public_keys_for_signatures_are_taken():
    keys = [*SET["keys"], jwk(OTHER, "RS256", kid="enc", use="enc"), {"kty": "RSA", "kid": "broken", "n": "!"}]
    assert set(public_keys(orjson.dumps({"keys": keys}), ["RS256", "ES256"])) == {("r1", "RS256"), ("e1", "ES256")}
    for body in (b"[]", b"{", b'{"keys": 1}'):
        with pytest.raises(ValueError):
            public_keys(body, ["RS256"])


@pytest.fixture
def provider(monkeypatch):
    """What the provider answers, and how often it was asked."""

    class Provider:
        answer, asked = SET, 0

        def __call__(self, address):
            self.asked += 1
            if self.answer is None:
                raise URLError("no route")
            return orjson.dumps(self.answer)

    made = Provider()
    monkeypatch.setattr(oidc, "fetched", made)
    return made


async def test_an_address_is_asked_once_for_many_tokens_and_bounded_for_unknown_keys(tokens, provider):
    known = tokens(JWKS="https://id.example/jwks")
    for _ in range(3):
        assert await known.name_of(token()) == "tang-min"
    for number in range(20):
        with pytest.raises(Unauthenticated):
            await known.name_of(token(kid=f"made-up-{number}"))
    assert provider.asked == 1, "a flood of unknown keys does not reach the provider"


async def test_a_new_key_of_the_provider_is_found(tokens, provider, monkeypatch):
    known = tokens(JWKS="https://id.example/jwks")
    await known.name_of(token())
    provider.answer = {"keys": [jwk(OTHER, "RS256", kid="r2")]}
    later = time.monotonic() + oidc.AGAIN_SECONDS + 1
    monkeypatch.setattr(oidc.time, "monotonic", lambda: later)
    assert await known.name_of(token(OTHER, kid="r2")) == "tang-min"
    with pytest.raises(Unauthenticated):
        await known.name_of(token())


class Provider(BaseHTTPRequestHandler):
    """What stands at the provider's addresses: its keys, a way elsewhere, and something endless."""

    keys, asked = SET, []

    def do_GET(self):
        self.asked.append(self.path)
        self.send_response(302 if self.path == "/moved" else 200)
        self.send_header("location", "/jwks")
        self.end_headers()
        self.wfile.write(b" " * (oidc.LARGEST_SET + 1) if self.path == "/endless" else orjson.dumps(self.keys))

    def log_message(self, *_):
        pass


@pytest.fixture
def live(monkeypatch):
    """The address of a provider that answers over HTTP."""
    monkeypatch.setattr(Provider, "asked", [])
    with ThreadingHTTPServer(("127.0.0.1", 0), Provider) as server, ThreadPoolExecutor(1) as aside:
        aside.submit(server.serve_forever, 0.01)
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


async def test_a_provider_changes_its_keys(tokens, live, monkeypatch):
    known = tokens(JWKS=f"{live}/jwks")
    for _ in range(2):
        assert await known.name_of(token()) == "tang-min"
    assert Provider.asked == ["/jwks"]
    monkeypatch.setattr(Provider, "keys", {"keys": [jwk(OTHER, "RS256", kid="r2")]})
    with pytest.raises(Unauthenticated):
        await known.name_of(token(OTHER, kid="r2"))
    monkeypatch.setattr(oidc, "AGAIN_SECONDS", 0)
    assert await known.name_of(token(OTHER, kid="r2")) == "tang-min"
    with pytest.raises(Unauthenticated):
        await known.name_of(token())


async def test_a_key_that_the_provider_withdrew_opens_until_the_set_is_looked_at_again(tokens, live, monkeypatch):
    known = tokens(JWKS=f"{live}/jwks")
    await known.name_of(token())
    monkeypatch.setattr(Provider, "keys", {"keys": [jwk(OTHER, "RS256", kid="r2")]})
    assert await known.name_of(token()) == "tang-min"
    for name in ("FRESH_SECONDS", "AGAIN_SECONDS"):
        monkeypatch.setattr(oidc, name, 0)
    with pytest.raises(Unauthenticated):
        await known.name_of(token())


@pytest.mark.parametrize("path", ["/moved", "/endless"])
async def test_what_leads_elsewhere_or_has_no_end_is_no_key_set(tokens, live, path):
    with pytest.raises(StoreUnavailable):
        await tokens(JWKS=f"{live}{path}").name_of(token())
    assert Provider.asked == [path]


async def test_a_provider_that_falls_silent_is_trusted_for_a_while(tokens, provider, monkeypatch):
    silent = tokens(JWKS="https://id.example/jwks")
    await silent.name_of(token(exp=datetime.now(UTC) + timedelta(hours=3)))
    provider.answer, began = None, time.monotonic()
    monkeypatch.setattr(oidc.time, "monotonic", lambda: began + oidc.FRESH_SECONDS + 1)
    assert await silent.name_of(token()) == "tang-min"
    monkeypatch.setattr(oidc.time, "monotonic", lambda: began + oidc.STALE_SECONDS + 1)
    with pytest.raises(StoreUnavailable):
        await silent.name_of(token())
    with pytest.raises(StoreUnavailable):
        await tokens(JWKS="https://id.example/jwks").name_of(token())
