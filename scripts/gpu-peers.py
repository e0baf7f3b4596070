#!/usr/bin/env python3
"""Runs the measures of `cresset bench --device cuda:0` with PyTorch, one line each: `measure variant value unit`.

usage: scripts/gpu-peers.py [--only SUBSTRING,…] [--repeat 5]
needs: torch with CUDA, torchvision

Variants: torch and torch_benchmark are eager, without and with cudnn.benchmark; torch_fused is a fused optimizer;
torch_nchw is the default memory format, all others are channels-last; torch_graph is a whole pass or step replayed as a
CUDA graph, for information. Warm-up, repetitions and the timed region are the same as in Cresset's measures.
"""
import argparse
import statistics
import sys
import time
import traceback

import torch
import torchvision
from torch import nn
from torch.nn import functional as F

parser = argparse.ArgumentParser()
parser.add_argument("--only", default="")
parser.add_argument("--repeat", type=int, default=5)
options = parser.parse_args()
device = torch.device("cuda:0")
torch.manual_seed(1)
# As the measures of Cresset: TF32 in convolutions and in products.
torch.backends.cuda.matmul.allow_tf32 = True
torch.backends.cudnn.allow_tf32 = True
failures = 0


def measure(name, variant, unit, body):
    global failures
    if options.only and not any(part in name for part in options.only.split(",")):
        return
    try:
        print(f"{name} {variant} {body():.4g} {unit}", flush=True)
    except Exception:  # noqa: BLE001: the following measures must run
        failures += 1
        print(f"{name} {variant} failed", flush=True)
        traceback.print_exc()
    torch.cuda.empty_cache()


def median_seconds(body, repeats):
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        body()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def steady_seconds(body, steps, warm_up=10):
    """Seconds per run of body, synchronising with the GPU after every `steps` runs."""
    for _ in range(warm_up):
        body()
    torch.cuda.synchronize()

    def group():
        for _ in range(steps):
            body()
        torch.cuda.synchronize()

    return median_seconds(group, options.repeat) / steps


def each_sync(body):
    """Seconds per run of body, synchronising with the GPU after each."""
    for _ in range(10):
        body()
    torch.cuda.synchronize()

    def once():
        body()
        torch.cuda.synchronize()

    return median_seconds(once, 50)


