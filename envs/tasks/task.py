"""A task: what an agent is asked, with which tools, and how its answer is judged and proved."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from functools import cached_property

from pydantic import BaseModel, ConfigDict, Field

from envs.tasks.answer import AnswerSpec, Verdict
from envs.tasks.proof import Proof

SCHEMA_VERSION = 1


class Split(StrEnum):
    TRAIN = "train"
    DEV = "dev"
    TEST = "test"


class Measures(BaseModel):
    """How hard a task is, read off its proof."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    calls: int
    depth: int
    """Length of the longest chain of calls: the fewest turns in which the task can be solved, less the answer."""
    width: int
    """The most calls that can run in parallel."""
    shape: str
    """`Proof.shape`: the call graph by kinds, and the operator."""
    distinct_tools: int


class Task(BaseModel):
    """One question with its proof. Equal content has an equal `id`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: int = SCHEMA_VERSION
    question: str = Field(min_length=1)
    domain: str
    tools: tuple[str, ...] = Field(min_length=1)
    """Names of the tools on offer: the proof's and distractors."""
    answer: AnswerSpec
    proof: Proof
    seed: int
    world: str
    """World version the proof was executed in."""
    split: Split
    measures: Measures

    @cached_property
    def id(self) -> str:
        """16 hex digits of the SHA-256 of the task's canonical JSON."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]

    def verify(self, answer: str) -> Verdict:
        return self.answer.verify(answer)
