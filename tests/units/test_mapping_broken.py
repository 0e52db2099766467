"""Whatever comes in on a mapped topic: an event, nothing, or a reason; never an exception."""

import json
from collections import Counter

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.dead_letters import Reason
from models.intake import Rejected
from models.mapping.documents import Source
from models.mapping.engine import Mapped
from tests.mapped import NAMES, NOW, WHOLE, broken, samples, shipped


@pytest.mark.parametrize("name", NAMES)
def test_broken_records_of_a_real_shape_are_set_aside_for_the_reason_they_were_broken_for(name: str) -> None:
    mapping, wrong, reasons = shipped(name), [], Counter[Reason]()
    for reason, source in broken(name, seed=5, count=500):
        found = mapping(source, NOW)
        reasons[reason] += 1
        if not isinstance(found, Rejected) or found.reason is not reason:
            wrong.append((reason, found, (source.value or b"")[-300:], source.headers))
    assert wrong == []
    assert len(reasons) >= 6


@pytest.mark.parametrize("name", NAMES)
def test_what_is_told_of_a_broken_record_never_quotes_it(name: str) -> None:
    secret = "ada@example.org"
    mapping, whole = shipped(name), samples(name)[WHOLE[name]]
    tree = json.loads(whole.value or b"")
    for member in _places(tree):
        changed = json.loads(whole.value or b"")
        _put(changed, member, secret)
        found = mapping(msgspec.structs.replace(whole, value=json.dumps(changed).encode()), NOW)
        assert not isinstance(found, Rejected) or secret not in found.detail


def _places(tree: object, before: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(tree, dict):
        return [before]
    return [before, *(place for name, one in tree.items() for place in _places(one, (*before, name)))][1:]


def _put(tree: dict[str, object], place: tuple[str, ...], value: object) -> None:
    for name in place[:-1]:
        tree = tree[name]  # type: ignore[assignment]  # only objects lie on the way
    tree[place[-1]] = value


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
                    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
                    max_leaves=12)  # fmt: skip
MAPPINGS = {name: shipped(name) for name in NAMES}
SAMPLES = {name: samples(name) for name in NAMES}


@settings(max_examples=600)
@given(st.data())
def test_any_value_at_any_place_of_a_record_gives_an_answer(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(NAMES))
    whole = SAMPLES[name][data.draw(st.sampled_from(sorted(SAMPLES[name])))]
    if whole.value is None:
        return
    tree = json.loads(whole.value)
    _put(tree, data.draw(st.sampled_from(_places(tree))), data.draw(JSON))
    source = msgspec.structs.replace(whole, value=json.dumps(tree, ensure_ascii=False).encode("utf-8", "replace"))
    assert isinstance(MAPPINGS[name](source, NOW), Mapped | Rejected)


@settings(max_examples=400)
@given(
    st.sampled_from(NAMES),
    st.none() | st.binary(max_size=60) | JSON.map(lambda tree: json.dumps(tree).encode()),
    st.lists(st.tuples(st.sampled_from(["ce_id", "ce_type", "content-type", "X-Shopify-Topic"]), st.binary())),
)  # fmt: skip
def test_any_bytes_and_headers_give_an_answer(name: str, value: bytes | None, headers: list[tuple[str, bytes]]) -> None:
    found = MAPPINGS[name](Source("t", 0, 0, value, b"\xff", headers), NOW)
    assert isinstance(found, Mapped | Rejected)
