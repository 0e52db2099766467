"""Due times come out in order, whatever order they went in, and however far the reading jumps."""

from heapq import heappop, heappush

from hypothesis import given
from hypothesis import strategies as st

from detectors.due_heap import DueHeap

DUES = st.floats(-200.0, 600.0, allow_nan=False)
STEPS = st.lists(st.tuples(st.booleans(), DUES, st.sampled_from("abc")), max_size=60)


@given(STEPS)
def test_it_gives_what_a_plain_heap_gives(steps: list[tuple[bool, float, str]]) -> None:
    ours, plain = DueHeap(), list[tuple[float, str]]()
    for reads, at, customer in steps:
        if reads:
            expected = heappop(plain) if plain and plain[0][0] <= at else None
            assert ours.pop(at) == expected
        else:
            ours.push(at, customer)
            heappush(plain, (at, customer))
    while plain:
        assert ours.pop(600.0) == heappop(plain)
    assert ours.pop(600.0) is None
