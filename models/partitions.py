"""Which journal partition holds a customer. It never changes: state and order hang on it."""

from zlib import crc32


def partition_of(subject: str, partitions: int) -> int:
    """The partition, 0 to `partitions - 1`, of a customer or an entity (CRC-32 of its UTF-8 bytes)."""
    return crc32(subject.encode()) % partitions
