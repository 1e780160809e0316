"""`python -m gitopsd`."""

from gitopsd.cli import main

if __name__ == "__main__":
    main()
