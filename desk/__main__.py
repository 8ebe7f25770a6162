"""`python -m desk`: the same command line as `desk`."""

from desk.cli import main

if __name__ == "__main__":
    main()
