"""Why an episode ended."""

from __future__ import annotations

from enum import StrEnum


class StopReason(StrEnum):
    """How one episode ended: `terminated` on an answer, `truncated` on all else."""

    ANSWERED = "answered"
    """The policy gave its answer."""
    TURN_LIMIT = "turn_limit"
    """The last turn that the episode allows held no answer."""
    CALL_LIMIT = "call_limit"
    """A turn asked for more calls than the episode has left; none of them ran."""
    ERROR_LIMIT = "error_limit"
    """Too many turns were malformed (unreadable, empty, calls beside an answer, too many at once), or calls failed."""
    CONTEXT_LIMIT = "context_limit"
    """The next prompt does not fit the policy's context. Set by the rollout, which counts the tokens."""
    SERVER_LOST = "server_lost"
    """The tool server died, hung up or returned something that is not MCP."""
    TIMEOUT = "timeout"
    """The step ran past its time limit, or every call of a turn did."""
    ENVIRONMENT_ERROR = "environment_error"
    """A bug in the environment, or a task that cannot be played; the log holds the whole error."""

    @property
    def is_fault(self) -> bool:
        """The environment is to blame, not the policy: such an episode says nothing worth learning."""
        return self in _FAULTS


_FAULTS = frozenset({StopReason.SERVER_LOST, StopReason.TIMEOUT, StopReason.ENVIRONMENT_ERROR})
