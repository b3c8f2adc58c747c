#!/usr/bin/python3
"""What `descent calibrate` measured, and what its platform makes of it: time by size, and the error of the fit.

    plots/calibration.py results/calibration

Reads points.csv and predicted.csv there and nothing else; writes calibration.pdf and calibration.png beside them. Debian
packages: python3-matplotlib, python3-pandas.
"""
import argparse
import pathlib
import sys

try:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    import pandas
except ImportError as error:
    sys.exit(f"calibration.py: {error}; install python3-matplotlib and python3-pandas")

# Okabe & Ito 2008: told apart by all kinds of colour vision.
PATTERNS = {
    "round-trip": ("round trip", "#0072B2"),
    "exchange": ("exchange", "#E69F00"),
    "shift": ("shift of all", "#009E73"),
    "fan-in": ("fan-in", "#CC79A7"),
    "fan-out": ("fan-out", "#56B4E9"),
}


def read(path):
    try:
        table = pandas.read_csv(path)
        return table[table["pattern"].isin(PATTERNS)]
    except (OSError, ValueError, KeyError) as error:
        sys.exit(f"calibration.py: {path}: not what descent calibrate writes: {error}")


def quartiles(table):
    return table.groupby(["pattern", "bytes"])["seconds"].quantile([0.25, 0.5, 0.75]).unstack()


def draw(measured, predicted):
    figure, (above, below) = plt.subplots(
        2, 1, figsize=(3.5, 4.2), sharex=True, gridspec_kw={"height_ratios": [2, 1]}, constrained_layout=True
    )
    below.axhspan(-5, 5, color="#e6e6e6", lw=0)
    below.axhspan(-2, 2, color="#c8c8c8", lw=0)
    limit = 6
    for pattern, (name, colour) in PATTERNS.items():
        if pattern not in measured.index.get_level_values(0):
            continue
        points = measured.loc[pattern]
        fit = predicted.loc[pattern][0.5].reindex(points.index)
        spread = [points[0.5] - points[0.25], points[0.75] - points[0.5]]
        above.errorbar(points.index, points[0.5], spread, fmt="o", ms=2.5, lw=0.7, color=colour, label=name)
        above.plot(fit.index, fit, lw=0.8, color=colour)
        error = 100 * (fit / points[0.5] - 1)
        below.plot(error.index, error, "o-", ms=2.5, lw=0.6, color=colour)
        limit = max(limit, 1.1 * error.abs().max())
    above.set_xscale("log", base=2)
    above.set_yscale("log")
    above.set_ylabel("seconds")
    above.legend(fontsize=7, frameon=False, title="points: measured; lines: platform", title_fontsize=7)
    below.set_ylim(-limit, limit)
    below.set_ylabel("error of the fit, %")
    below.set_xlabel("bytes of a message")
    for axes in (above, below):
        axes.tick_params(labelsize=7)
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=pathlib.Path)
    directory = parser.parse_args().directory
    figure = draw(quartiles(read(directory / "points.csv")), quartiles(read(directory / "predicted.csv")))
    for ending in ("pdf", "png"):
        figure.savefig(directory / f"calibration.{ending}", dpi=200)


if __name__ == "__main__":
    main()
