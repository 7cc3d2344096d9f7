# Training: from clean data to a bundle. A job that ends, not a server.
# Build from the repository root: docker build -f docker/training.Dockerfile -t plumbline-training .
FROM python:3.11.16-slim-trixie AS build
WORKDIR /build
RUN python -m venv /opt/plumbline
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY model/ model/
COPY training/ training/
COPY service/ service/
RUN --mount=type=cache,target=/root/.cache/pip \
    /opt/plumbline/bin/pip install --constraint constraints.txt ".[train]"

FROM python:3.11.16-slim-trixie
RUN groupadd --gid 10001 plumbline \
    && useradd --uid 10001 --gid plumbline --no-create-home --shell /usr/sbin/nologin plumbline
COPY --from=build /opt/plumbline /opt/plumbline
# HOME and the font cache lie in /tmp, so that any --user and a read-only root work. ONNX Runtime's official builds
# report to their maker unless they are told not to.
ENV PATH=/opt/plumbline/bin:$PATH \
    HOME=/tmp \
    MPLCONFIGDIR=/tmp/matplotlib \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    ORT_DISABLE_TELEMETRY=1
USER 10001:10001
HEALTHCHECK NONE
ENTRYPOINT ["plumbline-train"]
CMD ["--help"]
