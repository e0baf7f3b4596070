#!/usr/bin/env python3
"""Loads weights that `cresset export` has written into PyTorch's network of that name, and classifies pictures with it.

    cresset train pets
    cresset export runs/train-1 pets.pth              # or pets.safetensors
    python docs/load_in_pytorch.py runs/train-1 pets.pth photo.jpg [--compare cresset]

Needs torch, torchvision and Pillow, and for .safetensors the package safetensors. torchvision has all networks that
`cresset models` lists but EfficientNet-Lite, which needs the package efficientnet_lite_pytorch. With --compare, the program
given is asked for its probabilities of the same pictures: logits that differ by more than 1e-4 (up to a constant, which no
probability depends on) are an error.
"""

import argparse
import json
import math
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import torch
import torchvision
from PIL import Image, ImageOps
from torchvision import models, transforms


def network(name, classes, side):
    """The network without weights, for pictures of a side."""
    if name.startswith("efficientnet_lite"):
        with installed("efficientnet_lite_pytorch", f"{name} is none of torchvision's networks"):
            from efficientnet_lite_pytorch import EfficientNet
        # Without a size in advance, convolutions are padded for the picture at hand.
        return EfficientNet.from_name(name.replace("_", "-"), num_classes=classes, image_size=None)
    if name not in models.list_models(module=models):
        sys.exit(f"error: torchvision {torchvision.__version__} has no {name}\n  hint: install a later version")
    options = {}
    if name in ("googlenet", "inception_v3"):
        options = {"aux_logits": True, "init_weights": False}
    elif name.startswith("vit_"):
        options = {"image_size": side}
    return models.get_model(name, weights=None, num_classes=classes, **options)


def state_of(path):
    """The tensors of a file by name."""
    if not path.endswith(".safetensors"):
        return torch.load(path, map_location="cpu", weights_only=True)
    with installed("safetensors", f"{path} is in its format"):
        from safetensors.torch import load_file
    return load_file(path)


@contextmanager
def installed(package, reason):
    """Ends the program with a hint if what is imported within is not there."""
    try:
        yield
    except ImportError:
        sys.exit(f"error: {reason}, and {package} is not installed\n  hint: pip install {package}")


def opened(path, record):
    """A picture as cresset reads it: upright and over nothing, unless the run was trained otherwise."""
    picture = Image.open(path)
    if record.get("appliesOrientation", True):
        picture = ImageOps.exif_transpose(picture)
    ground = record.get("alpha", "drop")
    if ground == "drop":
        return picture.convert("RGB")
    picture = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", picture.size, ground), picture).convert("RGB")


def preparation(record):
    """What cresset does to a picture, from a run's run.json."""
    mode = transforms.InterpolationMode(record["interpolation"])
    return transforms.Compose([
        transforms.Resize(record["resizeSize"], interpolation=mode),
        transforms.CenterCrop(record["cropSize"]),
        transforms.ToTensor(),
        transforms.Normalize(record["mean"], record["deviation"]),
    ])


def difference(program, run, picture, classes, logits):
    """How far cresset's logits are from these, both less their mean."""
    line = subprocess.run(
        [program, "predict", run, picture, "--json", "--top-k", str(len(classes))], check=True, stdout=subprocess.PIPE)
    found = {guess["name"]: guess["probability"] for guess in json.loads(line.stdout)["classes"]}
    # A probability that is 0 in float32 says nothing of its logit.
    used = [index for index, name in enumerate(classes) if found[name] > 1e-30]
    theirs = torch.tensor([math.log(found[classes[index]]) for index in used], dtype=torch.float64)
    ours = logits.double()[used]
    return ((theirs - theirs.mean()) - (ours - ours.mean())).abs().max().item()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", help="the run folder, for the classes and the preparation of pictures")
    parser.add_argument("weights", help="what cresset export has written")
    parser.add_argument("pictures", nargs="+")
    parser.add_argument("--compare", metavar="PROGRAM", help="the program cresset, to compare with")
    options = parser.parse_args()
    record = json.loads((Path(options.run) / "run.json").read_text())
    classes = record["classes"]
    model = network(record["model"]["name"], len(classes), record["preprocessing"]["cropSize"])
    model.load_state_dict(state_of(options.weights))
    model.eval()
    prepare = preparation(record["preprocessing"])
    worst = 0.0
    for path in options.pictures:
        picture = opened(path, record["preprocessing"])
        with torch.inference_mode():
            logits = model(prepare(picture).unsqueeze(0))[0]
        best = logits.softmax(0).topk(min(3, len(classes)))
        print(path, ", ".join(f"{classes[index]} {share:.4f}" for share, index in zip(best.values, best.indices)))
        if options.compare:
            worst = max(worst, difference(options.compare, options.run, path, classes, logits))
    if options.compare:
        print(f"largest difference of logits: {worst:.2e}")
    return 1 if worst > 1e-4 else 0


if __name__ == "__main__":
    sys.exit(main())
