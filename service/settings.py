"""How the service is configured: ``PLUMBLINE_*`` environment variables; a flag, where there is one, overrides."""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from model.errors import InputError
from service.access.tls import Tls
from service.connections import ConnectionBounds
from service.limits import Limits, QueueBounds
from service.tracing.destination import read_destination

PREFIX = "PLUMBLINE_"
DEFAULT = Limits()
CONNECTIONS = ConnectionBounds()
TLS = ("tls_certificate", "tls_key", "tls_key_password", "tls_client_ca")
QUEUE = QueueBounds()


class Settings(BaseSettings):
    """Everything an operator may set. Read once, at the entry point."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid")

    models: str = Field(default="models", min_length=1)  # a directory, or the URL of an object store
    cache: Path | None = None  # where versions from an object store are copied to
    default_model: str | None = None
    trusted_keys: Path | None = None  # refuse bundles that none of these public keys has signed
    # Where decisions about versions are kept; beside the models, unless set.
    state: Path | None = None
    # What models may take together, in all workers; beyond it, what was not used for longest is unloaded until asked for.
    model_memory_mib: int | None = Field(default=None, ge=1)
    # How often to look for versions that came, changed or went; 0: never.
    watch_seconds: float = Field(default=2.0, ge=0)
    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8000, ge=0, le=65_535)
    workers: int = Field(default=1, ge=1, le=256)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    traces: str | None = None

    # Who may do what: a file of keys; without one, the service listens on this machine alone unless told otherwise.
    keys: Path | None = None
    allow_anonymous: bool = False
    protect_health: bool = False
    protect_metrics: bool = True
    rate_limit: float | None = Field(default=None, gt=0, allow_inf_nan=False)

    tls_certificate: Path | None = None
    tls_key: Path | None = None
    tls_key_password: SecretStr | None = None
    tls_client_ca: Path | None = None

    max_body_bytes: int = Field(default=DEFAULT.body_bytes, ge=1)
    max_inflated_bytes: int = Field(default=DEFAULT.inflated_bytes, ge=1)
    max_body_seconds: float = Field(default=DEFAULT.body_seconds, gt=0)
    max_samples: int = Field(default=DEFAULT.samples, ge=1)
    max_explained_values: int = Field(default=DEFAULT.explained_values, ge=1)
    max_fully_explained_values: int = Field(default=DEFAULT.fully_explained_values, ge=1)
    max_generated_values: int = Field(default=DEFAULT.generated_values, ge=1)
    max_image_pixels: int = Field(default=DEFAULT.image_pixels, ge=1)
    max_explained_pixels: int = Field(default=DEFAULT.explained_pixels, ge=1)
    max_request_seconds: float = Field(default=DEFAULT.request_seconds, gt=0)

    max_connections: int = Field(default=CONNECTIONS.connections, ge=1)  # of one worker
    max_unread_seconds: float = Field(default=CONNECTIONS.unread_seconds, gt=0)
    keep_alive_seconds: int = Field(default=5, ge=1)

    # How much may wait to be scored before whoever comes is sent away.
    max_queue_seconds: float = Field(default=QUEUE.seconds, gt=0)
    max_queue_requests: int = Field(default=QUEUE.requests, ge=1)
    max_queue_bytes: int = Field(default=QUEUE.value_bytes, ge=1)

    # Where streams are kept: a file that survives a restart, or for as long as the service runs.
    streams: Path | None = None
    max_streams: int = Field(default=1_000, ge=1)
    stream_seconds: float = Field(default=604_800.0, gt=0)

    # After SIGTERM: how long to say "not ready" and still take requests, then how long those in flight may run on.
    drain_notice_seconds: float = Field(default=0.0, ge=0)
    drain_seconds: int = Field(default=20, ge=0)

    @field_validator("traces")
    @classmethod
    def _is_destination(cls, traces: str | None) -> str | None:
        return None if traces is None else read_destination(traces)

    @property
    def limits(self) -> Limits:
        return Limits(
            self.max_body_bytes,
            self.max_body_seconds,
            self.max_samples,
            self.max_explained_values,
            self.max_fully_explained_values,
            self.max_generated_values,
            self.max_image_pixels,
            self.max_explained_pixels,
            self.max_request_seconds,
            self.max_inflated_bytes,
        )

    @property
    def model_memory_bytes(self) -> int | None:
        """The share of one worker."""
        return None if self.model_memory_mib is None else (self.model_memory_mib << 20) // self.workers

    @property
    def queue(self) -> QueueBounds:
        return QueueBounds(self.max_queue_seconds, self.max_queue_requests, self.max_queue_bytes)

    @property
    def connections(self) -> ConnectionBounds:
        return ConnectionBounds(self.max_connections, self.max_unread_seconds)

    @property
    def tls(self) -> Tls | None:
        """The certificate to show, if any.

        Raises:
            InputError: some of its settings are there without the others.
        """
        if self.tls_certificate is None or self.tls_key is None:
            given = [name for name in TLS if getattr(self, name) is not None]
            if given:
                raise InputError(
                    f"{PREFIX}{given[0].upper()} is set, and TLS takes both PLUMBLINE_TLS_CERTIFICATE and PLUMBLINE_TLS_KEY"
                )
            return None
        return Tls(self.tls_certificate, self.tls_key, self.tls_key_password, self.tls_client_ca)


def read_settings(flags: Mapping[str, Any]) -> Settings:
    """Take the environment's settings, overridden by ``flags``; a flag that is None was not given.

    Raises:
        InputError: a ``PLUMBLINE_*`` variable that is no setting, or a value that cannot be used.
    """
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    for variable in os.environ:
        # pydantic-settings passes over names it does not know, so a misspelt variable would leave its default in force.
        if variable.upper().startswith(PREFIX) and variable.upper() not in known:
            near = difflib.get_close_matches(variable.upper(), known, n=1)
            raise InputError(
                f"{variable} is set in the environment but is no setting of plumbline-serve"
                + (f"; did you mean {near[0]}?" if near else "")
            )
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        source = f"--{name.replace('_', '-')}" if name in given else f"{PREFIX}{name}".upper()
        raise InputError(f"{source}: {first['msg'].lower()}, found {first['input']!r}") from error
