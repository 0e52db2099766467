"""Whoever is due comes out once, in order, at the time that was said last, however far the reading jumps."""

from hypothesis import given
from hypothesis import strategies as st

from detectors.due_heap import DueHeap

DUES = st.floats(-200.0, 600.0, allow_nan=False)
STEPS = st.lists(st.tuples(st.sampled_from(["set", "drop", "pop"]), DUES, st.sampled_from("abc")), max_size=60)


@given(STEPS)
def test_it_does_what_a_sorted_list_would_do(steps: list[tuple[str, float, str]]) -> None:
    heap, plain = DueHeap(), dict[str, float]()
    for what, at, customer in [*steps, ("pop", 600.0, ""), ("pop", 600.0, ""), ("pop", 600.0, "")]:
        if what == "set":
            heap.set(customer, at)
            plain[customer] = at
        elif what == "drop":
            heap.drop(customer)
            plain.pop(customer, None)
        else:
            first = min(((due, name) for name, due in plain.items() if due <= at), default=None)
            assert heap.pop(at) == first
            if first is not None:
                del plain[first[1]]
        assert {name for name in "abc" if name in heap} == plain.keys()
    assert plain == {}
