#!/usr/bin/env python3
"""Measures OpenVINO and ONNX Runtime in 8-bit integers: `measure variant value unit` lines, as `cresset bench` prints them.

usage: int8-peers.py [--networks resnet50,resnet18] [--threads 2] [--repeat 5]
needs (PyPI): torch torchvision onnx onnxruntime openvino nncf

Networks have random weights and random inputs of 3 x 224 x 224; quantization after training by NNCF (default preset) and
by onnxruntime.quantization (QDQ, per channel). Each figure is the median of the repeats after two runs.
"""
import argparse
import logging
import os
import tempfile
import time
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
parser = argparse.ArgumentParser()
parser.add_argument("--networks", default="resnet50,resnet18")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--repeat", type=int, default=5)
options = parser.parse_args()
os.environ["OMP_NUM_THREADS"] = str(options.threads)

import nncf  # noqa: E402
import numpy as np  # noqa: E402
import onnxruntime as ort  # noqa: E402
import openvino as ov  # noqa: E402
import torch  # noqa: E402
import torchvision  # noqa: E402
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, quantize_static  # noqa: E402


def show(measure, variant, run, batch):
    times = []
    for count in range(options.repeat + 2):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    print(f"{measure} {variant} {batch / sorted(times[2:])[options.repeat // 2]:.4g} img/s", flush=True)


class Pictures(CalibrationDataReader):
    def __init__(self, pictures):
        self.rest = iter(pictures)

    def get_next(self):
        picture = next(self.rest, None)
        return None if picture is None else {"x": picture}


for name in options.networks.split(","):
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "network.onnx")
    network = getattr(torchvision.models, name)(weights=None).eval()
    torch.onnx.export(network, (torch.randn(1, 3, 224, 224),), path, input_names=["x"],
                      dynamic_axes={"x": {0: "N"}}, dynamo=False)
    pictures = [np.random.randn(1, 3, 224, 224).astype("f") for _ in range(32)]
    core = ov.Core()
    small = nncf.quantize(core.read_model(path), nncf.Dataset(pictures), subset_size=len(pictures))
    quantized = os.path.join(folder, "quantized.onnx")
    quantize_static(path, quantized, Pictures(pictures), quant_format=QuantFormat.QDQ, per_channel=True)
    session_options = ort.SessionOptions()
    session_options.intra_op_num_threads = options.threads
    session = ort.InferenceSession(quantized, session_options, providers=["CPUExecutionProvider"])
    for batch in (1, 16):
        x = np.random.randn(batch, 3, 224, 224).astype("f")
        request = core.compile_model(small, "CPU", {
            "INFERENCE_NUM_THREADS": options.threads, "PERFORMANCE_HINT": "LATENCY"}).create_infer_request()
        show(f"infer_{name}_b{batch}_int8", "openvino", lambda: request.infer({0: x}), batch)
        show(f"infer_{name}_b{batch}_int8", "onnxruntime", lambda: session.run(None, {"x": x}), batch)
