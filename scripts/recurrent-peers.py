#!/usr/bin/env python3
"""Measures what `cresset bench --only recurrent` measures, with PyTorch: LSTM and GRU, two layers of 256, 64 steps.

usage: scripts/recurrent-peers.py [--only SUBSTRING] [--threads 2] [--repeat 5]
needs (PyPI): torch

Prints `measure variant value unit` lines: tokens per second of inference, and of steps of training (SGD with momentum).
`torch` may use oneDNN, as it does by default; `torch_native` may not.
"""
import argparse
import time
import warnings

import torch

# About GPUs that are not there.
warnings.simplefilter("ignore")

STEPS, FEATURES, CALLS = 64, 256, 10


def median_seconds(call, repeats):
    times = []
    for _ in range(2 + repeats):
        start = time.perf_counter()
        for _ in range(CALLS):
            call()
        times.append((time.perf_counter() - start) / CALLS)
    return sorted(times[2:])[repeats // 2]


def inference(network, x):
    network.eval()

    def call():
        with torch.inference_mode():
            network(x)

    return call


def training(network, x):
    optimizer = torch.optim.SGD(network.parameters(), lr=0.001, momentum=0.9)

    def call():
        optimizer.zero_grad()
        network(x)[0].mean().backward()
        optimizer.step()

    return call


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].removeprefix("usage: "))
    parser.add_argument("--only", default="")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    kinds = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
    for name, kind in kinds.items():
        for batch in (1, 32, 128):
            for prefix, make in (("infer", inference), ("train", training)):
                measure = f"{prefix}_recurrent_{name}_b{batch}_f32"
                if options.only not in measure:
                    continue
                for variant, uses_mkldnn in (("torch", True), ("torch_native", False)):
                    with torch.backends.mkldnn.flags(enabled=uses_mkldnn):
                        call = make(kind(FEATURES, FEATURES, num_layers=2), torch.randn(STEPS, batch, FEATURES))
                        rate = batch * STEPS / median_seconds(call, options.repeat)
                    print(f"{measure} {variant} {rate:.4g} tokens/s", flush=True)


main()
