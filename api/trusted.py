"""Trusted documents: those that the operator put in a folder, asked by their hash, so that a GET can be cached; and, if so set, no others."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.documents import Documents
from graph.errors import ConfigError, InvalidInput, NotFound, UntrustedDocument
from graph.settings import Settings

PREFIX = "sha256:"


class Trusted:
    """Document id (``sha256:`` and the hash of its bytes) -> text. ``only`` says that no other document is answered."""

    def __init__(self, texts: Mapping[str, str], *, only: bool) -> None:
        self._texts, self.only = texts, only

    @classmethod
    def of(cls, settings: Settings, documents: Documents) -> "Trusted":
        """Those of ``DOTTEDLINE_DOCUMENTS``, each valid. Raises ConfigError, naming the file, for what is none."""
        place = settings.documents
        if place is None:
            if settings.trusted_only:
                raise ConfigError("Only trusted documents are to be answered, and there are none. Name their folder in DOTTEDLINE_DOCUMENTS.")
            return cls({}, only=False)
        texts: dict[str, str] = {}
        for name, text in _read(place):
            if errors := documents.pin(text).errors:
                raise ConfigError(f"{name} is no document that can be answered: {errors[0].message}")
            texts[id_of(text)] = text
        if not texts:
            raise ConfigError(f"DOTTEDLINE_DOCUMENTS: {place} holds no *.graphql file. Put the documents there, or unset it.")
        return cls(texts, only=settings.trusted_only)

    def text(self, query: str | None, document_id: str | None) -> str:
        """The text of a request that carries a text, a document's id, or both.

        Raises InvalidInput where it carries neither or they differ, NotFound for an unknown id, and UntrustedDocument for a text that is not trusted
        where only such are answered.
        """
        if document_id is None:
            if query is None:
                raise InvalidInput(
                    'The request must carry a text `query`, such as "{ accounts { totalCount } }", or the `documentId` of a trusted one.',
                    argument="query",
                )
            if self.only and id_of(query) not in self._texts:
                raise UntrustedDocument("Only trusted documents are answered here. Ask by the `documentId` of one of them.")
            return query
        known = self._texts.get(document_id if document_id.startswith(PREFIX) else f"{PREFIX}{document_id}")
        if known is None:
            raise NotFound(f"No trusted document bears the id {document_id!r}. It is `sha256:` and the hash of its bytes.", argument="documentId")
        if query is not None and query != known:
            raise InvalidInput("`query` and `documentId` name different documents. Send one of them.", argument="documentId")
        return known

    def __len__(self) -> int:
        return len(self._texts)


def id_of(text: str) -> str:
    """What a document is asked by: ``sha256sum`` says the same of its file."""
    return PREFIX + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def named(body: Mapping[str, Any]) -> str | None:
    """The document's id in a request: ``documentId``, or as Apollo's clients say it. Raises InvalidInput for one that is no text."""
    extensions = body.get("extensions")
    persisted = extensions.get("persistedQuery") if isinstance(extensions, dict) else None
    given = body.get("documentId", persisted.get("sha256Hash") if isinstance(persisted, dict) else None)
    if not isinstance(given, str | None):
        raise InvalidInput("`documentId` must be a text.", argument="documentId")
    return given


def revalidated(request: Request, response: Response, *, kept: bool) -> Response:
    """An answer; one that may be ``kept``, whole and to a GET of a trusted document, for a browser to ask after: 304 if it has the same one."""
    if not kept or response.status_code != 200:
        return response
    tag = f'"{hashlib.blake2b(bytes(response.body), digest_size=12).hexdigest()}"'
    headers = {"etag": tag, "cache-control": "private, no-cache", "vary": response.headers.get("vary", "")}
    held = [part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")]
    if tag in held or held == ["*"]:
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return response


def _read(place: Path) -> list[tuple[str, str]]:
    """File and text of each document: a folder's ``*.graphql`` files, or a JSON file of texts by id, as client generators write it."""
    try:
        if place.is_dir():
            return [(str(path), path.read_bytes().decode()) for path in sorted(place.rglob("*.graphql"))]
        found = orjson.loads(place.read_bytes())
    except OSError as error:
        raise ConfigError(f"DOTTEDLINE_DOCUMENTS: {place} cannot be read: {error.strerror}. Mend the path or its permissions.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"DOTTEDLINE_DOCUMENTS: {place} holds a file that is no UTF-8: {error.reason}. Save it as UTF-8.") from None
    except json.JSONDecodeError as error:
        raise ConfigError(f"DOTTEDLINE_DOCUMENTS: {place} is neither a folder nor JSON: {error}. Write a folder of *.graphql files.") from None
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise ConfigError(f'DOTTEDLINE_DOCUMENTS: {place} must hold texts by id: {{"sha256:...": "query ..."}}.')
    for name, text in found.items():
        if name.removeprefix(PREFIX) != id_of(text).removeprefix(PREFIX):
            raise ConfigError(f"DOTTEDLINE_DOCUMENTS: in {place} the id {name} is not the SHA-256 of its text. Have the file generated anew.")
    return [(f"{place}, {name}", text) for name, text in found.items()]
