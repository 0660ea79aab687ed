"""Who asks: from a request to a principal. Without configuration only this machine is served, and whoever sits there is the steward."""

import ipaddress
import ssl
from collections.abc import Sequence

from starlette.requests import Request

from api.oidc import Tokens
from graph.access import PREFIX, Access, Opened
from graph.errors import ConfigError, Forbidden, Unauthenticated
from graph.model import Opens
from graph.principal import Principal, local_steward
from graph.settings import Settings
from graph.store import Store

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")
"""Headers by which a proxy shows that it speaks for others."""
WANTED = "This service wants to know who asks. Send `Authorization: Bearer KEY`; `dottedline key add NAME` makes one."


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches ``host``."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def networks(text: str) -> list[Network]:
    """The networks of a setting. Raises ConfigError."""
    try:
        return [ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip()]
    except ValueError as error:
        raise ConfigError(f"DOTTEDLINE_PROXY: {error}. Write addresses or networks such as 10.0.0.5,10.1.0.0/16.") from None


def refuse_open_door(settings: Settings) -> None:
    """Raises ConfigError for an address that others reach, where what they send could be read on its way, and for half a certificate."""
    if (settings.tls_cert is None) != (settings.tls_key is None):
        raise ConfigError("A certificate needs its key: set both DOTTEDLINE_TLS_CERT and DOTTEDLINE_TLS_KEY, or neither.")
    for name, path in (("DOTTEDLINE_TLS_CERT", settings.tls_cert), ("DOTTEDLINE_TLS_KEY", settings.tls_key)):
        if path is not None and not path.is_file():
            raise ConfigError(f"{name}: {path} is no file. Name the file, in PEM.")
    if settings.tls_cert and settings.tls_key:
        try:  # a key under a password would otherwise be asked for at the terminal
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(settings.tls_cert, settings.tls_key, password="")
        except OSError as error:
            raise ConfigError(
                f"DOTTEDLINE_TLS_CERT, DOTTEDLINE_TLS_KEY: they cannot be used: {error}. Name a certificate and its key, open, in PEM."
            ) from None
    if not is_loopback(settings.host) and settings.tls_cert is None and not settings.proxy.strip():
        raise ConfigError(
            f"{settings.host} can be reached by others, and keys would travel in the clear. Set DOTTEDLINE_TLS_CERT and DOTTEDLINE_TLS_KEY, name the "
            "proxy that ends TLS in DOTTEDLINE_PROXY, or serve on 127.0.0.1."
        )


class Who:
    """``await who(request)`` is the principal of a request, and raises Unauthenticated or Forbidden for one of nobody's.

    A key or a token opens wherever it comes from. Without one there is only the local steward: on loopback, with no proxy, no identity provider
    and no key that was ever made. Raises ConfigError for settings that contradict each other or leave the door open.
    """

    def __init__(self, settings: Settings) -> None:
        refuse_open_door(settings)
        self._proxies: Sequence[Network] = networks(settings.proxy)
        self._tokens = Tokens.of(settings)
        self._wide = not is_loopback(settings.host)
        self._open = not (self._wide or self._proxies or self._tokens)

    async def ready(self, store: Store) -> None:
        """Raises ConfigError where others reach the service and nobody could be told apart."""
        if self._wide and self._tokens is None and not await store.companion(Access).keyed():
            raise ConfigError(
                "Others can reach this service, and nobody could be told apart: there is no key, and no identity provider. "
                "Make a key with `dottedline key add NAME`, or set DOTTEDLINE_OIDC_ISSUER, DOTTEDLINE_OIDC_AUDIENCE and DOTTEDLINE_OIDC_JWKS."
            )

    async def __call__(self, request: Request) -> Principal:
        """Who asks."""
        return await self._principal(request, await self._shown(request))

    async def measures(self, request: Request) -> None:
        """Raises Unauthenticated or Forbidden for who may not read the figures: one needs a key for them, or to see everywhere."""
        shown = await self._shown(request)
        if shown is not None and shown.what is Opens.METRICS:
            return
        if (await self._principal(request, shown)).scope() is not None:
            raise Forbidden("These figures are of the whole market, and you see some territories of it only. Ask for a key: --opens metrics.")

    async def _principal(self, request: Request, shown: Opened | None) -> Principal:
        access = _access(request)
        if shown is None:
            return await self._local(request, access)
        if shown.what is not Opens.GRANTED:
            raise Forbidden("This key opens `/metrics` and nothing else. Ask for one of your own: dottedline key add NAME.")
        return await access.principal(shown.principal)

    async def _shown(self, request: Request) -> Opened | None:
        """What the key or the token opens that was sent; None without one. Raises Unauthenticated."""
        self._refuse_detour(request)
        given = request.headers.getlist("authorization")
        if not given:
            return None
        scheme, _, token = given[0].partition(" ")
        if len(given) > 1 or scheme.lower() != "bearer" or not token.strip():
            raise Unauthenticated(WANTED)
        token = token.strip()
        if self._tokens is not None and not token.startswith(f"{PREFIX}_"):
            return Opened(await self._tokens.name_of(token), Opens.GRANTED)
        return await _access(request).opened(token)

    def _refuse_detour(self, request: Request) -> None:
        """Where a proxy is named, nobody comes around it."""
        if self._proxies and not _within(request.client.host if request.client else "", self._proxies):
            raise Forbidden("This service is asked through its proxy only. Use its address.")

    async def _local(self, request: Request, access: Access) -> Principal:
        if not self._open or await access.keyed():
            raise Unauthenticated(WANTED)
        if not is_loopback(request.url.hostname or ""):
            raise Unauthenticated("Without a key only 127.0.0.1 and localhost are served. Use one of them as the host.")
        if any(name in request.headers for name in FORWARDED):
            raise Unauthenticated("A proxy speaks for others here. Name it in DOTTEDLINE_PROXY, and make keys: dottedline key add NAME.")
        return local_steward()


def _access(request: Request) -> Access:
    store: Store = request.app.state.store
    return store.companion(Access)


def _within(host: str, wanted: Sequence[Network]) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return any((mapped or address) in network for network in wanted)
