"""A path that is names and dots only is walked without JMESPath, and finds what JMESPath finds."""

import jmespath
from hypothesis import given, settings
from hypothesis import strategies as st

from models.mapping.paths import PathTo

NAMES = st.sampled_from(["a", "b", "c-d", "e.f", ""])
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=20,
)  # fmt: skip


@settings(max_examples=500)
@given(st.lists(NAMES, max_size=4), TREES)
def test_names_and_dots_find_what_jmespath_finds(names: list[str], tree: object) -> None:
    expression = ".".join(["value", *(f'"{name}"' for name in names)])
    document = {"value": tree}
    assert PathTo(expression, "here").find(document) == jmespath.search(expression, document)


def test_other_expressions_are_jmespaths_own() -> None:
    document = {"value": {"all": [{"n": 1}, {"n": 2}]}, "headers": {"x-a": "1"}}
    found = {
        "value.all[].n": [1, 2], "value.all[?n > `1`].n | [0]": 2, "length(value.all)": 2, "value.all[-1].n": 2,
        "value.all[0].{m: n}": {"m": 1}, 'headers."x-a" == \'1\'': True, "value.nothing.at.all": None,
    }  # fmt: skip
    assert {path: PathTo(path, "here").find(document) for path in found} == found
