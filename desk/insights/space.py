"""The space in which questions are compared: what they mean, and which words they have.

Learnt once from a set of questions and frozen; later questions are brought into the same space, so that their
distance to a topic means the same as on the day when the topic was found.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from desk.insights.encoders.ladder import Encoder
from desk.insights.lexical import LexicalSpace
from desk.insights.vectors import Vectors, principal, unit_rows

DIMENSIONS = 128
MOST_BEYOND = 0.5
WORDS_ALONE = "tf-idf"


@dataclass(frozen=True)
class Space:
    """`encoder` is None where words alone tell texts apart; `beyond` is the share that it does not know."""

    encoder: Encoder | None
    lexical: LexicalSpace
    unknown: Vectors
    mean: Vectors
    axes: Vectors
    beyond: float

    @classmethod
    def learnt_from(
        cls, texts: Sequence[str], encoder: Encoder | None, told: Callable[[int], None] = lambda done: None
    ) -> tuple[Space, Vectors]:
        """The space, and where these texts are in it (unit rows). Where the encoder knows the language of
        fewer than half of the texts, it is left out."""
        known = encoder.covers(texts) if encoder else np.ones(len(texts), np.bool_)
        beyond = 1 - float(known.mean())
        if beyond > MOST_BEYOND:
            encoder = None
        lexical, spoken = LexicalSpace.learnt_from(texts)
        if encoder is None:
            unknown, joined = np.zeros(0, np.float32), spoken
        else:
            meant = encoder.encode(texts, told)
            unknown = np.asarray(meant[known].mean(0), np.float32)
            joined = _joined(meant, spoken, known, unknown, encoder.lexical_share)
        mean, axes = principal(joined, DIMENSIONS)
        space = cls(encoder, lexical, unknown, mean, axes, beyond)
        return space, unit_rows(np.asarray((joined - mean) @ axes, np.float32))

    @classmethod
    def from_bytes(cls, content: bytes, encoder: Encoder | None) -> Space:
        """The space that `as_bytes` wrote. Raises ValueError where another model made it."""
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            space = cls(
                encoder,
                LexicalSpace.from_arrays(arrays),
                arrays["unknown"],
                arrays["mean"],
                arrays["axes"],
                float(arrays["beyond"]),
            )
            made_by = str(arrays["model"])
        if space.model_id != made_by:
            raise ValueError(f"The space was made by {made_by}, and not by {space.model_id}.")
        return space

    def as_bytes(self) -> bytes:
        """All of it but the encoder, as plain arrays: nothing in it can be executed."""
        written = io.BytesIO()
        arrays: dict[str, Any] = {
            "model": np.array(self.model_id),
            "unknown": self.unknown,
            "mean": self.mean,
            "axes": self.axes,
            "beyond": np.array(self.beyond),
            **self.lexical.arrays(),
        }
        np.savez_compressed(written, **arrays)
        return written.getvalue()

    @property
    def model_id(self) -> str:
        """Which weights made the vectors; vectors of two models are never mixed."""
        return self.encoder.model_id if self.encoder else WORDS_ALONE

    def vectors(self, texts: Sequence[str], told: Callable[[int], None] = lambda done: None) -> Vectors:
        """Where these texts are: unit rows."""
        joined = self.lexical.vectors(texts)
        if self.encoder:
            meant, known = self.encoder.encode(texts, told), self.encoder.covers(texts)
            joined = _joined(meant, joined, known, self.unknown, self.encoder.lexical_share)
        return unit_rows(np.asarray((joined - self.mean) @ self.axes, np.float32))


def _joined(
    meant: Vectors, spoken: Vectors, known: NDArray[np.bool_], unknown: Vectors, share: float
) -> Vectors:
    """Both channels beside each other, so that cosines add up by their shares.

    A text that the encoder does not know stands at the mean there, which centring takes to nothing: its words
    alone tell where it is, and therefore weigh fully.
    """
    meant = np.where(known[:, None], meant, unknown)
    weight = np.where(known[:, None], np.float32(np.sqrt(share)), np.float32(1))
    return np.asarray(np.hstack([np.float32(np.sqrt(1 - share)) * meant, weight * spoken]), np.float32)
