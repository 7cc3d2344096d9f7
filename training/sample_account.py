"""Everything the report shows of a detector of windows or images."""

import numpy as np
from numpy.typing import NDArray

from model.manifest import Manifest
from model.sample_form import SampleSet
from training.account import calibration_of, labelled_test, provenance_of
from training.aggregated_posterior import AggregatedPosterior
from training.clean_samples import CleanSamples
from training.config import TrainingConfig
from training.history import TrainingHistory
from training.judge import JudgedTest
from training.report.report_data import Picture, ReportData
from training.served import ServedDetector

LAST_STEPS = 5000  # windows whose last residual is looked at; more change no digit that is shown


def account_for_samples(
    manifest: Manifest,
    clean: CleanSamples,
    config: TrainingConfig,
    history: TrainingHistory,
    served: ServedDetector,
    judged: JudgedTest | None,
    posterior: AggregatedPosterior | None,
    pictures: tuple[Picture, ...],
) -> ReportData:
    """Gather what the report shows."""
    residuals = _last_residuals(clean.calibration, served) / clean.scale if config.modality == "window" else None
    return ReportData(
        provenance=provenance_of(manifest, clean.sources, config),
        features=clean.spec,
        location=clean.location,
        scale=clean.scale,
        notes=clean.notes,
        detector=manifest.detector,
        history=history,
        generalisation=None,
        comparison=None,
        score=manifest.score,
        precision=served.precision,
        parity_error=served.certificate.score_error,
        parity_samples=served.certificate.samples,
        calibration=calibration_of(served, config, residuals=residuals, latents=served.latents(clean.calibration)),
        test=labelled_test(judged) if judged else None,
        examples=(),
        posterior=posterior,
        pictures=pictures,
        sample=clean.called,
    )


def _last_residuals(windows: SampleSet, served: ServedDetector) -> NDArray[np.float64]:
    """Return how far off the last step of windows is [m, F], of windows spread evenly over all."""
    chosen = windows[np.linspace(0, len(windows) - 1, min(len(windows), LAST_STEPS)).astype(np.intp)]
    last: NDArray[np.float64] = chosen[:, -1] - served.raw.explain(chosen).reconstruction[:, -1]
    return last
