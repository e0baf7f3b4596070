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
    for command in ("train", "evaluate", "predict", "models", "weights", "sample-data", "bench", "doctor"):
        yield Case("D", f"help {command}", ["help", command], 0, "USAGE")
