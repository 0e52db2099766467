"""What the libraries may say."""

import logging

QUIET = ("aiokafka", "faust", "mode", "asyncio", "kafka")


def quiet_libraries() -> None:
    """Warnings and worse only: Faust leaves its loggers open to DEBUG, which costs time and prints records."""
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
