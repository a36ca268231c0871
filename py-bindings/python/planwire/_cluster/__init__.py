"""Clusters of processes on this machine."""

from planwire._cluster.standalone import Standalone

__all__ = ["Standalone"]
