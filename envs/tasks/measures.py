"""How hard a task is, read off its proof."""

from __future__ import annotations

from collections.abc import Mapping

from envs.tasks.proof import Proof
from envs.tasks.task import Measures
from toolservers.tool import Tool


def measures(proof: Proof, tools: Mapping[str, Tool]) -> Measures:
    levels = proof.levels()
    return Measures(calls=len(proof.calls), depth=len(levels), width=max(map(len, levels)), shape=proof.shape(tools),
                    distinct_tools=len({call.tool for call in proof.calls}))
