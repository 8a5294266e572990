"""`app.cli` by the tests' clock, as `tests/processes.py` starts it."""

from app.cli import main

if __name__ == "__main__":
    main()
