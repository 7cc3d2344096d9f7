"""Probabilistic PCA in closed form, with as many components as make held-out rows likeliest."""

import numpy as np
import torch
from numpy.typing import NDArray

from model.detector_graphs import DetectorGraphs, LatentGraphs
from model.gaussian_scorer import GaussianScorerGraph
from model.principal_components import PcaAutoencoder, PcaDecoderGraph, PcaEncoderGraph
from model.sample_form import SampleForm
from training.baselines.units import Units, fit_units

Array = NDArray[np.float64]

SMALLEST_VARIANCE = 1e-6  # of a standardised reading in any direction: a thousandth of its spread


def fit_pca(train: Array, validation: Array) -> DetectorGraphs:
    """Fit to clean ``train`` [N, F] and ``validation`` [M, F], in engineering units.

    Components are chosen on ``validation``; all rows then enter the estimate. The score is the Mahalanobis distance
    under the model's covariance: Hotelling's T^2 within the components plus the squared prediction error in units of
    the noise, the sum that the likelihood gives them (Tipping and Bishop 1999; Kim and Lee 2003).
    """
    every = np.vstack([train, validation])
    units = fit_units(every)
    count = choose_components(units, train, validation)
    variances, axes = principal_axes(units.standardise(every))
    noise = noise_variance(variances, count)
    kept, directions = np.maximum(variances[:count], noise), axes[:, :count].copy()
    whitening = np.eye(len(axes)) / np.sqrt(noise)
    whitening += (directions * (1 / np.sqrt(kept) - 1 / np.sqrt(noise))) @ directions.T
    parameters = (*units.tensors(), torch.from_numpy(directions), torch.from_numpy(kept), noise)
    encoder, decoder = PcaEncoderGraph(*parameters), PcaDecoderGraph(*parameters)
    scorer = GaussianScorerGraph(*units.tensors(), torch.from_numpy(whitening), PcaAutoencoder(encoder, decoder))
    return DetectorGraphs(scorer, LatentGraphs(encoder, decoder, count), SampleForm((len(axes),)))


def choose_components(units: Units, train: Array, validation: Array) -> int:
    """Choose how many components of ``train`` make ``validation`` likeliest: from one to all but one."""
    centre = units.standardise(train).mean(axis=0)
    variances, axes = principal_axes(units.standardise(train))
    squares = np.mean(((units.standardise(validation) - centre) @ axes) ** 2, axis=0)

    def negative_log_likelihood(count: int) -> float:
        noise = noise_variance(variances, count)
        modelled = np.where(np.arange(variances.size) < count, np.maximum(variances, noise), noise)
        return float((np.log(modelled) + squares / modelled).sum())

    return min(range(1, max(variances.size, 2)), key=negative_log_likelihood)


def principal_axes(rows: Array) -> tuple[Array, Array]:
    """Return the variances [F] of ``rows`` [N, F] along their principal axes [F, F], largest first."""
    size = rows.shape[1]
    variances, axes = np.linalg.eigh(np.cov(rows.T).reshape(size, size))
    return np.maximum(variances[::-1], SMALLEST_VARIANCE), axes[:, ::-1].copy()


def noise_variance(variances: Array, count: int) -> float:
    """Return the maximum-likelihood noise beside ``count`` components: the mean of the variances left."""
    return float(variances[count:].mean()) if count < variances.size else SMALLEST_VARIANCE
