"""Bearer tokens of an identity provider: who one of them is for, after all that it must be was looked at."""

import asyncio
import logging
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import jwt
import orjson

from graph.errors import ConfigError, StoreUnavailable, Unauthenticated
from graph.settings import Settings

log = logging.getLogger(__name__)
ALGORITHMS = {
    "RSA": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "EC": ("ES256", "ES384", "ES512"),
    "OKP": ("EdDSA",),
}
"""Type of a public key -> the signatures that it can check. What is signed with a shared secret, or not at all, is never taken."""
LONGEST_TOKEN = 16_384
LARGEST_SET = 1 << 20
FRESH_SECONDS = 300
"""So long a fetched key set is used without a look for a newer one."""
AGAIN_SECONDS = 30
"""So often at most it is fetched, whatever unknown keys tokens name."""
STALE_SECONDS = 3_600
"""So long it is used while the provider does not answer."""
FETCH_SECONDS = 5
REFUSED = "This token opens nothing: "


class _Straight(HTTPRedirectHandler):
    """Key sets are fetched from where the setting says, and nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        """Follows nothing."""


def fetched(address: str) -> bytes:
    """What stands at an http or https address. Raises OSError, and ValueError where it is too large."""
    asked = Request(address, headers={"accept": "application/json"})  # noqa: S310 (KeySet looked at the scheme)
    with build_opener(_Straight).open(asked, timeout=FETCH_SECONDS) as answer:
        body: bytes = answer.read(LARGEST_SET + 1)
    if len(body) > LARGEST_SET:
        raise ValueError(f"it is larger than {LARGEST_SET >> 10} KiB")
    return body


def public_keys(body: bytes, algorithms: Iterable[str]) -> dict[tuple[str, str], jwt.PyJWK]:
    """(Id, algorithm) -> a key of a key set that checks signatures, of each algorithm that is allowed and fits it. Raises ValueError."""
    told = orjson.loads(body)
    if not isinstance(told, dict) or not isinstance(told.get("keys"), list):
        raise ValueError("it is no JSON Web Key Set")
    found = {}
    for key in told["keys"]:
        if not isinstance(key, dict) or key.get("use", "sig") != "sig" or not isinstance(key.get("kid", ""), str):
            continue
        for algorithm in ALGORITHMS.get(str(key.get("kty")), ()):
            if algorithm in algorithms and key.get("alg", algorithm) == algorithm:
                try:
                    found[key.get("kid", ""), algorithm] = jwt.PyJWK(key, algorithm)
                except jwt.PyJWTError:
                    continue  # of another curve, or broken: no token can name it
    return found


class KeySet:
    """The provider's public keys, from a file or an address; an address is asked again now and then, and for keys that are not known."""

    def __init__(self, place: str, algorithms: Iterable[str]) -> None:
        self._place, self._algorithms = place, frozenset(algorithms)
        self._remote = "://" in place
        self._keys: dict[tuple[str, str], jwt.PyJWK] = {}
        self._asked = self._came = float("-inf")
        self._turn = asyncio.Lock()
        if self._remote:
            parts = urlsplit(place)
            if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")):
                raise ConfigError(f"DOTTEDLINE_OIDC_JWKS: {place} can be changed on its way. Use an https:// address, or a file.")
        else:
            try:
                self._keys = public_keys(Path(place).read_bytes(), self._algorithms)
            except (OSError, ValueError) as error:
                raise ConfigError(f"DOTTEDLINE_OIDC_JWKS: {place} cannot be used: {error}. Name a file of a JSON Web Key Set.") from None
            if not self._keys:
                raise ConfigError(f"DOTTEDLINE_OIDC_JWKS: {place} holds no public key for {', '.join(sorted(self._algorithms))}.")

    async def key(self, kid: str | None, algorithm: str) -> jwt.PyJWK | None:
        """The key of this id; without an id the only one there is for the algorithm. Raises StoreUnavailable while the provider does not answer."""
        if self._remote and time.monotonic() - self._came > FRESH_SECONDS:
            await self._fetch()
        found = self._find(kid, algorithm)
        if found is None and self._remote:
            await self._fetch()
            found = self._find(kid, algorithm)
        return found

    def _find(self, kid: str | None, algorithm: str) -> jwt.PyJWK | None:
        if kid is not None:
            return self._keys.get((kid, algorithm))
        fitting = [key for (_, fits), key in self._keys.items() if fits == algorithm]
        return fitting[0] if len(fitting) == 1 else None

    async def _fetch(self) -> None:
        async with self._turn:
            if time.monotonic() - self._asked >= AGAIN_SECONDS:
                self._asked = time.monotonic()
                try:
                    self._keys = public_keys(await asyncio.to_thread(fetched, self._place), self._algorithms)
                    self._came = time.monotonic()
                except (OSError, URLError, ValueError) as error:
                    log.error("the identity provider's keys could not be fetched", extra={"reason": str(error)})
        if time.monotonic() - self._came > STALE_SECONDS:
            raise StoreUnavailable("The identity provider does not tell its keys. Ask again later.")


