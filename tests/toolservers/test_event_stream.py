from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from toolservers.event_stream import EventStream

LINES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), min_size=1)


@given(st.lists(st.lists(LINES, min_size=1, max_size=3), max_size=5), st.sampled_from(["\n", "\r\n", "\r"]), st.data())
def test_events_do_not_depend_on_where_the_stream_is_cut(events: list[list[str]], end: str, data: st.DataObject) -> None:
    raw = "".join(f"event: message{end}: note{end}" + "".join(f"data: {line}{end}" for line in lines) + end
                  for lines in events).encode() + b":"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=8)))
    stream = EventStream()
    chunks = [raw[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(raw)], strict=True)]
    found = [event.decode() for chunk in chunks for event in stream.feed(chunk)]
    assert found == ["\n".join(lines) for lines in events]
