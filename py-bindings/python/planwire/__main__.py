"""Run planwire's commands: ``python -m planwire``."""

import sys

from planwire._commands import main

if __name__ == "__main__":
    sys.exit(main())
