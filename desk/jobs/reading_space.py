"""What reads questions: the encoder, loaded with the first of them, and the space of the last discovery.

Both stay in the process that reads, until it rests; no web process ever holds them.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from threadpoolctl import threadpool_limits

from desk.insights.assignment import Known
from desk.insights.encoders.ladder import Encoder
from desk.insights.encoders.remembered import Remembered
from desk.insights.rewording import Writer
from desk.insights.space import Space
from desk.insights.vectors import Vectors
from desk.model.permission import system
from desk.store.insights.questions import keep_vectors, vectors_known
from desk.store.insights.topics import Centres, known_centres, newest_space
from desk.store.unit_of_work import Store

ANALYST = system("analyst")
BATCH = 500


@dataclass
class Standing:
    """How questions are read now: by which discovery, in which space, and what everybody writes."""

    run_id: int
    space: Space
    boilerplate: frozenset[str]


@dataclass
class Reading:
    """The desk's questions and how they are read, so many contacts at a time. `encoder_of` loads an encoder,
    or None for words alone; `writer` may reword drafts, where there is one.
    """

    store: Store
    encoder_of: Callable[[], Encoder | None]
    batch: int = BATCH
    writer: Writer | None = None
    _standing: Standing | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        # Several threads on matrices this small wait for each other more than they compute (a tenth of the
        # time with one), and take the cores from those who answer people.
        threadpool_limits(limits=1, user_api="blas")

    @cached_property
    def encoder(self) -> Encoder | None:
        """Loaded once. What it makes is kept by text and model."""
        found = self.encoder_of()
        if found is None:
            return None
        model = found.model_id

        def find(hashes: Iterable[str]) -> Mapping[str, Vectors]:
            with self.store.reading(ANALYST) as work:
                return vectors_known(work.session, model, hashes)

        def keep(made: Mapping[str, Vectors]) -> None:
            with self.store.unit_of_work(ANALYST) as work:
                keep_vectors(work.session, model, made)

        return Remembered(found, find, keep)

    def rest(self) -> bool:
        """Give back the memory of what reads, some 400 MB; the next question loads it anew, in a second.

        Whether there was anything to give back.
        """
        if "encoder" not in self.__dict__ and self._standing is None:
            return False
        self.__dict__.pop("encoder", None)
        self._standing = None
        gc.collect()
        # The GNU C library keeps what was freed in pieces until it is told; others give it back themselves.
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
        return True

    def standing(self) -> Standing | None:
        """As the last discovery left it; None before the first, or where its encoder is not the one that is
        installed now."""
        with self.store.reading(ANALYST) as work:
            run = newest_space(work.session)
            if run is None or run.space is None:
                return None
            number, content, boilerplate = run.id, run.space, frozenset(run.boilerplate)
        if self._standing is None or self._standing.run_id != number:
            space = self._space(content)
            if space is None:
                return None
            self._standing = Standing(number, space, boilerplate)
        return self._standing

    def known(self, standing: Standing) -> tuple[Known, list[int]] | None:
        """The topics that questions can come to, and their numbers by row; None where there are none."""
        with self.store.reading(ANALYST) as work:
            centres: Centres = known_centres(work.session, standing.space.model_id)
        if not centres.ids:
            return None
        return Known(standing.space, centres.centres, centres.floors), centres.ids

    def _space(self, content: bytes) -> Space | None:
        for encoder in (self.encoder, None):
            try:
                return Space.from_bytes(content, encoder)
            except ValueError:
                continue
        return None
