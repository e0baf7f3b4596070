#!/usr/bin/env python3
"""Measures what `cresset bench --only family` measures, with PyTorch: training one network of each family.

usage: scripts/family-peers.py [--only SUBSTRING] [--threads 2] [--repeat 5]
needs (PyPI): torch torchvision; for efficientnet_lite0 also efficientnet-lite-pytorch

Prints `measure variant value unit` lines: pictures per second of steps on 8 pictures (channels-last, float32, SGD with
momentum), the peak resident memory of a process that takes those steps, and the last loss as a part of the first. Each
network has a process of its own.
"""
import argparse
import subprocess
import sys

BATCH = 8
NETWORKS = [
    "alexnet", "vgg11_bn", "resnet34", "resnext50_32x4d", "wide_resnet50_2", "squeezenet1_1", "densenet121",
    "inception_v3", "googlenet", "mobilenet_v2", "mobilenet_v3_large", "efficientnet_lite0", "efficientnet_b0",
    "efficientnet_v2_s", "mnasnet1_0", "shufflenet_v2_x1_0", "regnet_y_800mf", "convnext_tiny", "vit_b_32", "swin_t",
    "swin_v2_t", "maxvit_t",
]
# The weight of the loss of each auxiliary head.
AUXILIARY = {"inception_v3": 0.4, "googlenet": 0.3}


def make(name):
    if name == "efficientnet_lite0":
        from efficientnet_lite_pytorch import EfficientNet

        return EfficientNet.from_name("efficientnet-lite0")
    import torchvision

    options = {"init_weights": True} if name in AUXILIARY else {}
    return torchvision.models.get_model(name, weights=None, **options)


def train(name, threads, repeats):
    import resource
    import time

    import torch

    torch.set_num_threads(threads)
    side = 299 if name == "inception_v3" else 224
    loss_of = torch.nn.functional.cross_entropy
    model = make(name).to(memory_format=torch.channels_last).train()
    x = torch.randn(BATCH, 3, side, side).contiguous(memory_format=torch.channels_last)
    y = torch.randint(0, 1000, (BATCH,))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
    times, losses = [], []
    for _ in range(2 + repeats):
        start = time.perf_counter()
        optimizer.zero_grad()
        scores = model(x)
        main, *others = scores if isinstance(scores, tuple) else (scores,)
        loss = loss_of(main, y) + sum(AUXILIARY[name] * loss_of(other, y) for other in others)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        times.append(time.perf_counter() - start)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(BATCH / sorted(times[2:])[repeats // 2], memory, losses[0], losses[-1])


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].removeprefix("usage: "))
    parser.add_argument("--only", default="")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--train", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.train:
        return train(options.train, options.threads, options.repeat)
    for name in NETWORKS:
        if options.only not in name:
            continue
        command = [sys.executable, __file__, "--train", name, "--threads", str(options.threads)]
        child = subprocess.run([*command, "--repeat", str(options.repeat)], capture_output=True, text=True)
        if child.returncode != 0:
            print(child.stderr.strip().splitlines()[-1], file=sys.stderr)
            continue
        rate, memory, first, last = map(float, child.stdout.split())
        print(f"family_train_{name}_b{BATCH}_f32 torch {rate:.4g} img/s")
        print(f"family_memory_{name}_b{BATCH} torch {memory:.4g} MiB")
        print(f"family_loss_{name} torch {last / first:.4g} of the first", flush=True)


main()
