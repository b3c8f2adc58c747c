#!/usr/bin/python3
"""Predicted against measured time per iteration, with bands of 2 % and 5 %, and the error of each scenario.

    plots/validation.py results/validation/validation.csv
    plots/validation.py results/validation/validation.csv -o figure.pdf

Reads the CSV that `descent validate` wrote and nothing else; writes a .pdf and a .png beside it. Debian packages:
python3-matplotlib, python3-pandas.
"""
import argparse
import math
import pathlib
import sys

try:
    import matplotlib
    import pandas
    from matplotlib.textpath import TextPath

    from common.looks import plt, prepare
except ImportError as error:
    sys.exit(f"validation.py: {error}; install python3-matplotlib and python3-pandas")

from common.errors import InputError, exit_code_of

# Okabe & Ito 2008: told apart by all kinds of colour vision.
WITHIN, BEYOND, OUTSIDE = "#0072B2", "#E69F00", "#D55E00"
BANDS = [(5, "#e6e6e6"), (2, "#c8c8c8")]
# Of scenarios beside their points: more would lie over one another.
MOST_NAMES = 5
NAME_SIZE = 7  # points
# Inches: between the panels and what is beside and below them, and of a scenario's row.
MARGIN, BELOW, ROW = 0.6, 0.7, 0.16
UNITS = [(1e-6, "µs"), (1e-3, "ms"), (1.0, "s")]


def colour_of(error):
    return WITHIN if abs(error) <= 2 else BEYOND if abs(error) <= 5 else OUTSIDE


def read(path):
    """Times per iteration of the scenarios that have both; errors and spreads in per cent, spreads as seen from the
    prediction: what the error would be against the least and the most that was measured."""
    try:
        table = pandas.read_csv(path)
        times = table[table["quantity"] == "iteration_time_s"].dropna(subset=["error"]).reset_index(drop=True)
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{path}: not what descent validate writes: {error}") from error
    if times.empty:
        raise InputError(f"{path}: no scenario was both predicted and measured")
    times["error"] *= 100
    times["magnitude"] = times["error"].abs()
    for bound in ["min", "max"]:
        times[f"error_{bound}"] = 100 * (times["predicted"] / times[f"measured_{bound}"] - 1)
    return times


def unit_of(times):
    """That of the time in the middle, by its logarithm."""
    middle = (times["predicted"].min() * times["predicted"].max()) ** 0.5
    return max((unit for unit in UNITS if unit[0] <= middle), default=UNITS[0])


def ticks_of(low, high):
    """Round numbers within the bounds: as few as tell the scale."""
    for factors in [(1,), (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9)]:
        steps = [factor * 10.0**power for power in range(-9, 10) for factor in factors]
        inside = [step for step in steps if low <= step <= high]
        if len(inside) >= 3:
            break
    return inside


def box_of(text, x, y, left):
    """Of a text beside a point, in points: left, right, below, above."""
    length = TextPath((0, 0), text, size=NAME_SIZE).get_extents().width
    return (x - 5 - length, x - 5, y - 4, y + 4) if left else (x + 5, x + 5 + length, y - 4, y + 4)


def overlap(a, b):
    return a[0] < b[1] and b[0] < a[1] and a[2] < b[3] and b[2] < a[3]


def name_errors(axes, times, scale, low, high, width):
    """Of the largest errors beyond 2 %: names beside the points, or numbers where names are too long for a square of so
    many inches, as far as they do not cover each other. Returns the numbers, by scenario."""
    middle = (low * high) ** 0.5

    def place(text):
        x_points, y_points = (72 * width * math.log(at / low) / math.log(high / low) for at in (x, y))
        return box_of(text, x_points, y_points, left)

    numbers, taken = {}, []
    for row in times[times["magnitude"] > 2].nlargest(MOST_NAMES, "magnitude").itertuples():
        # Beside the point, where the diagonal is not: to its right below, to its left above.
        left = row.predicted / scale > middle
        x = (row.measured_min if left else row.measured_max) / scale
        y = row.predicted / scale
        text = row.scenario
        box = place(text)
        if box[0] < 0 or box[1] > 72 * width:
            text = f"({len(numbers) + 1})"
            box = place(text)
        if any(overlap(box, other) for other in taken):
            continue
        taken.append(box)
        if text != row.scenario:
            numbers[row.scenario] = text
        axes.annotate(
            text,
            (x, y),
            xytext=(-5 if left else 5, 0),
            textcoords="offset points",
            ha="right" if left else "left",
            va="center",
            fontsize=NAME_SIZE,
        )
    return numbers


