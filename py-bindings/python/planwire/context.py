"""Sessions and what they say of the families that are linked."""

from planwire._internal import FamilyStatus, SessionContext

__all__ = ["FamilyStatus", "SessionContext"]
