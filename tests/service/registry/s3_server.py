"""As much of S3 as a client needs that lists and reads: real requests of a real client, answered from a directory.

Keys are files below ``folder/BUCKET``. As in S3 there are no directories and nothing is renamed.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

PAGE = 7  # keys of an answer, so that a listing takes several


@contextmanager
def s3_server(folder: Path) -> Iterator[str]:
    """Serve while the context lasts, and give what an s3:// address ends with."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            if "list-type" in query:
                self._answer(200, _listing(folder / unquote(url.path).strip("/"), query), "application/xml")
            else:
                self._send(url.path, with_body=True)

        def do_HEAD(self) -> None:
            self._send(urlsplit(self.path).path, with_body=False)

        def _send(self, path: str, *, with_body: bool) -> None:
            file = folder / unquote(path).strip("/")
            if file.is_dir() and not with_body and file.parent == folder:
                self._answer(200, b"", "application/xml", with_body=False)
            elif file.is_file():
                raw = file.read_bytes()
                low, _, high = self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")
                part = raw[int(low) : int(high or len(raw)) + 1]
                modified = format_datetime(datetime.fromtimestamp(file.stat().st_mtime, UTC), usegmt=True)
                status = 206 if "Range" in self.headers else 200
                self._answer(status, part, "application/octet-stream", modified, with_body=with_body)
            else:
                self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>", "application/xml", with_body=with_body)

        def _answer(self, status: int, body: bytes, kind: str, modified: str = "", *, with_body: bool = True) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            if modified:
                self.send_header("Last-Modified", modified)
            self.end_headers()
            if with_body:
                self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - as the standard library has it
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"?scheme=http&endpoint_override=127.0.0.1:{server.server_port}&region=us-east-1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _listing(bucket: Path, query: dict[str, str]) -> bytes:
    prefix, after = query.get("prefix", ""), query.get("continuation-token", "")
    keys = sorted(path.relative_to(bucket).as_posix() for path in bucket.rglob("*") if path.is_file())
    keys = [key for key in keys if key.startswith(prefix) and key > after]
    shown = keys[:PAGE]
    contents = "".join(_content(bucket, key) for key in shown)
    more = f"<NextContinuationToken>{escape(shown[-1])}</NextContinuationToken>" if len(keys) > PAGE else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<Name>{bucket.name}</Name><Prefix>{escape(prefix)}</Prefix><KeyCount>{len(shown)}</KeyCount>"
        f"<IsTruncated>{str(len(keys) > PAGE).lower()}</IsTruncated>{more}{contents}</ListBucketResult>"
    ).encode()


def _content(bucket: Path, key: str) -> str:
    status = (bucket / key).stat()
    modified = datetime.fromtimestamp(status.st_mtime, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return f"<Contents><Key>{escape(key)}</Key><LastModified>{modified}</LastModified><Size>{status.st_size}</Size></Contents>"
