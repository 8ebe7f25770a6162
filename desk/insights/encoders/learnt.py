"""What an encoder learnt of the first texts that it read, for those who shall read as it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from desk.insights.vectors import Vectors


@dataclass(frozen=True)
class Learnt:
    """How frequent each word was among the first texts, 0 to 1, and the mean of the vectors of the words."""

    frequencies: Mapping[str, float]
    mean: Vectors
