"""Decodes and shows a literal with any byte changed, and prints where DataFusion panicked."""

from __future__ import annotations

import decimal

import planwire


def main() -> None:
    """Changes each byte to each of many values."""
    message = planwire.lit(decimal.Decimal("1.5")).to_bytes()
    panicked = set()
    for place in range(len(message)):
        for value in range(0, 256, 3):
            try:
                repr(
                    planwire.Expr.from_bytes(
                        message[:place] + bytes([value]) + message[place + 1 :]
                    )
                )
            except planwire.PlanwireError as error:
                if "DataFusion panicked" in str(error):
                    panicked.add(error.code)
    print(*sorted(panicked))


if __name__ == "__main__":
    main()