def draw_agreement(axes, times, width):
    """Predicted against measured, both logarithmic, in a square of so many inches. Returns the numbers of scenarios."""
    scale, unit = unit_of(times)
    measured, predicted = times["measured_median"] / scale, times["predicted"] / scale
    low = 0.75 * min(measured.min(), predicted.min(), times["measured_min"].min() / scale)
    high = 1.33 * max(measured.max(), predicted.max(), times["measured_max"].max() / scale)
    for per_cent, shade in BANDS:
        axes.fill_between(
            [low, high],
            [low * (1 - per_cent / 100), high * (1 - per_cent / 100)],
            [low * (1 + per_cent / 100), high * (1 + per_cent / 100)],
            color=shade,
            linewidth=0,
        )
    axes.plot([low, high], [low, high], color="#555555", linewidth=0.6)
    axes.errorbar(
        measured,
        predicted,
        xerr=[measured - times["measured_min"] / scale, times["measured_max"] / scale - measured],
        fmt="none",
        ecolor="#333333",
        elinewidth=0.7,
    )
    axes.scatter(measured, predicted, s=16, c=[colour_of(error) for error in times["error"]], zorder=3, linewidths=0)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(low, high)
    axes.set_ylim(low, high)
    axes.set_aspect("equal")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(matplotlib.ticker.FixedLocator(ticks_of(low, high)))
        axis.set_major_formatter("{x:g}")
        axis.set_minor_locator(matplotlib.ticker.NullLocator())
    axes.set_xlabel(f"measured time per iteration in {unit}")
    axes.set_ylabel(f"predicted in {unit}")
    return name_errors(axes, times, scale, low, high, width)


def draw_errors(axes, times, numbers):
    """The error of each scenario, the largest below; the bar goes from least to most. Names have their numbers."""
    times = times.sort_values("magnitude", ascending=False).reset_index(drop=True)
    ends = times[["error", "error_min", "error_max"]].to_numpy()
    for per_cent, shade in BANDS:
        axes.axvspan(-per_cent, per_cent, color=shade, linewidth=0)
    axes.axvline(0, color="#555555", linewidth=0.6)
    for row in times.itertuples():
        axes.plot([row.error_max, row.error_min], [row.Index, row.Index], color="#333333", linewidth=0.7)
        axes.plot([row.error], [row.Index], "o", markersize=4, markeredgewidth=0, color=colour_of(row.error))
    axes.set_yticks(range(len(times)), [f"{name} {numbers.get(name, '')}".strip() for name in times["scenario"]])
    axes.set_ylim(-0.7, len(times) - 0.3)
    axes.set_xlim(min(-6, 1.1 * ends.min()), max(6, 1.1 * ends.max()))
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("error of the prediction in %")
    axes.annotate(
        "bands: ±2 %, ±5 %",
        (0, 1),
        xycoords=("data", "axes fraction"),
        xytext=(0, 2),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=7,
        color="#555555",
    )


def draw(times, width):
    """A figure of so many inches, without names: panels of one width, one above the other. Names are beside them, however
    long: saved with bbox_inches="tight", the figure is as wide as it takes."""
    prepare()
    side, rows = width - MARGIN, ROW * (len(times) + 0.5)
    height = side + BELOW + rows
    figure = plt.figure(figsize=(side, height))
    agreement = figure.add_axes([0, (rows + BELOW) / height, 1, side / height])
    errors = figure.add_axes([0, 0, 1, rows / height])
    draw_errors(errors, times, draw_agreement(agreement, times, side))
    return figure


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=pathlib.Path, help="validation.csv")
    parser.add_argument("-o", "--output", type=pathlib.Path, help="one file, .pdf, .png or .svg, instead of the two")
    parser.add_argument(
        "--width", type=float, default=3.4, help="inches without long names; a column of a paper by default"
    )
    options = parser.parse_args()
    figure = draw(read(options.table), options.width)
    outputs = [options.output] if options.output else [options.table.with_suffix(end) for end in (".pdf", ".png")]
    for output in outputs:
        figure.savefig(output, dpi=300, bbox_inches="tight", pad_inches=0.02)


if __name__ == "__main__":
    sys.exit(exit_code_of("validation.py", main))
