"""The service as processes: a listening socket, one or several workers, and an orderly end."""

import errno
import logging
import os
import signal
import socket
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType
from typing import NoReturn

from fastapi import FastAPI
from uvicorn import Config, Server
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from model.errors import InputError, PlumblineError
from service.access.keys_file import read_keys
from service.access.listening import check_listening
from service.connection import Connection
from service.logs import configure_logging
from service.open_files import allow_open_files
from service.registry.roots import cache_of
from service.settings import Settings
from service.streams.database import open_database
from service.tracing.destination import check_installed
from service.worker import METRICS_DIRECTORY, STOPPING, registry_of, worker_app

STREAMS = "streams.sqlite3"
# A worker that says nothing for so long is replaced. On a busy machine one needs many seconds to get so far as to say something.
WORKER_SECONDS = 30
OTHER_FILES = 256

log = logging.getLogger("plumbline.server")


def serve(settings: Settings) -> None:
    """Serve until told to stop by SIGTERM or SIGINT, then finish what is in flight.

    Raises:
        InputError: the port cannot be had, or there is nothing to serve.
    """
    configure_logging(settings.log_level)
    for number in STOPPING:
        signal.signal(number, _exit)  # until uvicorn takes over, and again once it has stopped in order
    # Those that are turned away are open for a moment, too.
    allow_open_files(2 * settings.max_connections + OTHER_FILES)
    if settings.keys is not None:
        read_keys(settings.keys)
    if settings.tls is not None:
        settings.tls.context()
    if settings.traces is not None:
        check_installed()
    with _listen(settings) as listener, cache_of(settings.models, settings.cache) as cache:
        settings = settings.model_copy(update={"cache": cache})
        host, port = listener.getsockname()[:2]
        scheme = "http" if settings.tls is None else "https"
        url = f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
        if settings.workers == 1:
            _end_on_hangup()
            Server(_config(settings, worker_app(settings, url))).run(sockets=[listener])
        else:
            _serve_with_workers(settings, listener, url)


def _exit(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


def _end_on_hangup() -> None:
    """Have a terminal that closes end the service as SIGTERM does, or it would be gone at once; ``nohup`` asks for neither.

    Where there are several workers, the supervisor takes SIGHUP for a wish to replace them.
    """
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        signal.signal(signal.SIGHUP, lambda _number, _frame: signal.raise_signal(signal.SIGTERM))


def _listen(settings: Settings) -> socket.socket:
    host, port = settings.host, settings.port
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        check_listening(
            str(address[0]),
            has_keys=settings.keys is not None,
            is_allowed=settings.allow_anonymous,
            is_encrypted=settings.tls is not None,
        )
        return socket.create_server((str(address[0]), port), family=family, backlog=2048)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise InputError(f"port {port} on {host} is already in use; choose another with --port") from error
        raise InputError(f"cannot listen on {host}, port {port}: {error.strerror}") from error


def _config(settings: Settings, app: FastAPI | Callable[[], FastAPI]) -> Config:
    return Config(
        app,
        factory=not isinstance(app, FastAPI),
        workers=settings.workers,
        http=Connection,
        loop="service.access.handshakes:new_loop",
        ws="none",
        lifespan="on",
        log_config=None,
        log_level=settings.log_level,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_worker_healthcheck=WORKER_SECONDS,
        ssl_context_factory=None if settings.tls is None else settings.tls.for_server,
        timeout_keep_alive=settings.keep_alive_seconds,
        timeout_graceful_shutdown=settings.drain_seconds,
    )


def _serve_with_workers(settings: Settings, listener: socket.socket, url: str) -> None:
    # What would stop every worker is said once, before there are any.
    registry_of(settings).open()
    with tempfile.TemporaryDirectory(prefix="plumbline-workers-") as shared:
        os.environ[METRICS_DIRECTORY] = shared
        if settings.streams is None:  # a stream's rows reach any worker, so all of them keep it
            settings = settings.model_copy(update={"streams": Path(shared, STREAMS)})
        open_database(settings.streams).close()
        workers = Multiprocess(_config(settings, partial(_worker, settings, url)), [listener])
        for number in STOPPING:
            _close_on(number, listener)
        workers.run()
        if any(worker.exitcode == STARTUP_FAILURE for worker in workers.processes):
            raise RuntimeError("a worker could not start; the log says why")


def _close_on(number: signal.Signals, listener: socket.socket) -> None:
    """Close the supervisor's copy of the socket too, or clients would wait in it for nobody while workers drain."""
    relay = signal.getsignal(number)

    def stop(number: int, frame: FrameType | None) -> None:
        listener.close()
        if callable(relay):
            relay(number, frame)

    signal.signal(number, stop)


def _worker(settings: Settings, url: str) -> FastAPI:
    configure_logging(settings.log_level)
    try:
        return worker_app(settings, url)
    except PlumblineError as error:
        log.error(str(error))  # noqa: TRY400 - the sentence says it all
        raise SystemExit(STARTUP_FAILURE) from error
