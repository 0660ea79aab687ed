"""Keyed hashes: of what must be told again and never read. The key comes from a setting, or lies in a file of this machine's home."""

import base64
import hmac
import os
import secrets
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from pydantic import SecretStr

WIDTH = 18
"""Bytes of a mark: 24 signs in base 64."""


@dataclass(frozen=True, slots=True)
class Key:
    """The key of the hashes."""

    secret: bytes

    @property
    def id(self) -> str:
        """Tells keys apart and gives nothing away."""
        return self.mark("key", "")[:8]

    def mark(self, scheme: str, name: str) -> str:
        """The keyed hash of a name: 18 bytes in base 64."""
        return base64.urlsafe_b64encode(hmac.digest(self.secret, f"{scheme}\x1f{name}".encode(), sha256)[:WIDTH]).decode()


def own_key(setting: SecretStr | None, file: Path) -> Key | None:
    """The key of this machine: the setting, else the file; None where there is neither."""
    if setting:
        return Key(setting.get_secret_value().encode())
    return Key(file.read_text(encoding="ascii").strip().encode()) if file.exists() else None


def key_for_good(setting: SecretStr | None, file: Path) -> Key:
    """The key of this machine, made and kept in the file, which only its owner reads, where there is none."""
    if key := own_key(setting, file):
        return key
    file.parent.mkdir(parents=True, exist_ok=True)
    secret = secrets.token_urlsafe(32)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as opened:
        opened.write(secret)
    return Key(secret.encode())
