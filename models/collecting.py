"""How often Python looks for cycles among objects: rarely, in every process that reads events."""

import gc


def collect_rarely() -> None:
    """Look for cycles among objects less often.

    Records hold none and live for a moment, but thousands are alive at once: looking took a third of the time. What
    is imported by now stays for good.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)
