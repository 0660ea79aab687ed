"""Keyed hashes: of what must be told again and never read. The key comes from a setting, or lies in a file of this machine's home."""

import base64
import hmac
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

from pydantic import SecretStr

from graph.errors import ConfigError

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
    """The key of this machine: the setting, else the file; None where there is neither. Raises ConfigError for a file that holds none."""
    if setting:
        return Key(setting.get_secret_value().encode())
    if not file.exists():
        return None
    secret = file.read_text(encoding="ascii").strip()
    if not secret:
        raise ConfigError(f"{file} holds no key: it was cut off, or emptied. Bring it back from a back-up, or delete it for a new key.")
    return Key(secret.encode())


def key_for_good(setting: SecretStr | None, file: Path) -> Key:
    """The key of this machine, made and kept in the file, which only its owner reads, where there is none; of two who make one the first's."""
    if key := own_key(setting, file):
        return key
    file.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=file.parent, prefix=f".{file.name}.", encoding="ascii") as beside:  # for its owner alone
        beside.write(secrets.token_urlsafe(32))
        beside.flush()
        os.fsync(beside.fileno())
        with suppress(FileExistsError):
            os.link(beside.name, file)
    return key_for_good(setting, file)
