"""Options with values at and beyond their limits, and mistyped commands: row D."""

from running import Case


def options(corpus):
    data = "pets"
    for option, values in {
        "--lr": ("-1", "nan", "inf", "x", ""),
        "--epochs": ("0", "-1", "9223372036854775808", "1.5"),
        "--batch-size": ("0", "-1", "9223372036854775807", "9223372036854775808"),
        "--workers": ("-1", "9223372036854775807", "100000"),
        "--momentum": ("-1", "nan"),
        "--weight-decay": ("-1", "nan"),
        "--step-size": ("0", "-1"),
        "--gamma": ("-1", "nan"),
        "--optimizer": ("lion", "", "LBFGS"),
        "--scheduler": ("plateau", ""),
        "--warmup-epochs": ("-1", "nan", "inf", "1e300"),
        "--augment": ("extreme", ""),
        "--mixup": ("-1", "nan", "1e-300", "1e300"),
        "--cutmix": ("-1", "inf", "x"),
        "--label-smoothing": ("-0.1", "1", "nan"),
        "--class-weights": ("heavy",),
        "--truncated": ("cut", ""),
        "--alpha": ("grey", ""),
        "--exif": ("yes", ""),
        "--ema": ("0", "1", "nan", "-1"),
        "--accumulate": ("0", "-1", "9223372036854775807"),
        "--clip": ("0", "-1", "nan", "inf"),
        "--patience": ("0", "-1", "1.5"),
        "--time-limit": ("0", "-1m", "soon", "", "99999999999999999999d"),
        "--freeze-epochs": ("-1", "x"),
        "--layer-decay": ("0", "-1", "1.1", "nan"),
        "--metric": ("luck", ""),
        "--threads": ("0", "-1", "9223372036854775807"),
        "--seed": ("x", "18446744073709551616"),
        "--device": ("tpu", "cuda:99999999999999999999", ""),
        "--model": ("resnet19", "", "x" * 5000),
        "--max-bad": ("-1", "nan", "101", "x"),
    }.items():
        for value in values:
            yield Case(
                "D",
                f"train {option} {value[:30]!r}",
                corpus.train(data, f"{option}={value}"),
                64 if option == "--device" else (64, 65),
                "error: .*hint: |error: ",
            )
    yield Case(
        "D",
        "a batch larger than all pictures",
        corpus.train(data, "--batch-size", "1000000000"),
        (0, 64),
        "",
        limit=120,
    )
    yield Case("D1", "a learning rate that diverges", corpus.train(data, "--lr", "1e45"), (64, 70), "")
    yield Case(
        "D1",
        "a learning rate of 1e30",
        corpus.train(data, "--lr", "1e30", "--epochs", "3"),
        70,
        "NaN|finite",
        limit=120,
    )
    for name, line in {
        "frozen throughout and at first": ["--freeze", "--freeze-epochs", "1"],
        "rates by depth of a frozen body": ["--freeze", "--layer-decay", "0.5"],
        "two warm-ups": ["--scheduler", "onecycle", "--warmup-epochs", "0.5", "--epochs", "2"],
        "a warm-up of all epochs": ["--warmup-epochs", "1"],
        "keeping what is skipped": ["--truncated", "pad", "--strict"],
        "mixing single pictures": ["--mixup", "1", "--batch-size", "1"],
        "a weight decay that rprop does not have": ["--optimizer", "rprop", "--weight-decay", "1"],
    }.items():
        yield Case("D", name, corpus.train(data, *line), 64, "error: .*hint: ")
    for name, line in {
        "more frozen epochs than epochs": ["--freeze-epochs", "9223372036854775807"],
        "more accumulated batches than there are": ["--accumulate", "1000000", "--optimizer", "adamw"],
        "rates that vanish with depth": ["--layer-decay", "1e-300", "--clip", "1e-30"],
        "everything at once": ["--mixup", "0.2", "--cutmix", "1", "--label-smoothing", "0.1", "--augment", "strong"],
        "a step size beyond all steps": ["--step-size", "9223372036854775807", "--warmup-epochs", "0.5"],
    }.items():
        yield Case("D", name, corpus.train(data, *line), 0, "best", limit=120)
    yield Case("D", "an hour in a second", corpus.train(data, "--time-limit", "0.001s"), 0, "the time is up", limit=120)
    yield Case("D", "resume a complete run", ["resume", "run"], 64, "are complete.*hint: ")
    yield Case("D", "resume to fewer epochs", ["resume", "run", "--epochs", "0"], 64, "error: ")
    yield Case("D", "resume what is not there", ["resume", "no-such-run"], 66, "no such folder")
    yield Case("D", "resume with other pictures", ["resume", "run", "--epochs", "2", "--data", "toys"], (65, 78), "hint: ")
    yield Case("D", "no arguments", [], (0, 64), "train")
    yield Case("D", "an unknown command", ["tarin"], 64, "error: .*tarin")
    yield Case("D", "an unknown option", ["train", data, "--epoch", "3"], 64, "--epochs")
    yield Case("D", "a missing value", ["train", data, "--epochs"], 64, "error: ")
    yield Case("D", "train without data", ["train"], 64, "error: ")
    yield Case("D", "predict without pictures", ["predict", "run"], 64, "error: ")
    for value in ("0", "-1", "9223372036854775807", "x"):
        yield Case(
            "D", f"predict --top-k {value}", ["predict", "run", "pictures/tail.jpg", "--top-k", value], (0, 64), ""
        )
    yield Case("D", "help", ["--help"], 0, "train")
    for command in ("train", "resume", "evaluate", "predict", "models", "weights", "sample-data", "bench", "doctor"):
        yield Case("D", f"help {command}", ["help", command], 0, "USAGE")
