"""Settings: declared once, read from the environment when asked for, frozen."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from platformdirs import user_cache_path, user_data_path
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from graph.declared import said
from graph.errors import ConfigError
from graph.model import Channel

OWN_PREFIX = "DOTTEDLINE_"


class Settings(BaseModel):
    """What can be set from outside. A field's alias is its environment variable; a secret may come from the file named by ``<NAME>_FILE``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    neo4j_uri: str | None = Field(
        None, alias="NEO4J_URI", description="A Neo4j to use (`bolt://`, `neo4j://`, `neo4j+s://`). Unset: the local database."
    )
    neo4j_user: str = Field("neo4j", alias="NEO4J_USER", description="Its user.")
    neo4j_password: SecretStr | None = Field(None, alias="NEO4J_PASSWORD", description="Its password, or `NEO4J_PASSWORD_FILE`.")
    neo4j_database: str = Field("neo4j", alias="NEO4J_DATABASE", description="The database's name.")
    home: Path = Field(
        default_factory=lambda: user_data_path("dottedline", appauthor=False),
        alias="DOTTEDLINE_HOME",
        description="Where the local database, its log and the load reports live. Default: the platform's data folder.",
    )
    cache: Path = Field(
        default_factory=lambda: user_cache_path("dottedline", appauthor=False),
        alias="DOTTEDLINE_CACHE",
        description="Where fetched Neo4j jars are kept, shared by all homes. Default: the platform's cache folder.",
    )
    maven_url: str | None = Field(None, alias="DOTTEDLINE_MAVEN_URL", description="A Maven repository to fetch Neo4j from. Unset: Maven Central.")
    neo4j_heap_mib: int = Field(512, alias="DOTTEDLINE_NEO4J_HEAP_MIB", ge=256, description="Heap of the local database, MiB.")
    neo4j_pagecache_mib: int = Field(128, alias="DOTTEDLINE_NEO4J_PAGECACHE_MIB", ge=16, description="Page cache of the local database, MiB.")
    neo4j_light: bool = Field(
        False, alias="DOTTEDLINE_NEO4J_LIGHT", description="Start the local database for tests: quicker and smaller, slower under load."
    )
    neo4j_start_seconds: float = Field(
        120, alias="DOTTEDLINE_NEO4J_START_SECONDS", gt=0, description="How long to wait for the local database to answer."
    )
    tz: str = Field("UTC", alias="DOTTEDLINE_TZ", description="Zone in which 'today' ends and dates without a zone are read.")
    host: str = Field("127.0.0.1", alias="DOTTEDLINE_HOST", description="Address of the API; wider than loopback it wants to know who asks.")
    port: int = Field(8000, alias="DOTTEDLINE_PORT", ge=0, le=65535, description="Port of the API; 0 takes a free one.")
    tls_cert: Path | None = Field(
        None, alias="DOTTEDLINE_TLS_CERT", description="The file of the certificate, with its chain, under which to serve HTTPS."
    )
    tls_key: Path | None = Field(None, alias="DOTTEDLINE_TLS_KEY", description="The file of its private key.")
    proxy: str = Field(
        "",
        alias="DOTTEDLINE_PROXY",
        description="The addresses or networks, split at commas, of the proxy before this that ends TLS, such as `10.0.0.5` or `10.0.0.0/28`. "
        "Requests from elsewhere are refused.",
    )
    origins: str = Field(
        "",
        alias="DOTTEDLINE_ORIGINS",
        pattern=r"^(\s*https?://[^\s,*/]+\s*(,|$))*$",
        description="The origins of other sites' pages that may ask from a browser, split at commas, such as `https://abm.example`. Unset: none.",
    )
    key_secret: SecretStr | None = Field(
        None,
        alias="DOTTEDLINE_KEY_SECRET",
        description="What keys the hashes of API keys; or `DOTTEDLINE_KEY_SECRET_FILE`. The same on every machine that serves one graph. Unset: "
        "a secret of this machine's own, kept in `DOTTEDLINE_HOME`.",
    )
    oidc_issuer: str | None = Field(
        None, alias="DOTTEDLINE_OIDC_ISSUER", description="The identity provider whose tokens are taken: their `iss`, letter by letter."
    )
    oidc_audience: str | None = Field(None, alias="DOTTEDLINE_OIDC_AUDIENCE", description="For whom its tokens must be: one of their `aud`.")
    oidc_jwks: str | None = Field(
        None, alias="DOTTEDLINE_OIDC_JWKS", description="Its public keys as a JSON Web Key Set: a file, or an `https://` address."
    )
    oidc_algorithms: str = Field(
        "RS256,ES256",
        alias="DOTTEDLINE_OIDC_ALGORITHMS",
        description="The signatures that are taken, split at commas, among RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA.",
    )
    oidc_claim: str = Field(
        "sub", alias="DOTTEDLINE_OIDC_CLAIM", min_length=1, description="The claim that is the principal of grants, such as `sub` or `email`."
    )
    oidc_leeway_seconds: int = Field(
        30, alias="DOTTEDLINE_OIDC_LEEWAY_SECONDS", ge=0, le=300, description="By how much the provider's clock and ours may differ."
    )
    audit_days: int = Field(
        365, alias="DOTTEDLINE_AUDIT_DAYS", ge=0, description="Days to keep the trail of who asked what, in `DOTTEDLINE_HOME`; 0 writes none."
    )
    purposes: str = Field(
        "",
        alias="DOTTEDLINE_PURPOSES",
        description="The purposes for which one may ask, split at semicolons: each request then names one in its header `purpose`. Unset: any.",
    )
    erasure_key: SecretStr | None = Field(
        None,
        alias="DOTTEDLINE_ERASURE_KEY",
        description="What hides the names of erased people in their tombstones; or `DOTTEDLINE_ERASURE_KEY_FILE`. The same on every machine that "
        "loads into one graph. Unset: a key of this machine's own, kept in `DOTTEDLINE_HOME`.",
    )
    retention: str = Field(
        "",
        alias="DOTTEDLINE_RETENTION",
        pattern=r"^(\w+=[1-9]\d{0,3}(;|$))*$",
        description="Months to keep interactions, by type, such as `page_view=13;message=36`: what `retain` goes by. Others are kept, "
        "and `unsubscribe` always.",
    )
    scoring: Path | None = Field(
        None,
        alias="DOTTEDLINE_SCORING",
        description="A folder of scoring models of your own (`*.toml`, see scoring.md); one may take the place of a shipped one by its name.",
    )
    touches_in_7_days: int = Field(
        3, alias="DOTTEDLINE_TOUCHES_IN_7_DAYS", ge=1, description="So many touches of ours within 7 days and a person is left alone."
    )
    touches_in_30_days: int = Field(6, alias="DOTTEDLINE_TOUCHES_IN_30_DAYS", ge=1, description="The same within 30 days.")
    consent_channels: str = Field(
        "",
        alias="DOTTEDLINE_CONSENT_CHANNELS",
        pattern=rf"^(({'|'.join(Channel)})(;|$))*$",
        description="Channels over which nothing but a consent allows contact, such as `message;call`, where your law asks for it. None by default.",
    )
    read_seconds: float = Field(10, alias="DOTTEDLINE_READ_SECONDS", gt=0, description="Time after which the database drops a read.")
    write_seconds: float = Field(120, alias="DOTTEDLINE_WRITE_SECONDS", gt=0, description="Time after which the database drops a write.")
    fresh_seconds: float = Field(1, alias="DOTTEDLINE_FRESH_SECONDS", ge=0, description="How long a process may go on with the revision it last saw.")
    snapshot_seconds: float = Field(
        10,
        alias="DOTTEDLINE_SNAPSHOT_SECONDS",
        ge=0,
        description="How long a question of the whole market waits for its snapshot to be built before it says `SNAPSHOT_BUILDING`.",
    )
    request_seconds: float = Field(
        60, alias="DOTTEDLINE_REQUEST_SECONDS", gt=0, description="Time after which a request that only asks is given up; writes have their own."
    )
    drain_seconds: float = Field(
        0,
        alias="DOTTEDLINE_DRAIN_SECONDS",
        ge=0,
        description="How long `/readyz` says no after SIGTERM before connections are refused: time for a load balancer to look elsewhere.",
    )
    warm: bool = Field(
        False,
        alias="DOTTEDLINE_WARM",
        description="Keep the snapshot of the market at hand: `/readyz` says no until it stands, and it follows each write before anybody asks.",
    )
    tracing: bool = Field(
        False,
        alias="DOTTEDLINE_TRACING",
        description="Send spans by OpenTelemetry (`dottedline[otel]`), to where `OTEL_EXPORTER_OTLP_ENDPOINT` says.",
    )
    max_running: int = Field(
        8,
        alias="DOTTEDLINE_MAX_RUNNING",
        ge=1,
        description="So many requests a process answers at once; others wait, and take up no memory of answers.",
    )
    max_waiting: int = Field(128, alias="DOTTEDLINE_MAX_WAITING", ge=0, description="So many wait; more are told `OVERLOADED` at once.")
    waiting_seconds: float = Field(10, alias="DOTTEDLINE_WAITING_SECONDS", gt=0, description="Whoever waited so long is told `OVERLOADED`.")
    rate: float = Field(
        50,
        alias="DOTTEDLINE_RATE",
        gt=0,
        description="Requests a second that one caller may go on making, in each process. Without authentication nobody is counted.",
    )
    rate_burst: int = Field(200, alias="DOTTEDLINE_RATE_BURST", ge=1, description="So many more they may make at once after a pause.")
    introspection: bool = Field(
        True,
        alias="DOTTEDLINE_INTROSPECTION",
        description="Whether the schema may be asked for, and GraphiQL is served, which a browser fetches from a public CDN; "
        "`schema.graphql` has the schema in any case.",
    )
    documents_kib: int = Field(
        512, alias="DOTTEDLINE_DOCUMENTS_KIB", ge=0, description="How much text of GraphQL documents is kept parsed, validated and compiled, KiB."
    )
    documents: Path | None = Field(
        None,
        alias="DOTTEDLINE_DOCUMENTS",
        description="Trusted documents, asked by `documentId`, the SHA-256 of their bytes: a folder of `*.graphql` files, "
        "or a JSON file of texts by id.",
    )
    trusted_only: bool = Field(False, alias="DOTTEDLINE_TRUSTED_ONLY", description="Answer no other documents than the trusted ones.")
    workers: int = Field(
        1, alias="DOTTEDLINE_WORKERS", ge=1, le=256, description="Processes that serve at one address; limits and caches are each one's own."
    )
    answers_mib: int = Field(
        32,
        alias="DOTTEDLINE_ANSWERS_MIB",
        ge=0,
        description="How much memory a process gives to answers that still hold, MiB; 0 keeps none. "
        "Each holds the loop for 1 to 2 ms at every full turn of Python's collector, between requests.",
    )
    max_depth: int = Field(12, alias="DOTTEDLINE_MAX_DEPTH", ge=1, description="Deepest selection of a GraphQL document.")
    max_aliases: int = Field(100, alias="DOTTEDLINE_MAX_ALIASES", ge=0, description="Most aliases in a GraphQL document.")
    max_tokens: int = Field(5_000, alias="DOTTEDLINE_MAX_TOKENS", ge=10, description="Most tokens in a GraphQL document.")
    max_directives: int = Field(50, alias="DOTTEDLINE_MAX_DIRECTIVES", ge=0, description="Most directives in a GraphQL document.")
    max_directives_here: int = Field(5, alias="DOTTEDLINE_MAX_DIRECTIVES_HERE", ge=0, description="Most directives in one place of it.")
    max_fragments: int = Field(
        50, alias="DOTTEDLINE_MAX_FRAGMENTS", ge=0, description="Most fragments in a GraphQL document, since each is compared with each."
    )
    max_repeats: int = Field(
        100, alias="DOTTEDLINE_MAX_REPEATS", ge=1, description="How often the same name may be selected in one place: each is compared with each."
    )
    max_values: int = Field(
        10_000, alias="DOTTEDLINE_MAX_VALUES", ge=1, description="Most values in the variables of a GraphQL request, at any depth."
    )
    max_cost: int = Field(
        10_000,
        alias="DOTTEDLINE_MAX_COST",
        ge=1,
        description="Dearest GraphQL document, in about milliseconds: queries.md says what a question costs; what stands below a list is multiplied "
        "by `first`, or 10 where no length is stated, and a list of ids counts each of them.",
    )
    max_body_kib: int = Field(1_024, alias="DOTTEDLINE_MAX_BODY_KIB", ge=1, description="Largest request body, KiB.")
    max_result_kib: int = Field(32_768, alias="DOTTEDLINE_MAX_RESULT_KIB", ge=1, description="Largest response, KiB.")
    max_unpacked_mib: int = Field(4_096, alias="DOTTEDLINE_MAX_UNPACKED_MIB", ge=1, description="Most that an archive may unpack to, MiB.")
    log_level: str = Field("INFO", alias="DOTTEDLINE_LOG_LEVEL", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="Least level that is logged.")

    @field_validator("tz")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"{value!r} is no time zone; write one such as Asia/Shanghai")
        return value

    @property
    def by_consent(self) -> frozenset[Channel]:
        """The channels of ``consent_channels``."""
        return frozenset(Channel(name) for name in self.consent_channels.split(";") if name)

    @property
    def zone(self) -> ZoneInfo:
        """The zone of ``tz``."""
        return ZoneInfo(self.tz)


