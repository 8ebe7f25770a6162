"""Which mails make one conversation does not depend on the order in which they arrive."""

from __future__ import annotations

import random

import pytest

from tests.integration.mail_flow.desk_at_work import DeskAtWork, a_mail

TREES: dict[str, dict[str, tuple[str, ...]]] = {
    "a chain": {"a": (), "b": ("a",), "c": ("a", "b"), "d": ("a", "b", "c")},
    "a chain that names only the parent": {"a": (), "b": ("a",), "c": ("b",), "d": ("c",), "e": ("d",)},
    "a root that never came": {"b": ("ghost",), "c": ("ghost",), "d": ("ghost", "b")},
    "a fork": {"a": (), "b": ("a",), "c": ("a",), "d": ("b",), "e": ("c",)},
    "two threads": {"a": (), "b": ("a",), "x": (), "y": ("x",), "z": ("x", "y")},
    "a bridge that comes between": {"a": (), "c": ("b",), "b": ("a",), "x": ()},
    "ids that were lost on the way": {"a": (), "c": (), "d": ("a", "c")},
}


@pytest.mark.parametrize("tree", TREES, ids=str)
def test_the_same_mails_in_any_order_make_the_same_conversations(desk: DeskAtWork, tree: str) -> None:
    dice = random.Random(tree)
    for turn in range(5):
        order = list(TREES[tree])
        dice.shuffle(order)
        placed = _placed(desk, f"{turn}-{tree.replace(' ', '-')}", TREES[tree], order)
        assert placed == _components(TREES[tree]), order


def _placed(
    desk: DeskAtWork, run: str, tree: dict[str, tuple[str, ...]], order: list[str]
) -> frozenset[frozenset[str]]:
    """The partition that the desk makes of a tree, every mail from another writer."""
    cases: dict[str, int] = {}
    for name in order:
        (kept,) = desk.receive(
            a_mail(
                sender=f"{name}@people.example",
                subject=f"{run} {name}",
                message_id=f"{run}.{name}@people.example",
                references=tuple(f"{run}.{one}@people.example" for one in tree[name]),
                in_reply_to=f"{run}.{tree[name][-1]}@people.example" if tree[name] else None,
            )
        )
        assert kept.case_id is not None
        cases[name] = kept.case_id
    return _partition({name: _final(desk, case_id) for name, case_id in cases.items()})


def _final(desk: DeskAtWork, case_id: int) -> int:
    case = desk.case(case_id)
    return case.id if case.merged_into_id is None else _final(desk, case.merged_into_id)


def _components(tree: dict[str, tuple[str, ...]]) -> frozenset[frozenset[str]]:
    """The truth: mails are one thread when a chain of names connects them, also over one that never came."""
    group = {name: name for name in [*tree, *(one for names in tree.values() for one in names)]}
    for name, names in tree.items():
        for one in names:
            old, new = group[one], group[name]
            group = {key: new if value == old else value for key, value in group.items()}
    return _partition({name: group[name] for name in tree})


def _partition(groups: dict[str, object]) -> frozenset[frozenset[str]]:
    return frozenset(
        frozenset(name for name, group in groups.items() if group == wanted) for wanted in groups.values()
    )