class Tokens:
    """Checks tokens: signature, algorithm, issuer, audience, times, and the claim that names the principal."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._algorithms = [name for part in settings.oidc_algorithms.split(",") if (name := part.strip())]
        known = [name for names in ALGORITHMS.values() for name in names]
        if wrong := [name for name in self._algorithms if name not in known] or ([] if self._algorithms else ["nothing"]):
            raise ConfigError(f"DOTTEDLINE_OIDC_ALGORITHMS: {wrong[0]} is not taken. Write some of {', '.join(known)}.")
        self._keys = KeySet(settings.oidc_jwks or "", self._algorithms)

    @classmethod
    def of(cls, settings: Settings) -> "Tokens | None":
        """None where no provider is named. Raises ConfigError where one is named by half."""
        named = {
            "DOTTEDLINE_OIDC_ISSUER": settings.oidc_issuer,
            "DOTTEDLINE_OIDC_AUDIENCE": settings.oidc_audience,
            "DOTTEDLINE_OIDC_JWKS": settings.oidc_jwks,
        }
        if not any(named.values()):
            return None
        if lacking := [name for name, value in named.items() if not value]:
            raise ConfigError(f"An identity provider is named by half: set {' and '.join(lacking)} too, or none of the three.")
        return cls(settings)

    async def name_of(self, token: str) -> str:
        """The principal of a token. Raises Unauthenticated for one that opens nothing; what it says why names neither the token nor its claims."""
        if len(token) > LONGEST_TOKEN:
            raise Unauthenticated(f"{REFUSED}it is too long.")
        try:
            header = jwt.get_unverified_header(token)
            algorithm, kid = header.get("alg"), header.get("kid")
            key = await self._keys.key(kid, algorithm) if algorithm in self._algorithms else None
            if key is None:
                raise Unauthenticated(f"{REFUSED}its key or its algorithm is not one of the provider's.")
            claims = jwt.decode(
                token,
                key,
                algorithms=self._algorithms,
                audience=self.settings.oidc_audience,
                issuer=self.settings.oidc_issuer,
                leeway=self.settings.oidc_leeway_seconds,
                options={"require": ["exp", "iss", "aud", self.settings.oidc_claim]},
            )
        except jwt.ExpiredSignatureError:
            raise Unauthenticated(f"{REFUSED}it has expired.") from None
        except jwt.PyJWTError as error:
            raise Unauthenticated(f"{REFUSED}{WHY.get(type(error), 'it is none, or not as it must be')}.") from None
        name = claims[self.settings.oidc_claim]
        if not isinstance(name, str) or not name.strip():
            raise Unauthenticated(f"{REFUSED}its claim {self.settings.oidc_claim!r} names nobody.")
        if self.settings.oidc_claim == "email" and claims.get("email_verified") is not True:
            raise Unauthenticated(f"{REFUSED}the provider does not say that it verified the mailbox (`email_verified`).")
        return name


WHY = {
    jwt.InvalidAudienceError: "it is for another audience",
    jwt.InvalidIssuerError: "it is of another issuer",
    jwt.ImmatureSignatureError: "it does not count yet",
    jwt.InvalidSignatureError: "its signature is wrong",
    jwt.MissingRequiredClaimError: "a claim is missing",
}
