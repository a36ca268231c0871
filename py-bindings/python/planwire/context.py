"""Sessions, their configuration, and the linked families."""

from planwire._internal import (
    FamilyStatus,
    RuntimeEnvBuilder,
    SessionConfig,
    SessionContext,
    SQLOptions,
)

__all__ = ["FamilyStatus", "RuntimeEnvBuilder", "SQLOptions", "SessionConfig", "SessionContext"]
