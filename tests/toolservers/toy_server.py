"""Serves the toy domain: `toy_server.py TIMEOUT [FD]`, over stdio or on a socket that listens already."""

from __future__ import annotations

import asyncio
import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from toys.basic import toy_host

from toolservers.episode import shared_key
from toolservers.server import build_server, http_app, serve_http, serve_stdio

if __name__ == "__main__":
    timeout, *fds = sys.argv[1:]
    host, key = toy_host(float(timeout)), shared_key()
    if fds:
        app = http_app("toys", host, key=key)
        asyncio.run(serve_http(app, listening=socket.socket(fileno=int(fds[0]))))
    else:
        asyncio.run(serve_stdio(build_server("toys", host, key)))
