"""`desk topics` over a folder: a part at a time, by the processes of this machine or by a cluster.

Either is an executor of the standard library's form, and runs the functions of desk/insights/partitions.py.
A cluster is one of Dask, https://distributed.dask.org; its workers read the folder under the same path, and
have this version of Desk.
"""

from __future__ import annotations

import csv
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, reduce
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

from desk.cli.question_files import CSV, parts_of, table_in
from desk.cli.topics_told import Findings
from desk.insights.discovery import NO_TOPIC, Told, Topic
from desk.insights.encoders.ladder import Encoder, encoder_for
from desk.insights.partitions import Sample, Topics, placed, sample_of, topics_of
from desk.model.errors import Invalid, Misconfigured

Done = TypeVar("Done")
SHARES = 8
"""A worker is given its parts in so many shares: few, as the topics travel with each."""


def read_parts(
    folder: Path,
    column: str | None,
    encoding: str | None,
    out: Path | None,
    encoder: str,
    scheduler: str | None,
    told: Told,
) -> Findings:
    """The topics of all files of a folder; `out`, a folder that is not there yet, gets a file of labels for
    each. Topics are numbered by their size in the sample. Raises Invalid, Misconfigured.
    """
    parts = parts_of(folder)
    if out is not None and (out.exists() or len({part.stem for part in parts}) < len(parts)):
        what = "is there already" if out.exists() else "would hold two files of one name"
        raise Invalid(f"--out {out} {what}; name a folder that is not there.")
    with _executor(scheduler, len(parts)) as (pool, workers):
        samples = [pool.submit(_sampled, part, column, encoding) for part in parts]
        sample = reduce(Sample.joined, _as_done(samples, "sampling", told), Sample({}))
        found, topics = topics_of(sample, encoder_for(encoder), told)
        with _labels_in(out) as target:
            shares = [list(parts[first :: workers * SHARES]) for first in range(workers * SHARES)]
            titles = [topic.label for topic in found.topics]
            placing = [
                pool.submit(_placed, share, column, encoding, encoder, topics, titles, target)
                for share in shares
                if share
            ]
            sizes = reduce(Counter.__add__, _as_done(placing, "placing", told), Counter[int]())
    in_topics = sum(count for topic, count in sizes.items() if topic >= 0)
    return Findings(
        topics=[_of_size(topic, sizes) for topic in found.topics],
        areas=found.areas,
        model_id=found.space.model_id if found.space else None,
        questions=sample.rows,
        placed=in_topics,
        unasked=sample.rows - sample.asked,
        beyond=found.beyond,
        by_words=found.space is not None and found.space.encoder is None,
    )


def _of_size(topic: Topic, sizes: Counter[int]) -> Topic:
    """A topic by all that was asked; how much of it is core is known of the sample."""
    size = sizes[topic.number]
    return replace(topic, size=size, core=round(topic.core * size / max(topic.size, 1)))


@contextmanager
def _executor(scheduler: str | None, parts: int) -> Iterator[tuple[Executor, int]]:
    """What the work is handed to, and how much of it goes on at once."""
    if scheduler is None:
        workers = min(len(os.sched_getaffinity(0)), parts)
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            yield pool, workers
        return
    try:
        distributed: Any = import_module("distributed")
    except ImportError:
        raise Misconfigured("--scheduler needs Dask: pip install distributed") from None
    try:
        client = distributed.Client(scheduler, timeout=10)
    except (OSError, TimeoutError, ValueError) as error:
        raise Misconfigured(f"No Dask scheduler answers at {scheduler}: {error}") from error
    with client:
        workers = sum(client.nthreads().values())
        if not workers:
            raise Misconfigured(f"The cluster at {scheduler} has no worker yet.")
        yield client.get_executor(), workers


def _as_done(work: Sequence[Future[Done]], step: str, told: Told) -> Iterator[Done]:
    """Results as they come. Where one part cannot be read, the others are not begun any more."""
    told(step, 0, len(work))
    try:
        for done, future in enumerate(as_completed(work), 1):
            yield future.result()
            told(step, done, len(work))
    except BaseException:
        for future in work:
            future.cancel()
        raise


@contextmanager
def _labels_in(out: Path | None) -> Iterator[Path | None]:
    """A folder beside its place, which takes it at the end, or leaves nothing."""
    if out is None:
        yield None
        return
    target = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}."))
    target.chmod(0o755)
    try:
        yield target
        target.rename(out)
    finally:
        shutil.rmtree(target, ignore_errors=True)


def _sampled(part: Path, column: str | None, encoding: str | None) -> Sample:
    return sample_of(_questions(part, column, encoding))


def _placed(
    parts: Sequence[Path],
    column: str | None,
    encoding: str | None,
    encoder: str,
    topics: Topics,
    titles: Sequence[str],
    target: Path | None,
) -> Counter[int]:
    """How many questions of these parts each topic has; their labels are written down, a file a part."""
    sizes: Counter[int] = Counter()
    for part in parts:
        labels = placed(topics, _loaded(encoder), _questions(part, column, encoding)).tolist()
        sizes.update(labels)
        if target is not None:
            with (target / f"{part.stem}{CSV}").open("w", encoding="utf-8", newline="") as file:
                rows = csv.writer(file)
                rows.writerow(["topic", "label"])
                rows.writerows((one, titles[one] if one != NO_TOPIC else "") for one in labels)
    return sizes


@cache
def _loaded(encoder: str) -> Encoder | None:
    """Once in each process: an encoder takes a second to load."""
    return encoder_for(encoder)


def _questions(part: Path, column: str | None, encoding: str | None) -> Sequence[str]:
    try:
        return table_in(part, column, encoding).questions
    except Invalid as error:
        raise Invalid(f"{part.name}: {error}") from None
