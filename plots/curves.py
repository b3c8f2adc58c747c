#!/usr/bin/python3
"""Curves of one or more runs in one figure: loss or accuracy against time, iterations, epochs, samples or bytes.

    plots/curves.py results/quickstart-1 results/asp -o curves.png
    plots/curves.py results/* --y loss --x iteration --log -o curves.pdf

Reads what `descent run` wrote (metrics.csv and summary.json of each directory) and nothing else. Debian packages:
python3-matplotlib, python3-pandas.
"""
import argparse
import json
import pathlib
import sys

try:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    import pandas
except ImportError as error:
    sys.exit(f"curves.py: {error}; install python3-matplotlib and python3-pandas, and run it with /usr/bin/python3")

LABELS = {
    "time_s": "time in s",
    "iteration": "updates",
    "epoch": "epochs",
    "samples": "samples",
    "bytes_sent": "bytes sent",
    "loss": "training loss",
    "test_loss": "test loss",
    "test_accuracy": "test accuracy in %",
}
# Okabe & Ito 2008: told apart by all kinds of colour vision.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
STYLES = ["-", "--", "-.", ":"]


def read(directory):
    """The metrics of one run, accuracy in per cent, and whether its time is simulated."""
    try:
        metrics = pandas.read_csv(directory / "metrics.csv")
        summary = json.loads((directory / "summary.json").read_text())
    except (OSError, ValueError) as error:
        sys.exit(f"curves.py: {directory}: no results of a run: {error}")
    metrics["test_accuracy"] *= 100
    return metrics, summary


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", type=pathlib.Path, help="directories of results; DIR=LABEL names a curve")
    parser.add_argument("-o", "--output", required=True, help="a .png, .pdf or .svg file")
    parser.add_argument("--x", default="time_s", choices=["time_s", "iteration", "epoch", "samples", "bytes_sent"])
    parser.add_argument("--y", default="test_accuracy", choices=["loss", "test_loss", "test_accuracy"])
    parser.add_argument("--log", action="store_true", help="logarithmic vertical axis")
    parser.add_argument("--from", dest="bottom", type=float, help="where the vertical axis begins")
    parser.add_argument("--width", type=float, default=5.0, help="inches")
    options = parser.parse_args()

    plt.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False, "pdf.fonttype": 42})
    figure, axes = plt.subplots(figsize=(options.width, 0.6 * options.width), layout="constrained")
    backends = set()
    for number, run in enumerate(options.runs):
        path, _, label = str(run).partition("=")
        metrics, summary = read(pathlib.Path(path))
        if metrics[[options.x, options.y]].dropna().empty:
            sys.exit(f"curves.py: {path}: the run has no {options.y} by {options.x}")
        backends.add(summary["backend"])
        axes.plot(
            metrics[options.x],
            metrics[options.y],
            color=COLOURS[number % len(COLOURS)],
            linestyle=STYLES[number // len(COLOURS) % len(STYLES)],
            label=label or pathlib.Path(path).name,
        )
    simulated = {"mpi": "real ", "simgrid": "simulated ", "smpi": "simulated "}
    kinds = {simulated[backend] for backend in backends}
    axes.set_xlabel((kinds.pop() if options.x == "time_s" and len(kinds) == 1 else "") + LABELS[options.x])
    axes.set_ylabel(LABELS[options.y])
    if options.log:
        axes.set_yscale("log", subs=[2, 4, 6])
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter("{x:g}")
    axes.set_ylim(bottom=options.bottom)
    axes.set_xlim(left=0)
    axes.grid(axis="y", which="both", linewidth=0.4, alpha=0.6)
    if len(options.runs) > 1:
        axes.legend(frameon=False)
    figure.savefig(options.output, dpi=200)


if __name__ == "__main__":
    main()
