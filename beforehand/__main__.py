"""`python -m beforehand`."""

from beforehand.cli import main

if __name__ == "__main__":
    main()
