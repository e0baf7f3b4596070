#!/usr/bin/env python3
"""Measures what `cresset bench --only first` measures, with PyTorch: from the start of a process to its first result.

usage: scripts/start-peers.py [--threads 2] [--repeat 3]
needs (PyPI): torch torchvision

Prints `measure variant value unit` lines: seconds of a whole process that takes one step of training ResNet-18 on 16
pictures (SGD with momentum, channels-last), and of one that computes the scores of a picture.
"""
import argparse
import subprocess
import sys
import time

BEGIN = """
import torch, torchvision
torch.set_num_threads({threads})
model = torchvision.models.resnet18(weights=None).to(memory_format=torch.channels_last)
x = torch.randn({batch}, 3, 224, 224).contiguous(memory_format=torch.channels_last)
"""
PROGRAMS = {
    "first_step_resnet18_b16_f32": (16, """
optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
loss = torch.nn.functional.cross_entropy(model(x), torch.randint(0, 1000, (16,)))
loss.backward()
optimizer.step()
print(loss.item())
"""),
    "first_scores_resnet18_b1_f32": (1, """
with torch.inference_mode():
    print(model.eval()(x).max().item())
"""),
}


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].removeprefix("usage: "))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    for measure, (batch, end) in PROGRAMS.items():
        program = BEGIN.format(threads=options.threads, batch=batch) + end
        times = []
        for _ in range(1 + options.repeat):
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL)
            times.append(time.perf_counter() - start)
        print(f"{measure} torch {sorted(times[1:])[options.repeat // 2]:.4g} s", flush=True)


main()