def captured(body):
    """body as a CUDA graph."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(5):
            body()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        body()
    return graph.replay


def autocast(precision):
    # Copies of weights are cached only within a region, and a graph must make them again.
    return torch.autocast("cuda", torch.bfloat16, enabled=precision == "bf16")


def network(name, layout=torch.channels_last):
    return getattr(torchvision.models, name)(weights=None).to(device, memory_format=layout)


# Inference


def latency(precision, layout=torch.channels_last, benchmark=False, graph=False, converted=False):
    torch.backends.cudnn.benchmark = benchmark
    model = network("resnet50", layout).eval()
    x = torch.randn(1, 3, 224, 224, device=device).contiguous(memory_format=layout)
    if converted:
        model, x = model.bfloat16(), x.bfloat16()
    with torch.inference_mode(), autocast("tf32" if converted else precision):
        body = captured(lambda: model(x)) if graph else lambda: model(x)
        return 1e3 * each_sync(body)


for precision in ("tf32", "bf16"):
    name = f"infer_resnet50_b1_{precision}"
    measure(name, "torch", "ms", lambda: latency(precision))
    measure(name, "torch_benchmark", "ms", lambda: latency(precision, benchmark=True))
    measure(name, "torch_nchw", "ms", lambda: latency(precision, torch.contiguous_format, benchmark=True))
    if precision == "bf16":
        measure(name, "torch_converted", "ms", lambda: latency(precision, benchmark=True, converted=True))
    measure(name, "torch_graph", "ms", lambda: latency(precision, benchmark=True, graph=True))


# Training


def training(name, batch, precision, benchmark, graph=False):
    torch.backends.cudnn.benchmark = benchmark
    model = network(name).train()
    x = torch.randn(batch, 3, 224, 224, device=device).contiguous(memory_format=torch.channels_last)
    y = torch.randint(0, 1000, (batch,), device=device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)

    def step():
        optimizer.zero_grad(set_to_none=True)
        with autocast(precision):
            loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()

    torch.cuda.reset_peak_memory_stats()
    body = captured(step) if graph else step
    large = batch > 64
    seconds = steady_seconds(body, 3 if large else 6, 5 if large else 10)
    training.peak = torch.cuda.max_memory_allocated() / 2**20
    return batch / seconds


def fed_training(benchmark):
    """Each step uploads its pictures from pinned memory."""
    torch.backends.cudnn.benchmark = benchmark
    model = network("resnet50").train()
    host = [torch.randn(64, 3, 224, 224).contiguous(memory_format=torch.channels_last).pin_memory() for _ in range(2)]
    y = torch.randint(0, 1000, (64,), device=device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
    count = 0

    def step():
        nonlocal count
        count += 1
        x = host[count % 2].to(device, non_blocking=True)
        optimizer.zero_grad(set_to_none=True)
        with autocast("bf16"):
            loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()

    return 64 / steady_seconds(step, 10)


measure("fed_resnet50_b64_bf16", "torch", "img/s", lambda: fed_training(False))
measure("fed_resnet50_b64_bf16", "torch_benchmark", "img/s", lambda: fed_training(True))

for name, batches in (("resnet50", (64, 16, 256)), ("resnet18", (64,))):
    for batch in batches:
        for precision in ("tf32", "bf16"):
            training.peak = None
            title = f"train_{name}_b{batch}_{precision}"
            measure(title, "torch", "img/s", lambda: training(name, batch, precision, False))
            if training.peak:
                measure("memory_" + title, "torch", "MiB", lambda: training.peak)
            measure(title, "torch_benchmark", "img/s", lambda: training(name, batch, precision, True))
            if batch == 16:
                measure(title, "torch_graph", "img/s", lambda: training(name, batch, precision, True, True))
torch.backends.cudnn.benchmark = False


def linear_layers():
    return nn.Sequential(
        nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(),
        nn.Linear(128, 10))


def linear_training(graph=False):
    model = linear_layers().to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    x, y = torch.randn(100, 784, device=device), torch.randint(0, 10, (100,), device=device)

    def step():
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(model(x), y).backward()
        optimizer.step()

    return 100 / steady_seconds(captured(step) if graph else step, 100)


measure("train_mlp_b100_tf32", "torch", "samples/s", linear_training)
measure("train_mlp_b100_tf32", "torch_graph", "samples/s", lambda: linear_training(True))


def character_training():
    embedding = nn.Embedding(65, 64).to(device)
    memory = nn.LSTM(64, 256, 2, batch_first=True).to(device)
    output = nn.Linear(256, 65).to(device)
    parameters = [*embedding.parameters(), *memory.parameters(), *output.parameters()]
    optimizer = torch.optim.Adam(parameters)
    x, y = torch.randint(0, 65, (32, 64), device=device), torch.randint(0, 65, (32 * 64,), device=device)

    def step():
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(output(memory(embedding(x))[0]).reshape(32 * 64, 65), y).backward()
        optimizer.step()

    return 32 * 64 / steady_seconds(step, 6)


measure("train_lstm_b32_tf32", "torch", "tokens/s", character_training)


# Optimizers and single operators


def optimizer_step(make):
    model = network("resnet18")
    for parameter in model.parameters():
        parameter.grad = torch.randn_like(parameter)
    return 1e3 * steady_seconds(make(model.parameters()).step, 1, 2)


for name, settings in (
        ("SGD", dict(lr=0.1, momentum=0.9)), ("Adam", {}), ("Adadelta", {}), ("RMSprop", {}), ("Adagrad", {}),
        ("Adamax", {}), ("Rprop", {})):
    rule = getattr(torch.optim, name)
    measure(f"step_{name}", "torch", "ms", lambda: optimizer_step(lambda p: rule(p, **settings)))
    if name in ("SGD", "Adam"):
        measure(f"step_{name}", "torch_fused", "ms", lambda: optimizer_step(lambda p: rule(p, fused=True, **settings)))


def additions():
    x = torch.randn(8, device=device)
    return 1e6 * steady_seconds(lambda: x + x, 5000, 1000)


def small_gradients():
    x = torch.randn(8, device=device)
    w = torch.randn(8, device=device, requires_grad=True)

    def body():
        w.grad = None
        (w * x).sum().backward()

    return 1e6 * steady_seconds(body, 1000, 100)


measure("dispatch_add", "torch", "us", additions)
measure("dispatch_mul_sum_backward", "torch", "us", small_gradients)


# MNIST's size


def digits(batch):
    """The second epoch over 60,000 generated digits, with batches from a loader."""
    labels = torch.randint(0, 10, (60_000,))
    pictures = torch.randn(10, 784)[labels] + torch.rand(60_000, 784)
    model = linear_layers().to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

    def epoch():
        order = torch.randperm(60_000)
        for first in range(0, 60_000, batch):
            rows = order[first:first + batch]
            x, y = pictures[rows].to(device), labels[rows].to(device)
            optimizer.zero_grad(set_to_none=True)
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        torch.cuda.synchronize()

    epoch()
    return median_seconds(epoch, 1)


for batch in (100, 1000):
    measure(f"mnist_gpu_b{batch}", "torch", "s/epoch", lambda: digits(batch))
sys.exit(1 if failures else 0)
