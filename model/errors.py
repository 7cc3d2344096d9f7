"""What can go wrong, one class for each way; no class knows about HTTP or exit codes.

A message is one sentence that names the file, row or column, what was expected and what was found.
"""


class PlumblineError(Exception):
    """Root of every error that Plumbline raises on purpose."""


class InputError(PlumblineError):
    """Data or arguments that cannot be used as they are."""


class GateError(PlumblineError):
    """A gate (parity, certification, golden samples) was not passed, so nothing was written."""


class CalibrationError(GateError):
    """Calibration data cannot support the promise that was asked for."""


class ParityError(GateError):
    """Exported graphs do not reproduce the trained model."""


class BundleError(PlumblineError):
    """A bundle cannot be trusted; the subclasses say why."""


class BundleMissingFileError(BundleError):
    """A file that the format or the manifest names is not there."""


class BundleUnlistedFileError(BundleError):
    """A file is there that the manifest does not name."""


class BundleUnsafePathError(BundleError):
    """A path leaves the bundle, or is not a regular file."""


class BundleTooLargeError(BundleError):
    """A file is larger than the format allows or than the manifest says."""


class BundleDigestError(BundleError):
    """A file's bytes are not those the manifest vouches for."""


class BundleUnsignedError(BundleError):
    """The bundle bears no signature where only signed ones are trusted."""


class BundleSignatureFormatError(BundleError):
    """The signature file is not JSON of the form the specification gives."""


class BundleSignatureAlgorithmError(BundleError):
    """The signature was made with another algorithm than the one this reader checks."""


class BundleUnknownKeyError(BundleError):
    """The bundle is signed by a key that is not trusted."""


class BundleSignatureError(BundleError):
    """The signature is not that of this manifest."""


class BundleFormatVersionError(BundleError):
    """The bundle was written in a format version this reader does not know."""


class BundleManifestError(BundleError):
    """The manifest is not JSON of the form the specification gives."""


class BundleArrayError(BundleError):
    """An array has the wrong type, shape, order or values."""


class BundleGraphError(BundleError):
    """A graph is unreadable or uses what the format forbids: other operators, control flow, external data."""


class BundleGraphShapeError(BundleError):
    """A graph's inputs or outputs are not those the manifest's features call for."""


class NoReconstructionError(PlumblineError):
    """The detector does not reconstruct samples."""


class BundleGoldenError(BundleError):
    """Golden samples do not get the scores and verdicts they must get on this machine."""


class BundleExistsError(BundleError):
    """A bundle of this name and version is already there; bundles are never overwritten."""
