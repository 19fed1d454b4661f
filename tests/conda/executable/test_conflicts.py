"""The fewest specifications that are in conflict."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cortexlock.conda.executable.conflicts import fewest


@given(
    st.integers(1, 12).flatmap(
        lambda count: st.tuples(st.just(count), st.sets(st.integers(0, count - 1), min_size=1, max_size=4))
    )
)
def test_the_fewest_are_those_at_fault(case: tuple[int, set[int]]) -> None:
    count, fault = case
    specs = [str(number) for number in range(count)]
    found = fewest(specs, lambda some: not fault <= set(map(int, some)))
    assert found == tuple(map(str, sorted(fault)))
