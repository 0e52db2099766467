"""Who runs on what, and which ratios are asked of the medians."""

from typing import Final

import msgspec

CUSTOMERS, MANY = 10_000, 200_000


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    """How much each source topic holds. Slow contenders get fewer events: what counts is the rate."""

    toy: int
    """Events of 10,000 customers for the fast ones."""
    many: int
    """Events of 200,000 customers."""
    slow: int
    """Events of 10,000 customers for quixstreams."""
    slowest: int
    """Events for stock Faust, of so many customers that as many of them are outputs."""
    shop_customers: int
    """What the recorded journal is made of."""


FULL = Sizes(toy=2_000_000, many=1_200_000, slow=600_000, slowest=30_000, shop_customers=40_000)
QUICK = Sizes(toy=200_000, many=200_000, slow=40_000, slowest=5_000, shop_customers=3_000)


class Contender(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table: a module of `contenders`, its arguments, and the topic it reads."""

    name: str
    words: str
    module: str
    source: str
    work: tuple[str, ...] = ()
    peer: bool = False
    """Runs in the peers' virtualenv."""
    engine: bool = False
    """Keeps its state in a state topic of ours."""


CONTENDERS: Final = (
    Contender(name="ours", words="ours, 10k customers", module="ours", source="toy", engine=True),
    Contender(name="aiokafka", words="bare aiokafka, 10k customers", module="aiokafka_loop", source="toy",
              work=("toy",)),
    Contender(name="ours_200k", words="ours, 200k customers", module="ours", source="toy-200k", engine=True),
    Contender(name="aiokafka_200k", words="bare aiokafka, 200k customers", module="aiokafka_loop", source="toy-200k",
              work=("toy",)),
    Contender(name="quixstreams", words="quixstreams, 10k customers", module="quix", source="toy-slow", peer=True),
    Contender(name="faust_table", words="stock faust.Table", module="faust_table", source="toy-slowest"),
    Contender(name="detectors", words="the real detectors, shop journal", module="role", source="journal.v1",
              work=("detect",), engine=True),
    Contender(name="aiokafka_journal", words="bare aiokafka, shop journal", module="aiokafka_loop",
              source="journal.v1", work=("journal",)),
)  # fmt: skip


class Asked(msgspec.Struct, frozen=True):
    """One ratio of two medians, and what it must be at least."""

    ours: str
    peer: str
    least: float


RATIOS: Final = {
    "vs_aiokafka": Asked("ours", "aiokafka", 0.6),
    "vs_aiokafka_200k": Asked("ours_200k", "aiokafka_200k", 0.45),
    "vs_quixstreams": Asked("ours", "quixstreams", 4.0),
    "vs_faust_table": Asked("ours", "faust_table", 40.0),
    "detectors_vs_aiokafka": Asked("detectors", "aiokafka_journal", 0.25),
}
