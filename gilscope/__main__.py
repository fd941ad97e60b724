"""`python -m gilscope` is `gilscope`."""

import sys

from gilscope.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
