"""The endpoint that everybody would write: FastAPI, a pydantic model, the same scorer graph, a threshold.

It has no p-values, reasons, ids, explanations, limits or metrics; it is here for scale. Run by uvicorn, which logs each
request as the service does. ``SCORER`` names the graph, ``THRESHOLD`` the line.
"""

import os

import numpy as np
from fastapi import FastAPI
from pydantic import BaseModel

from model.onnx_runtime import onnxruntime

app = FastAPI()
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1  # it has one core
session = onnxruntime.InferenceSession(os.environ["SCORER"], options, providers=["CPUExecutionProvider"])
threshold = float(os.environ["THRESHOLD"])


class Samples(BaseModel):
    samples: list[list[float]]


class Result(BaseModel):
    score: float
    is_anomaly: bool


class Results(BaseModel):
    results: list[Result]


@app.get("/health/ready")
async def ready() -> dict[str, str]:
    return {"status": "ready"}


@app.post("/score")
async def score(request: Samples) -> Results:
    (scores,) = session.run(["score"], {"x": np.array(request.samples)})
    return Results(results=[Result(score=value, is_anomaly=value > threshold) for value in scores.tolist()])
