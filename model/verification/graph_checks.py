"""What a bundle's graphs must do on this machine, held against its golden samples. G: valid golden samples, F: features."""

import numpy as np
from numpy.typing import NDArray

from model.bundle import Bundle
from model.decoder import Decoder
from model.encoder import Encoder
from model.errors import BundleGraphError
from model.golden import compare_golden
from model.scorer import INVALID, Scorer
from model.verification.check import Check, Outcome

BATCHES = (1, 2, 7, 2000)


def check_golden(bundle: Bundle, scorer: Scorer) -> Check:
    """Score the golden samples, together and one by one: scores within the bundle's tolerance, verdicts equal."""
    golden, rtol = bundle.golden, bundle.manifest.graphs.score_rtol
    valid = golden.verdicts != INVALID
    largest = 0.0
    for batch in (len(golden.samples), 1):
        judged = [scorer.score(golden.samples[at : at + batch]) for at in range(0, len(golden.samples), batch)]
        scores = np.concatenate([part.score for part in judged])
        fault = compare_golden(golden, scores, np.concatenate([part.verdict for part in judged]), rtol)
        if fault:
            return Check("golden samples", Outcome.FAILED, f"in batches of {batch}, {fault}")
        apart = np.abs(scores[valid] - golden.scores[valid])
        largest = max(largest, float((apart / np.maximum(golden.scores[valid], np.finfo(float).tiny)).max()))
    return Check(
        "golden samples",
        Outcome.PASSED,
        f"all {len(valid):,} get their verdicts, and scores {_within(largest, rtol)} those recorded",
        {"samples": len(valid), "largest_error": largest, "allowed_error": rtol},
    )


def check_batches(bundle: Bundle, scorer: Scorer) -> Check:
    """Score the golden samples in batches of several sizes: to the bit the same."""
    valid = bundle.golden.samples[bundle.golden.verdicts != INVALID]
    rows = np.arange(max(BATCHES)) % len(valid)
    alone = np.concatenate([scorer.score(sample[None]).score for sample in valid])
    for batch in BATCHES:
        used = rows[: max(batch, len(valid))]
        again = np.concatenate([scorer.score(valid[used[at : at + batch]]).score for at in range(0, len(used), batch)])
        differing = np.flatnonzero(again != alone[used])
        if differing.size:
            row = int(differing[0])
            told = (
                f"in batches of {batch:,}, golden sample {used[row]} scores {again[row]!r}, alone {alone[used[row]]!r}"
            )
            return Check("batches", Outcome.FAILED, told)
    sizes = ", ".join(f"{batch:,}" for batch in BATCHES[:-1])
    told = f"a score is the same to the bit in batches of {sizes} and {BATCHES[-1]:,}"
    return Check("batches", Outcome.PASSED, told, {"largest_batch": BATCHES[-1]})


def check_parity(bundle: Bundle, scorer: Scorer) -> Check:
    """Decode the encoder's posterior mean: within the bundle's tolerance of the reconstruction that the scorer gives.

    A difference counts in units of how far the feature's golden values spread.
    """
    rtol, names = bundle.manifest.graphs.score_rtol, scorer.spec.names
    if bundle.encoder is None or bundle.decoder is None:
        return Check(
            "parity", Outcome.NOT_APPLICABLE, f"a {bundle.manifest.detector} detector has no encoder and decoder"
        )
    valid = bundle.golden.samples[bundle.golden.verdicts != INVALID]
    latents = Encoder(bundle.encoder).encode(valid)
    if len(latents.mean) != len(valid) or not np.isfinite(latents.log_variance).all():
        raise BundleGraphError("encoder.onnx: must give one finite mean and log variance for each sample")
    decoded, expected = Decoder(bundle.decoder).decode(latents.mean), scorer.explain(valid).reconstruction
    # What the scorer fills in for an absent value is more than what is decoded.
    apart = np.where(np.isnan(valid), 0.0, np.abs(decoded - expected)) / _spread(valid)
    if not apart.max() <= rtol:  # NaN, too, is a difference
        sample, feature = np.unravel_index(int(np.argmax(np.nan_to_num(apart, nan=np.inf))), apart.shape)
        return Check(
            "parity",
            Outcome.FAILED,
            f"of golden sample {sample}, decoder.onnx after encoder.onnx makes '{names[feature]}' "
            f"{decoded[sample, feature]:.9g}, scorer.onnx {expected[sample, feature]:.9g}",
        )
    return Check(
        "parity",
        Outcome.PASSED,
        f"decoder.onnx after encoder.onnx gives reconstructions {_within(float(apart.max()), rtol)} those of scorer.onnx",
        {"largest_error": float(apart.max()), "allowed_error": rtol},
    )


def _within(error: float, allowed: float) -> str:
    return f"within {error:.1e} of ({allowed:.0e} is allowed)" if error else "exactly equal to"


def _spread(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the standard deviation [F]; where golden samples do not differ, what float64 tells apart."""
    with np.errstate(over="ignore", invalid="ignore"):
        spread = np.nan_to_num(np.nanstd(samples, axis=0), nan=0.0, posinf=0.0)
    largest = np.nanmax(np.abs(samples), axis=0)
    return np.asarray(np.maximum(spread, np.maximum(1e-6 * largest, np.finfo(np.float64).tiny)))