def variables() -> dict[str, Any]:
    """Environment variable -> its field, in the order of declaration."""
    return {str(field.alias): field for field in Settings.model_fields.values()}


def _secrets() -> set[str]:
    return {name for name, field in variables().items() if "SecretStr" in str(field.annotation)}


GONE = {"DOTTEDLINE_API_KEY": "Everybody has a key of their own now: `dottedline key add NAME`, and `dottedline grant add NAME ROLE`."}
"""Settings that were, with what took their place."""


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of this environment.

    Raises ConfigError when a ``DOTTEDLINE_*`` name is unknown, a value does not parse or a secret's file cannot be read. No message shows a secret.
    """
    given = os.environ if environ is None else environ
    known, secrets = set(variables()), _secrets()
    files = {f"{name}_FILE": name for name in secrets}
    if unknown := sorted(name for name in given if name.startswith(OWN_PREFIX) and name not in known and name not in files):
        gone = " ".join(cure for name, cure in GONE.items() if name in unknown or f"{name}_FILE" in unknown)
        raise ConfigError(f"Unknown setting {', '.join(unknown)}. {gone or 'See docs/settings.md for the names that exist.'} Unset it.")
    values: dict[str, str] = {name: given[name] for name in known if given.get(name)}
    for file, name in files.items():
        if given.get(file) and name not in values:
            try:
                values[name] = Path(given[file]).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise ConfigError(f"{file} names a file that cannot be read: {error.strerror}. Mend the path or its permissions.") from error
        if name in values and not values[name]:
            raise ConfigError(f"{file} names an empty file. Write the secret into it, or unset the setting.")
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        name = str(first["loc"][0])
        shown = "" if name in secrets else f" (given: {values.get(name)!r})"
        raise ConfigError(f"{name}: {said(first)}{shown}. See docs/settings.md.") from None
