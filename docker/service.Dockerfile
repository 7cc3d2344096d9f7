# The service: scoring over HTTP. Base dependencies and what sends traces only, so there is no torch in this image.
# Build from the repository root: docker build -f docker/service.Dockerfile -t plumbline-service .
FROM python:3.11.16-slim-trixie AS build
WORKDIR /build
RUN python -m venv /opt/plumbline
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY model/ model/
COPY training/ training/
COPY service/ service/
RUN --mount=type=cache,target=/root/.cache/pip \
    /opt/plumbline/bin/pip install --constraint constraints.txt ".[otel]"

FROM python:3.11.16-slim-trixie
RUN groupadd --gid 10001 plumbline \
    && useradd --uid 10001 --gid plumbline --no-create-home --shell /usr/sbin/nologin plumbline
COPY --from=build /opt/plumbline /opt/plumbline
# ONNX Runtime's official builds report to their maker unless they are told not to.
ENV PATH=/opt/plumbline/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    ORT_DISABLE_TELEMETRY=1
USER 10001:10001
EXPOSE 8000
# urlopen raises, and so exits with 1, on any status but success. It asks its own container: whose certificate it is, is no question.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, ssl; from urllib.request import urlopen; url = 'http://127.0.0.1:8000/health/ready'; urlopen(url.replace('http:', 'https:'), timeout=4, context=ssl._create_unverified_context()) if os.environ.get('PLUMBLINE_TLS_CERTIFICATE') else urlopen(url, timeout=4)"]
ENTRYPOINT ["plumbline-serve"]
# 0.0.0.0 is the container's own network; what reaches it is decided where the port is published. Without keys it starts
# only where PLUMBLINE_ALLOW_ANONYMOUS=true says that whoever does may do everything.
CMD ["--models", "/models", "--host", "0.0.0.0", "--port", "8000"]
