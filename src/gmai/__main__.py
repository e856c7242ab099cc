"""``python -m gmai`` is the ``gmai`` command."""

from gmai.cli import main

if __name__ == "__main__":
    main()
