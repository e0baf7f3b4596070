"""Whole trainings with direct convolutions and with Winograd's algorithm.

usage: python either_kernel.py CRESSET DATA FOLDER [--seeds 1 2 3] [OPTION OF TRAIN ...]

Runs `cresset train DATA` from random weights for each seed with CRESSET_WINOGRAD=off and on, into FOLDER, and prints the
best accuracy and the last loss on the validation pictures.
"""
import argparse
import csv
import os
import subprocess


def run(options, seed, setting):
    folder = f"{options.folder}/{setting}-{seed}"
    command = [
        options.cresset, "train", options.data, "--weights", "none", "--seed", str(seed), "--out", folder, "--no-report",
    ]
    environment = {**os.environ, "CRESSET_WINOGRAD": setting}
    subprocess.run([*command, *options.others], check=True, env=environment, stdout=subprocess.DEVNULL)
    rows = list(csv.DictReader(open(f"{folder}/metrics.csv")))
    return max(float(row["val_accuracy"]) for row in rows), float(rows[-1]["val_loss"])


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].removeprefix("usage: "))
    parser.add_argument("cresset")
    parser.add_argument("data")
    parser.add_argument("folder")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    options, options.others = parser.parse_known_args()
    print("| seed | direct: best accuracy, last loss | Winograd: best accuracy, last loss |\n|---|---|---|")
    for seed in options.seeds:
        cells = ["{:.1%}, {:.4f}".format(*run(options, seed, setting)) for setting in ("off", "on")]
        print(f"| {seed} | " + " | ".join(cells) + " |", flush=True)


main()
