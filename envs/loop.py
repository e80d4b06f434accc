"""The event loop behind the synchronous environments: one background thread per process, shared by all of them.

A forked child starts with none: its parent's thread does not exist there.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
PATIENCE = 10.0  # seconds that connections get to close at exit

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None
_thread: threading.Thread | None = None
_stopped = False


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of `coroutine`, run on the loop; an interrupt cancels it. Raises RuntimeError on the loop itself."""
    loop = _get()
    if threading.current_thread() is _thread:
        coroutine.close()
        raise RuntimeError("this is the environments' own event loop: use AsyncToolEnv (areset, astep) here")
    future = asyncio.run_coroutine_threadsafe(coroutine, loop)
    try:
        return future.result()
    except KeyboardInterrupt:
        future.cancel()
        raise


def spawn(coroutine: Coroutine[Any, Any, object]) -> None:
    """Runs `coroutine` for its effect, for finalisers: they may be called on the loop itself, and after its end."""
    if _stopped:
        coroutine.close()
    elif threading.current_thread() is _thread:
        asyncio.run_coroutine_threadsafe(coroutine, _get())
    else:
        run(coroutine)


def stop(last: Coroutine[Any, Any, object]) -> None:
    """Ends the loop for good, after `last`, if it ever ran: at the exit of the process."""
    global _stopped
    if _loop is None or _thread is None:
        last.close()
    else:
        with contextlib.suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(last, _loop).result(PATIENCE)
        _loop.call_soon_threadsafe(_loop.stop)
        _thread.join(PATIENCE)
    _stopped = True


def _get() -> asyncio.AbstractEventLoop:
    global _loop, _thread
    with _lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            _thread = threading.Thread(target=_loop.run_forever, name="divegym-loop", daemon=True)
            _thread.start()
        return _loop


def _forget() -> None:
    global _loop, _thread, _lock
    _loop = _thread = None
    _lock = threading.Lock()  # another thread of the parent may have held it


os.register_at_fork(after_in_child=_forget)
