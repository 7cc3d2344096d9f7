"""The work, shared out over processes: one job for each set, variant, method and seed."""

import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import product
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from benchmarks.errors import MeasurementError
from benchmarks.quality.baselines import BASELINES, baseline_scores
from benchmarks.quality.measures import measure
from benchmarks.quality.plumbline import plumbline_scores
from benchmarks.quality.protocol import Variant, one_class_split
from benchmarks.quality.provenance import DIGITS, Provenance, code_digest
from benchmarks.quality.results_file import Key, Result
from benchmarks.quality.sets import LabelledSet, read_set
from model.errors import PlumblineError
from training.config import TrainingConfig

OURS = "Plumbline"
OURS_MODULES = ("benchmarks.quality.plumbline", "benchmarks.quality.measures")
BASELINE_MODULES = ("benchmarks.quality.baselines", "benchmarks.quality.measures")


@dataclass(frozen=True)
class Job:
    """What to measure, on which file, and what the result will be vouched for by."""

    key: Key
    file: Path
    config: TrainingConfig
    provenance: Provenance


@dataclass(frozen=True)
class Failure:
    """A job that gave no result, and why."""

    key: Key
    reason: str


def plan_jobs(
    files: Mapping[str, Path], sets: Mapping[str, LabelledSet], seeds: Sequence[int], config: TrainingConfig
) -> dict[Key, Job]:
    """List all there is to measure, the longest first, so that no core waits long for the last.

    The variants differ in small sets alone: others are measured once.
    """
    ours, baselines = code_digest(*OURS_MODULES), code_digest(*BASELINE_MODULES)
    jobs = {}
    for name, labelled in sorted(sets.items(), key=lambda item: -item[1].x.size):
        variants: tuple[Variant, ...] = ("published", "honest") if labelled.is_small else ("published",)
        data = labelled.sha256[:DIGITS]
        for method in (OURS, *BASELINES):
            settings, code = (config.sha256()[:DIGITS], ours) if method == OURS else ("", baselines)
            for variant, seed in product(variants, seeds):
                key = Key(name, variant, method, seed)
                jobs[key] = Job(key, files[name], config, Provenance(data, settings, code))
    return jobs


def run_jobs(jobs: Sequence[Job], workers: int) -> Iterator[Result | Failure]:
    """Run ``jobs`` in as many processes, each of one thread, and give each outcome as it comes.

    A job that cannot be done costs no other its result.

    Raises:
        MeasurementError: a process was killed.
    """
    # Spawned, not forked: torch's threads do not survive a fork.
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _begin)
    try:
        futures = {pool.submit(run_job, job): job for job in jobs}
        for future in as_completed(futures):
            yield _outcome(future, futures[future])
    except BrokenProcessPool as error:
        raise MeasurementError("a process was killed, perhaps for want of memory; try fewer --workers") from error
    finally:
        pool.shutdown(cancel_futures=True)


def run_job(job: Job) -> Result:
    """Fit one method to one set under one seed and measure it.

    Raises:
        MeasurementError: a score is not finite.
        PlumblineError: the set cannot be split, or learning failed.
    """
    name, variant, method, seed = job.key
    split = one_class_split(read_set(job.file), seed, variant)
    if method == OURS:
        learned = plumbline_scores(split, job.config.model_copy(update={"seed": seed}))
        scores, seconds, cpu_seconds = learned.scores, learned.seconds, learned.cpu_seconds
    else:
        started, cpu_started = time.monotonic(), time.process_time()
        scores = baseline_scores(method, split, seed)
        seconds, cpu_seconds = time.monotonic() - started, time.process_time() - cpu_started
    if not np.isfinite(scores).all():
        raise MeasurementError(f"{int((~np.isfinite(scores)).sum()):,} of {scores.size:,} scores are not finite")
    measures = measure(scores, split.anomalous)
    return Result(name, variant, method, seed, job.provenance, measures, seconds, cpu_seconds)


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # an interrupt ends a worker without a traceback
    torch.set_num_threads(1)
    threadpool_limits(1)


def _outcome(future: "Future[Result]", job: Job) -> Result | Failure:
    try:
        return future.result()
    except PlumblineError as error:
        return Failure(job.key, str(error))
