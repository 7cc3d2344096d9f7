"""Training on images, one stage a line: read, learn, export and calibrate, judge, bundle."""

import logging
from datetime import UTC, datetime
from pathlib import Path

from model.images.reader import ImageReader
from model.modality import Image
from model.sample_form import SampleForm
from model.signing.signing_key import SigningKey
from training.checkpoint import Checkpoint
from training.clean_samples import LabelledSamples
from training.config import TrainingConfig
from training.images.clean_images import clean_images, for_images
from training.images.detector import learn_images
from training.images.gallery import gallery
from training.images.heat import heat_threshold
from training.images.labelled import read_labelled_images
from training.judge import JudgedTest
from training.left_out import tell_left_out
from training.manifest import Sections, run_identity
from training.progress import OnEpoch
from training.raw_data import Rejections
from training.sample_bundle import Finish, bundle_samples, tell_samples
from training.served import ServedDetector

log = logging.getLogger("plumbline.training")


def train_image_bundle(
    inputs: tuple[str, ...],
    out: Path,
    config: TrainingConfig,
    test: tuple[str, ...] = (),
    signing_key: SigningKey | None = None,
    *,
    resume: bool,
    on_epoch: OnEpoch,
) -> Path:
    """Train a detector on clean images and write it as the next version below ``out`` (``models/NAME``).

    Raises:
        InputError: data or configuration that cannot be used.
        GateError: training diverged, the graphs do not reproduce the model, or the promise cannot be supported.
    """
    created_at, config = datetime.now(UTC), for_images(config)
    images, clean = clean_images(inputs, config)
    log.info("%s clean images, %s", f"{len(images):,}", images.geometry)
    tell_left_out(clean.notes)
    tell_samples(clean, config)
    geometry = images.geometry
    form = SampleForm(geometry.shape, geometry.dtype, rebuilt=config.backbone.file is None)
    labelled = labelled_samples(test, images.reader) if test else None
    checkpoint = Checkpoint(
        out / ".training" / "checkpoint.safetensors", run_identity(images.fingerprint, config), resume
    )
    with checkpoint.continuable():
        detector = learn_images(clean, form, config, checkpoint, on_epoch)

    def finish(served: ServedDetector, judged: JudgedTest | None) -> Finish:
        line = heat_threshold(served.raw, clean.calibration, config)
        image = Image(
            height=geometry.height,
            width=geometry.width,
            bits=geometry.bits,
            resized=images.reader.resized,
            heat_threshold=line,
        )
        sections = Sections(score=detector.score, image=image, backbone=detector.backbone)
        return Finish(sections, gallery(served, clean, judged, line))

    bundle = bundle_samples(
        out, created_at, clean, detector.graphs, detector.history, labelled, config, finish, signing_key
    )
    checkpoint.discard()
    return bundle


def labelled_samples(inputs: tuple[str, ...], reader: ImageReader) -> LabelledSamples:
    """Read test images, labelled by the folder that each lies in."""
    found = read_labelled_images(inputs, reader)
    rejections = Rejections()
    for sentence in found.images.rejected:
        rejections.tell(sentence)
    return LabelledSamples(found.images.samples, found.label, found.images.place, rejections)
