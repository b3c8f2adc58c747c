#!/usr/bin/python3
"""What `descent calibrate` measured, and what its platform makes of it: time by size, and the error of the fit.

    plots/calibration.py results/calibration

Reads points.csv and predicted.csv there, and kernels.csv if there is one; writes calibration.pdf and calibration.png
beside them, and kernels.pdf and kernels.png: what rates kernels reach. Debian packages: python3-matplotlib,
python3-pandas.
"""
import argparse
import pathlib
import sys

try:
    import pandas

    from common.looks import plt, prepare
except ImportError as error:
    sys.exit(f"calibration.py: {error}; install python3-matplotlib and python3-pandas")

from common.errors import InputError, exit_code_of

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
        raise InputError(f"{path}: not what descent calibrate writes: {error}") from error


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


DURABLE = ("store", "recall")


def rows_top(rows):
    return rows.groupby(["kernel", "size"])["rate"].quantile(0.75).max()  # and room for the legend above


def draw_kernels(table):
    """A panel for each kind of kernel; a line for each kernel of it, of the medians of all ranks, with quartiles."""
    table = table[~table["kernel"].isin(DURABLE)].copy()
    table["rate"] = table["flops"] / table["seconds"] / 1e9
    table["kind"] = table["kernel"].str.split(".").str[0]
    kinds = list(dict.fromkeys(table["kind"]))
    figure, panels = plt.subplots(1, len(kinds), figsize=(7.2, 2.2), squeeze=False, constrained_layout=True)
    colours = [colour for _, colour in PATTERNS.values()]
    for panel, kind in zip(panels[0], kinds):
        of_kind = table[table["kind"] == kind]
        for (kernel, rows), colour in zip(of_kind.groupby("kernel", sort=False), colours):
            rates = rows.groupby("size")["rate"].quantile([0.25, 0.5, 0.75]).unstack()
            spread = [rates[0.5] - rates[0.25], rates[0.75] - rates[0.5]]
            name = kernel.split(".", 1)[1]
            panel.errorbar(rates.index, rates[0.5], spread, fmt="o-", ms=2.5, lw=0.7, color=colour, label=name)
        panel.set_xscale("log", base=2)
        panel.set_ylim(0, 1.35 * rows_top(of_kind))
        panel.set_title(kind, fontsize=8)
        panel.set_xlabel("samples of a batch" if kind == "gradient" else "elements", fontsize=8)
        panel.legend(fontsize=6, frameon=False)
        panel.tick_params(labelsize=7)
        panel.spines[["top", "right"]].set_visible(False)
    panels[0][0].set_ylabel("Gflop/s", fontsize=8)
    return figure


def read_kernels(path):
    try:
        table = pandas.read_csv(path)
        table[["kernel", "size", "flops", "seconds"]]
        return table
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{path}: not what descent calibrate writes: {error}") from error


def save(figure, directory, name):
    for ending in ("pdf", "png"):
        figure.savefig(directory / f"{name}.{ending}", dpi=200)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=pathlib.Path)
    directory = parser.parse_args().directory
    prepare()
    figure = draw(quartiles(read(directory / "points.csv")), quartiles(read(directory / "predicted.csv")))
    save(figure, directory, "calibration")
    if (directory / "kernels.csv").exists():
        save(draw_kernels(read_kernels(directory / "kernels.csv")), directory, "kernels")


if __name__ == "__main__":
    sys.exit(exit_code_of("calibration.py", main))
