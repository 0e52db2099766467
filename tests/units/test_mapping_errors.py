"""A mapping that does not hold is told in one sentence that names the place, before anything is read with it."""

import pytest

from models.mapping.engine import read_mapping
from models.mapping.errors import MappingWrong

HEAD = "mapping: m\nversion: 1\ntopic: t\n"
STEP = """\
events:
  s:
    type: order.step.v1
    subject: value.c
    time: value.at
    data:
      order_id: value.o
      step: value.s
"""


def changed(old: str, new: str) -> str:
    assert old in STEP
    return STEP.replace(old, new)


def timed(form: str) -> str:
    return changed("value.at", f"{{path: value.at, {form}}}")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (changed("order.step.v1", "order.lost.v1"), "events.s.type: 'order.lost.v1' cannot be mapped to: use one of "),
        (changed("order.step.v1", "tick.v1"), "events.s.type: 'tick.v1' cannot be mapped to"),
        (changed("order.step.v1", "address.changed.v1"), "'address.changed.v1' cannot be mapped to"),
        (changed("    subject: value.c\n", ""), "events.s: give exactly one of subject, identity"),
        (changed("value.o", "value.[o"), "events.s.data.order_id: 'value.[o' is no JMESPath: "),
        (changed("value.o", "order.id"), "(a member of the record itself is value.order)"),
        (changed("value.o", "shout(value.o)"), "events.s.data.order_id: JMESPath has no function 'shout'"),
        (changed("order_id:", "order:"), "data.order: the event has no member of this name; it has order_id, step"),
        (changed("      step: value.s\n", ""), "data.step: the event needs it: say where it comes from"),
        (changed("step: value.s", "step: {each: value.s, of: item}"), "the event wants a text here, not a list"),
        (changed("step: value.s", "step: {path: value.s, money: value.c}"), "`money` makes minor units, and the event"),
        (changed("step: value.s", "step: {path: value.s, const: a}"), "give exactly one of path, const, members, each"),
        (timed("time: sometime"), "events.s.time: unknown time 'sometime': use rfc3339"),
        (timed("time: iso_local"), "names no zone: add `zone: Europe/Berlin`"),
        (timed("zone: Mars/Olympus, time: iso_local"), "there is no zone 'Mars/Olympus'"),
        (timed("tmie: rfc3339"), "events.s.time.tmie: there is no such member: see `beforehand map schema`"),
        ("events: {}", "m.yaml: events: "),
        ("events: [", "m.yaml, line "),
        ("version: 2\n" + STEP, "m.yaml, line 4: no YAML"),
        (STEP + "    id: {path: value.a, each: value.b}\n", "m.yaml: events.s.id: give exactly one of path"),
    ],
)
def test_a_mapping_that_does_not_hold_is_one_sentence_that_names_the_place(text: str, told: str) -> None:
    with pytest.raises(MappingWrong) as caught:
        read_mapping(HEAD + text, "m.yaml")
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
