"""Sessions: what they start with, and what they say of the families that are linked."""

from planwire._internal import (
    FamilyStatus,
    RuntimeEnvBuilder,
    SessionConfig,
    SessionContext,
    SQLOptions,
)

__all__ = ["FamilyStatus", "RuntimeEnvBuilder", "SQLOptions", "SessionConfig", "SessionContext"]
