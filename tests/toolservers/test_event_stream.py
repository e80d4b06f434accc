from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from toolservers.event_stream import EventStream

LINES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), min_size=1)
EVENTS = st.lists(st.lists(LINES, min_size=1, max_size=3), max_size=5)


@given(EVENTS, st.sampled_from(["\n", "\r\n", "\r"]), st.integers(1, 8))
def test_events_do_not_depend_on_where_the_stream_is_cut(events: list[list[str]], end: str, size: int) -> None:
    raw = "".join(f"event: message{end}: note{end}" + "".join(f"data: {line}{end}" for line in lines) + end
                  for lines in events).encode() + b":"
    stream = EventStream()
    chunks = [raw[start:start + size] for start in range(0, len(raw), size)]
    found = [event.decode() for chunk in chunks for event in stream.feed(chunk)]
    assert found == ["\n".join(lines) for lines in events]
