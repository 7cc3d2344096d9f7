"""Where models are kept, as the registry sees it."""

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Protocol


class ModelRoot(Protocol):
    """A place that holds bundles as ``NAME/VERSION/``. Every call may read a disk or a network, so none is for a loop."""

    def versions(self) -> Mapping[str, tuple[int, ...]]:
        """List every name and its versions, the highest first.

        Raises:
            InputError: the place is not there, or cannot be listed.
        """

    @property
    def decisions(self) -> Path | None:
        """The file in which operators' decisions are kept, where it has one."""

    def say_empty(self) -> str:
        """Say what was expected where no version was found."""

    def place(self, name: str, version: int) -> Path:
        """Give the directory on this machine to read a version from.

        Raises:
            OSError: it cannot be had.
        """

    def manifest_stamp(self, name: str, version: int) -> Hashable:
        """Give a value that changes when a version is replaced by another; None where it is not there."""

    def files_stamp(self, name: str, version: int) -> Hashable:
        """Give a value that changes when any file of a version does."""
