"""How many files and connections a process may have open."""

import logging
import resource

log = logging.getLogger("plumbline.server")


def allow_open_files(count: int) -> None:
    """Raise the limit on open files to ``count``, for this process and those it starts, or as far as it goes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        log.warning("fewer files may be open than connections need", extra={"fields": {"needed": count, "found": hard}})
        count = hard
    if soft != resource.RLIM_INFINITY and soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))
