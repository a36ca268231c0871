"""The batches of a query that is still running."""

from planwire._internal import RecordBatch, RecordBatchStream

__all__ = ["RecordBatch", "RecordBatchStream"]
