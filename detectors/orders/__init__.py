"""What order detectors share: the way of an order, and the outlook for it."""
