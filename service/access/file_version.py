"""Whether a file has changed, without reading it."""

from pathlib import Path

FileVersion = tuple[int, ...]


def version_of(path: Path) -> FileVersion:
    """Give numbers that change with the file, or with the one that a link leads to; those of none where it is not there."""
    try:
        found = path.stat()
    except OSError as error:
        return (error.errno or 0,)
    return found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size
