"""The folder in which inputs are created."""

from files import read_safetensors


class Corpus:
    """Creates the inputs in `folder`, which contains `toys` (drawn pictures) and `run` (a run trained on them)."""

    def __init__(self, folder, program, first_contact):
        self.folder, self.program, self.first_contact = folder, program, first_contact
        self.jpeg = next((folder / "toys/train/Scenes").glob("*.jpg")).read_bytes()
        self.tensors = read_safetensors(folder / "run/model.safetensors")
        self.trainings = 0

    def write(self, name, data):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return name

    def data(self, name, pictures=6, classes=("cat", "dog"), splits=("train", "val")):
        """A folder that can be trained on: `pictures` training pictures per class, two for validation."""
        drawn = sorted((self.folder / "toys/train").rglob("*.jpg"))
        for split in splits:
            for index, label in enumerate(classes):
                for number in range(pictures if split == "train" else 2):
                    source = drawn[(number * 7 + index * 31 + (50 if split != "train" else 0)) % len(drawn)]
                    self.write(f"{name}/{split}/{label}/{number}.jpg", source.read_bytes() + bytes([number, index]))
        return name

    def train(self, data, *options, out=None):
        self.trainings += 1
        out = out or f"out-{self.trainings}"
        chosen = [] if "--weights" in options else ["--weights", "none"]
        return [
            "train",
            data,
            "--epochs",
            "1",
            "--batch-size",
            "4",
            "--workers",
            "1",
            *chosen,
            "--out",
            out,
            *options,
        ]
