"""Handles can be made with the key and not without it; servers with a key let nothing else through."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from mcp import Client
from processes import TOY_SERVER, http_server
from toys.basic import toy_host

from toolservers import episode
from toolservers.errors import ErrorKind, ToolError
from toolservers.http import HttpConnection
from toolservers.server import build_server
from toolservers.stdio import StdioConnection

KEY = b"a key"
IDS = st.text(min_size=1, max_size=256)


@given(IDS, st.binary(min_size=1), st.binary(min_size=1))
def test_only_the_same_key_verifies(name: str, key: bytes, other: bytes) -> None:
    handle = episode.sign(key, name)
    assert episode.verify(key, handle) == name
    assume(other.rstrip(b"\0") != key.rstrip(b"\0"))  # HMAC pads short keys with zeros
    with pytest.raises(ToolError):
        episode.verify(other, handle)


@given(IDS, st.one_of(st.text(), st.none(), st.integers()))
def test_forged_handles_are_refused(name: str, forged: Any) -> None:
    signature = episode.sign(KEY, name).rpartition(".")[2]
    for handle in (forged, name, f"{name}.", f"{name}x.{signature}", f"{name}.{signature[:-1]}", f".{signature}"):
        with pytest.raises(ToolError) as refused:
            episode.verify(KEY, handle)
        assert refused.value.kind is ErrorKind.TRANSPORT


def test_without_a_key_the_handle_is_the_id() -> None:
    assert episode.sign(None, "e1") == "e1"
    for bad in ("", "x" * 257):
        with pytest.raises(ValueError):
            episode.sign(KEY, bad)


async def test_a_server_with_a_key_checks_every_call() -> None:
    server = build_server("toys", toy_host(), KEY)
    for mode in ("2026-07-28", "legacy"):
        async with Client(server, mode=mode) as client:
            for meta in (None, {episode.META_KEY: "e1"}, {episode.META_KEY: episode.sign(b"other", "e1")}):
                refused = await client.call_tool("add", {"a": 1}, meta=meta)
                assert refused.is_error and "DIVEGYM_EPISODE_KEY" in refused.content[0].text
            passed = await client.call_tool("add", {"a": 1}, meta={episode.META_KEY: episode.sign(KEY, "e1")})
            assert passed.structured_content == {"total": 1.1}


async def test_client_and_server_share_the_key_by_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(episode.KEY_VARIABLE, "shared")
    with http_server() as server:
        async with aclosing(await HttpConnection.connect(server.url)) as remote:
            assert (await remote.call("add", {"a": 1}, episode="e1")).ok
            assert (await remote.call("add", {"a": 1})).error is ErrorKind.TRANSPORT
            remote._key = b"another"
            assert (await remote.call("add", {"a": 1}, episode="e1")).error is ErrorKind.TRANSPORT
    async with aclosing(await StdioConnection.connect([*TOY_SERVER, "1"])) as piped:
        assert (await piped.call("add", {"a": 1}, episode="e1")).ok
