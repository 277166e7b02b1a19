"""Parents: subsidiaries find their ultimate parent, whatever the ids say."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from core.accounts import arrays, parents
from tests import making


def groups(owned: dict[str, str]) -> dict[str, set[str]]:
    """Who belongs together, by what names it: account_id to parent_id in, "" for none."""
    book = making.book({"account_id": list(owned), "parent_id": list(owned.values())})
    found = parents.read(book)
    if found is None:
        return {key: {key} for key in owned}
    ids = [key for key, _ in arrays.named(book, range(book.rows))]
    named: dict[str, set[str]] = defaultdict(set)
    for row, customer in enumerate(found.of.tolist()):
        head = int(found.head[customer])
        named[ids[head] if head >= 0 else f"?{found.unknown[customer]}"].add(ids[row])
    return dict(named)


def test_a_book_without_parents_has_none() -> None:
    assert parents.read(making.book({"account_id": ["a"]})) is None
    assert parents.read(making.book({"account_id": ["a", "b"], "parent_id": ["", ""]})) is None


def test_an_account_that_is_its_own_parent_is_alone() -> None:
    assert parents.read(making.book({"account_id": ["a", "b"], "parent_id": ["a", ""]})) is None


def test_a_chain_ends_at_the_ultimate_parent() -> None:
    owned = {"a": "", "b": "a", "c": "b", "d": "c", "e": ""}
    assert groups(owned) == {"a": {"a", "b", "c", "d"}, "e": {"e"}}


def test_a_circle_is_one_customer_named_by_its_smallest_id_with_all_that_hang_on_it() -> None:
    owned = {"z": "m", "m": "q", "q": "z", "a": "z", "k": ""}
    assert groups(owned) == {"m": {"z", "m", "q", "a"}, "k": {"k"}}


def test_two_circles_stay_two() -> None:
    assert groups({"a": "b", "b": "a", "d": "c", "c": "d"}) == {"a": {"a", "b"}, "c": {"c", "d"}}


def test_an_unknown_parent_is_a_customer_shared_by_its_children() -> None:
    owned = {"a": "Holding", "b": "Holding", "c": "a", "d": "Other"}
    assert groups(owned) == {"?Holding": {"a", "b", "c"}, "?Other": {"d"}}


def test_accounts_that_share_a_customer_are_counted() -> None:
    found = parents.read(making.book({"account_id": list("abcde"), "parent_id": ["", "a", "a", "", "Other"]}))
    assert found is not None
    assert found.joined == 3
    assert found.size == 3


@st.composite
def owners(draw: st.DrawFn) -> dict[str, str]:
    ids = [f"A{at}" for at in range(draw(st.integers(1, 12)))]
    return {key: draw(st.sampled_from([*ids, "", "X", "Y"])) for key in ids}


@settings(max_examples=40)
@given(owned=owners())
def test_any_book_is_parted_as_by_following_each_account_by_hand(owned: dict[str, str]) -> None:
    wanted: dict[str, set[str]] = defaultdict(set)
    for start in owned:
        seen, at = [start], start
        while True:
            above = owned.get(at, "")
            if not above or above == at:
                name = at
            elif above not in owned:
                name = f"?{above}"
            elif above in seen:
                name = min(seen[seen.index(above) :])
            else:
                seen.append(above)
                at = above
                continue
            break
        wanted[name].add(start)
    assert groups(owned) == dict(wanted)
