"""Sessions that step together: one decode state with a row for each, so that a turn reads only what is new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from policies.hybrid.decode import CROWDED, Turn, decode, feed, uniforms
from policies.hybrid.model import HybridModel
from policies.hybrid.state import HybridState
from policies.sampler import Limits, Sample

COLUMNS = 256
"""New ids are read in segments of this many columns: one long tool result does not pad a whole batch to its length."""


@dataclass
class Session:
    """One episode: the ids its row has consumed, the turns it has played, and the weights that read them."""

    name: str
    row: int
    consumed: tuple[int, ...] = ()
    turns: int = 0
    weights: int = 0

    def extended_by(self, ids: Sequence[int]) -> bool:
        """Whether this context goes on, by at least one token, from what the row has consumed."""
        return len(ids) > len(self.consumed) and tuple(ids[: len(self.consumed)]) == self.consumed


@dataclass
class Counts:
    """What the sampling has cost: tokens read and drawn, prompts read once for a group, contexts read again and why."""

    waves: int = 0
    prefilled_tokens: int = 0
    sampled_tokens: int = 0
    shared_prompts: int = 0
    prefix_misses: int = 0
    stale_prefixes: int = 0


class Cohort:
    """A batch of open sessions on one model. ``play`` is one wave: all its turns, read and decoded in lockstep.

    The order of rows is the order of registration, so a wave does not depend on who asked first.
    """

    def __init__(self, model: HybridModel, seed: int, counts: Counts, sessions: Iterable[str]) -> None:
        self.model, self.seed, self.counts = model, seed, counts
        self.sessions = {name: Session(name, row) for row, name in enumerate(sessions)}
        self._state: HybridState | None = None

    def play(self, requests: Mapping[str, tuple[Sequence[int], Limits]], weights: int) -> dict[str, Sample]:
        """The next turn of each requesting session, after its whole context."""
        try:
            return self._play(requests, weights)
        except BaseException:
            self._forget()  # a wave cut short leaves rows half advanced: the next one reads its contexts again
            raise

    @torch.inference_mode()
    def _play(self, requests: Mapping[str, tuple[Sequence[int], Limits]], weights: int) -> dict[str, Sample]:
        playing = [session for session in self.sessions.values() if session.name in requests]
        contexts = {session.name: tuple(requests[session.name][0]) for session in playing}
        fresh = [session for session in playing if not self._continues(session, contexts[session.name], weights)]
        state = self._fit(max(len(ids) + limits.max_tokens for ids, limits in requests.values()), fresh)
        logits = self._read(state, playing, contexts, {session.name for session in fresh})
        turns = [self._turn(session, requests[session.name][1]) for session in playing]
        decode(self.model, state, [session.row for session in playing], turns, logits)
        self.counts.waves += 1
        return {
            s.name: self._finish(s, contexts[s.name], turn, weights) for s, turn in zip(playing, turns, strict=True)
        }

    def _forget(self) -> None:
        self._state = None
        for session in self.sessions.values():
            session.consumed = ()

    def _continues(self, session: Session, ids: tuple[int, ...], weights: int) -> bool:
        if not session.consumed:
            return False
        if session.weights != weights:
            self.counts.stale_prefixes += 1
            return False
        if not session.extended_by(ids):
            self.counts.prefix_misses += 1
            return False
        return True

    def _fit(self, tokens: int, fresh: Sequence[Session]) -> HybridState:
        """The state with a row for each session, those of fresh ones blank, and cells for this many tokens in each."""
        nothing = torch.zeros(1, 1, dtype=torch.long, device=self.model.embed_tokens.weight.device)
        blank = self.model(nothing, lengths=nothing[0])[1]
        state = self._compacted()
        if state is None:
            state = blank.expand([0] * len(self.sessions)).with_capacity(_rounded(tokens))
        elif tokens > (state.capacity or 0):
            state = state.with_capacity(_rounded(tokens))
        state.write([session.row for session in fresh], blank.expand([0] * len(fresh)))
        self._state = state
        return state

    def _compacted(self) -> HybridState | None:
        """The state without the rows of closed sessions, once these are half of it."""
        if self._state is not None and 2 * len(self.sessions) > self._state.rows:
            return self._state
        kept = [session.row for session in self.sessions.values()]
        for row, session in enumerate(self.sessions.values()):
            session.row = row
        return None if self._state is None else self._state.select(kept)

    def _read(
        self, state: HybridState, playing: Sequence[Session], contexts: Mapping[str, tuple[int, ...]], fresh: set[str]
    ) -> Tensor:
        """Consume what is new in each context, equal fresh prompts once; logits [N, V] of the next tokens."""
        leaders = {contexts[session.name]: session for session in reversed(playing) if session.name in fresh}
        followers = [s for s in playing if s.name in fresh and leaders[contexts[s.name]] is not s]
        following = {session.name for session in followers}
        readers = [session for session in playing if session.name not in following]
        new = [contexts[s.name] if s.name in fresh else contexts[s.name][len(s.consumed) :] for s in readers]
        logits = _prefill(self.model, state, [session.row for session in readers], new)
        if followers:
            sources = [leaders[contexts[session.name]].row for session in followers]
            state.write([session.row for session in followers], state.select(sources))
        self.counts.prefilled_tokens += sum(map(len, new))
        self.counts.shared_prompts += len(followers)
        place = {session.name: index for index, session in enumerate(readers)}
        return logits[[place[(leaders[contexts[s.name]] if s.name in following else s).name] for s in playing]]

    def _turn(self, session: Session, limits: Limits) -> Turn:
        return Turn(limits, uniforms(self.seed, session.name, session.turns, limits.max_tokens))

    def _finish(self, session: Session, ids: tuple[int, ...], turn: Turn, weights: int) -> Sample:
        """The last drawn token is not consumed: it opens what the next turn reads."""
        session.consumed, session.weights = (*ids, *turn.ids[:-1]), weights
        session.turns += 1
        self.counts.sampled_tokens += len(turn.ids)
        return Sample(tuple(turn.ids), tuple(turn.logprobs), turn.finish or "length", weights)


def _prefill(model: HybridModel, state: HybridState, rows: Sequence[int], new: Sequence[Sequence[int]]) -> Tensor:
    """Consume ragged new ids, a segment of columns at a time; logits [N, V] after the last of each row."""
    logits = torch.empty(len(rows), model.config.vocab_size, device=state.lengths.device)
    for start in range(0, max(map(len, new)), COLUMNS):
        reading = [index for index, ids in enumerate(new) if len(ids) > start]
        segment = [new[index][start : start + COLUMNS] for index in reading]
        batch = [rows[index] for index in reading]
        if len(batch) < CROWDED * state.rows:
            part = state.select(batch)
            logits[reading] = feed(model, part, range(len(batch)), segment)
            state.write(batch, part)
        else:
            logits[reading] = feed(model, state, batch, segment)
    return logits


def _rounded(tokens: int, step: int = 64) -> int:
    """Cells for half as many tokens again, so that a growing conversation seldom reallocates."""
    return -(-3 * tokens // (2 * step)) * step
