"""Windows as JSON has them, arrays of steps or objects of a channel's values by its name, as one array of numbers.

B: windows, T: steps, F: channels.
"""

from collections.abc import Sequence

from model.features import FeatureSpec
from service.errors import StructureError
from service.samples import Samples, read_samples
from service.wording import listed, shown

NAMED_FAULTS = 20  # windows described in one answer; all are counted


def read_windows(samples: Sequence[object], spec: FeatureSpec, steps: int, may_hold_booleans: bool) -> Samples:
    """Turn parsed JSON into numbers [B, T, F], as ``read_samples`` does it for rows.

    Raises:
        StructureError: windows of the wrong length or width, or with unknown or missing channel names.
    """
    windows: list[list[object]] = []
    faults: dict[int, str] = {}
    for number, sample in enumerate(samples):
        fault = _fault(sample, spec, steps)
        if fault is None:
            windows.append(_steps(sample, spec))
        else:
            faults[number] = fault
    if faults:
        first, found = next(iter(faults.items()))
        expected = (
            f"an array of {steps} steps, oldest first, each an array of {len(spec)} values in the order {listed(spec.names)}, "
            f"or an object with an array of {steps} values for each of these names"
        )
        raise StructureError(
            f"{len(faults):,} of {len(samples):,} windows do not fit the model; sample {first}: expected {expected}, "
            f"found {found}",
            {
                "bad_samples": len(faults),
                "samples": [
                    {"sample": number, "expected": expected, "found": what}
                    for number, what in list(faults.items())[:NAMED_FAULTS]
                ],
            },
        )
    read = read_samples([step for window in windows for step in window], spec, may_hold_booleans)
    unreadable: dict[int, str] = {}
    for row, why in sorted(read.unreadable.items()):
        unreadable.setdefault(row // steps, f"{why} in step {row % steps + 1} of {steps}")
    return Samples(read.x.reshape(len(samples), steps, len(spec)), unreadable)


def _fault(sample: object, spec: FeatureSpec, steps: int) -> str | None:
    """Say what of a window's structure is wrong, or nothing."""
    if isinstance(sample, dict):
        if sample.keys() != set(spec.names):
            return f"the names {listed([*sample])}"
        for name in spec.names:
            values = sample[name]
            if not isinstance(values, list) or len(values) != steps:
                return f"for {shown(name)} {_size(values)}"
        return None
    if not isinstance(sample, list) or len(sample) != steps:
        return _size(sample)
    for step, values in enumerate(sample, 1):
        if not isinstance(values, list) or len(values) != len(spec):
            return f"as step {step} {_size(values)}"
    return None


def _size(found: object) -> str:
    return f"an array of {len(found)}" if isinstance(found, list) else shown(found)


def _steps(sample: object, spec: FeatureSpec) -> list[object]:
    if isinstance(sample, dict):
        return [list(step) for step in zip(*(sample[name] for name in spec.names), strict=True)]
    return list(sample) if isinstance(sample, list) else []
