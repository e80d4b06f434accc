"""The episode handle: which episode a call belongs to, signed so that a server can trust it.

MCP has had no protocol session since 2026-07-28, so the handle travels in `_meta` of every call, unseen by the model.
A handle is `<episode id>.<HMAC-SHA256 of the id, hex>`; without a key it is the bare id.
"""

from __future__ import annotations

import hashlib
import hmac
import os

from toolservers.errors import ErrorKind, ToolError

META_KEY = "com.divegym/episode"
KEY_VARIABLE = "DIVEGYM_EPISODE_KEY"
MAX_ID_CHARS = 256


def shared_key() -> bytes | None:
    """The key that clients sign with and servers check, from $DIVEGYM_EPISODE_KEY; None if it is not set."""
    return os.environ.get(KEY_VARIABLE, "").encode() or None


def sign(key: bytes | None, episode_id: str) -> str:
    """The handle of an episode. Raises ValueError for an id that is empty or over 256 characters."""
    if not 0 < len(episode_id) <= MAX_ID_CHARS:
        raise ValueError(f"an episode id has 1 to {MAX_ID_CHARS} characters, not {len(episode_id)}")
    return f"{episode_id}.{_signature(key, episode_id)}" if key else episode_id


def verify(key: bytes, handle: object) -> str:
    """The episode id inside a handle. Raises `ToolError` (transport) if `key` did not sign it."""
    episode_id, _, signature = handle.rpartition(".") if isinstance(handle, str) else ("", "", "")
    if not episode_id or not hmac.compare_digest(signature.encode(errors="replace"),
                                                 _signature(key, episode_id).encode()):
        state = "missing" if handle is None else "not signed with this server's key"
        raise ToolError(f"_meta[{META_KEY!r}] is {state}; set ${KEY_VARIABLE} alike on both sides",
                        ErrorKind.TRANSPORT)
    return episode_id


def _signature(key: bytes, episode_id: str) -> str:
    return hmac.new(key, episode_id.encode(errors="surrogatepass"), hashlib.sha256).hexdigest()
