"""What a request costs at least: an ASGI handler without a framework, orjson, one run of the graph; run by uvicorn.

Nobody would ship it: it reads any body, of any size, and checks nothing. A body of raw float32 is answered with raw scores.
"""

import os
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import onnxruntime
import orjson

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1  # it has one core
session = onnxruntime.InferenceSession(os.environ["SCORER"], options, providers=["CPUExecutionProvider"])
features = session.get_inputs()[0].shape[1]

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
        return
    body = b""
    more = scope["method"] == "POST"
    while more:
        message = await receive()
        body += message["body"]
        more = message["more_body"]
    answer = b"{}" if not body else score_raw(body) if scope["path"] == "/raw" else score_json(body)
    headers = [(b"content-length", str(len(answer)).encode()), (b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


def score_json(body: bytes) -> bytes:
    (scores,) = session.run(["score"], {"x": np.array(orjson.loads(body)["samples"])})
    return orjson.dumps({"scores": scores}, option=orjson.OPT_SERIALIZE_NUMPY)


def score_raw(body: bytes) -> bytes:
    x = np.frombuffer(body, dtype=np.float32).reshape(-1, features).astype(np.float64)
    scores: bytes = session.run(["score"], {"x": x})[0].tobytes()
    return scores


async def lifespan(receive: Receive, send: Send) -> None:
    while (await receive())["type"] == "lifespan.startup":
        await send({"type": "lifespan.startup.complete"})
    await send({"type": "lifespan.shutdown.complete"})
