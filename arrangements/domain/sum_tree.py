"""A hash tree whose nodes carry sums: who has one leaf and its path can check the hash and the sums at the top.

Hashes are SHA-256 over canonical JSON (keys sorted, no spaces, UTF-8), in hex, so that anybody can write a checker in
an afternoon. A node is the hash over the hashes and sums of its two children; its sums are theirs added up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from kernel.canonical import canonical_json


@dataclass(frozen=True)
class Node:
    """A hash (64 hex digits) and the sums below it, none of them negative."""

    digest: str
    sums: tuple[int, ...]


@dataclass(frozen=True)
class Step:
    """What stands beside the path on one level; `left`: on the left of it."""

    beside: Node
    left: bool


def digest_of(value: Any) -> str:
    """SHA-256 of a JSON value, in hex."""
    return sha256(canonical_json(value)).hexdigest()


def join(left: Node, right: Node) -> Node:
    """The node above two others. ValueError when they carry different numbers of sums."""
    sums = tuple(one + other for one, other in zip(left.sums, right.sums, strict=True))
    return Node(digest_of(["knoop", left.digest, left.sums, right.digest, right.sums]), sums)


def _middle(count: int) -> int:
    """The left half is the larger one."""
    return (count + 1) // 2


def top(leaves: Sequence[Node]) -> Node:
    """The node above all leaves. ValueError without leaves."""
    if not leaves:
        raise ValueError("a tree needs a leaf")
    if len(leaves) == 1:
        return leaves[0]
    middle = _middle(len(leaves))
    return join(top(leaves[:middle]), top(leaves[middle:]))


def beside(count: int, position: int) -> Iterator[tuple[range, bool]]:
    """What stands beside the path of one leaf, from below: positions of leaves, and whether they stand on the left."""
    levels: list[tuple[range, bool]] = []
    start, stop = 0, count
    while stop - start > 1:
        middle = start + _middle(stop - start)
        on_the_left = position >= middle
        levels.append((range(start, middle), True) if on_the_left else (range(middle, stop), False))
        start, stop = (middle, stop) if on_the_left else (start, middle)
    return reversed(levels)


def path(leaves: Sequence[Node], position: int) -> list[Step]:
    """The steps from the leaf at `position` up to the top."""
    return [Step(top(leaves[others.start : others.stop]), left) for others, left in beside(len(leaves), position)]


def climb(leaf: Node, steps: Sequence[Step]) -> Node:
    """The top this leaf leads to. ValueError when a step carries another number of sums."""
    node = leaf
    for step in steps:
        node = join(step.beside, node) if step.left else join(node, step.beside)
    return node
