"""Scores of networks of the zoo beside PyTorch's, with direct convolutions and with Winograd's algorithm.

usage: python zoo_logits.py [--program COMMAND] [NETWORK ...]
needs (PyPI): torch torchvision

Makes each network with PyTorch from seed 0, lets its normalisations take their statistics from a batch of random
pictures, and computes the scores of two other pictures in float32 and float64. `zoo-logits`, the Swift program beside
this file, does the same with the same weights. Prints, for each network, the largest difference of any score relative
to the root mean square of all. Fails if one between Cresset and PyTorch's float32 is above 1e-4. The distance of PyTorch's
float32 from its own float64 says how much a network multiplies rounding errors.
"""
import argparse
import subprocess
import sys
import tempfile

import torch
import torchvision

NETWORKS = [
    "resnet18", "resnet50", "resnext50_32x4d", "vgg11_bn", "densenet121", "squeezenet1_1", "inception_v3", "googlenet",
    "regnet_y_400mf", "mobilenet_v2", "efficientnet_v2_s", "convnext_tiny",
]
LIMIT = 1e-4


def prepare(name, folder):
    """Leaves weights and pictures in the folder; returns PyTorch's scores in float32 and float64."""
    torch.manual_seed(0)
    options = {"init_weights": True} if name in ("inception_v3", "googlenet") else {}
    model = torchvision.models.get_model(name, weights=None, **options)
    side = 299 if name == "inception_v3" else 224
    for module in model.modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            module.momentum = 1.0
    with torch.no_grad():
        model.train()(torch.randn(8, 3, side, side))
        model.eval()
        pictures = torch.randn(2, 3, side, side)
        torch.save(model.state_dict(), f"{folder}/{name}.pth")
        torch.save({"pictures": pictures}, f"{folder}/{name}-pictures.pth")
        return model(pictures), model.double()(pictures.double())


def difference(a, b):
    a, b = a.double(), b.double()
    return ((a - b).abs().max() / b.square().mean().sqrt()).item()


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].removeprefix("usage: "))
    parser.add_argument("--program", default="swift run -c release zoo-logits")
    parser.add_argument("networks", nargs="*", default=NETWORKS)
    options = parser.parse_args()
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        program = subprocess.Popen(
            [*options.program.split(), folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        print("| network | PyTorch to float64 | direct | Winograd | direct to PyTorch | Winograd to PyTorch |")
        print("|---|---|---|---|---|---|")
        for name in options.networks:
            single, double = prepare(name, folder)
            program.stdin.write(name + "\n")
            program.stdin.flush()
            if program.stdout.readline().strip() != name:
                sys.exit(f"zoo-logits ended at {name}")
            scores = torch.load(f"{folder}/{name}-scores.pth")
            kinds = [[scores[kind], scores[f"{kind}, recorded"]] for kind in ("direct", "winograd")]
            exact = [difference(single, double)] + [max(difference(own, double) for own in kind) for kind in kinds]
            beside = [max(difference(own, single) for own in kind) for kind in kinds]
            failed |= not all(value <= LIMIT for value in beside)
            print(f"| {name} | " + " | ".join(f"{value:.1e}" for value in exact + beside) + " |", flush=True)
        program.stdin.close()
        program.wait()
    sys.exit(1 if failed else 0)


main()
