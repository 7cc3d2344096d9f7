"""The endpoint that everybody would write: FastAPI, pydantic models, the scorer graph, a threshold; run by uvicorn.

``SCORER`` names the graph, ``THRESHOLD`` the line. There are no p-values, reasons, ids, limits or metrics.
"""

import os

import numpy as np
import onnxruntime
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1  # it has one core
session = onnxruntime.InferenceSession(os.environ["SCORER"], options, providers=["CPUExecutionProvider"])
threshold = float(os.environ["THRESHOLD"])


class Samples(BaseModel):
    samples: list[list[float]]


class Results(BaseModel):
    scores: list[float]
    anomalies: list[bool]


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ready"}


@app.post("/score")
async def score(request: Samples) -> Results:
    (scores,) = session.run(["score"], {"x": np.array(request.samples)})
    return Results(scores=scores.tolist(), anomalies=(scores > threshold).tolist())
