"""How stale gradients were: a histogram for each line, below each other, all on one axis."""
import numpy

from common.errors import InputError
from common.looks import COLOURS, FONT, GREY, WIDTHS, plt, prepare
from common.tables import Table
from kinds.drawing import Drawing, chosen_lines, undone

MOST_BARS = 60


def draw(results, options, _):
    by, lines = chosen_lines(results, options)
    histograms = [added(line.points) for line in lines]
    largest = max((max(histogram, default=-1) for histogram in histograms), default=-1)
    if largest < 0:
        raise InputError("nothing to draw: no run has noted the staleness of a gradient")
    width = 1 + largest // MOST_BARS
    prepare()
    panel = 0.5 if len(lines) > 2 else 0.8
    figure, panels = plt.subplots(
        len(lines),
        1,
        figsize=(WIDTHS[options.columns], 0.6 + panel * len(lines)),
        sharex=True,
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    top = max(shares_of(histogram, width, largest).max() for histogram in histograms if histogram)
    table = Table([*by, "staleness", "share", "gradients"], [], [])
    for axes, line, histogram in zip(panels[:, 0], lines, histograms):
        shares = shares_of(histogram, width, largest)
        draw_panel(axes, line, histogram, shares, width)
        axes.set_ylim(0, 1.55 * top)
        fill(table, line, histogram)
    panels[-1, 0].set_xlabel("staleness in updates" + (f" (bars of {width})" if width > 1 else ""))
    panels[-1, 0].xaxis.set_major_locator(plt.MaxNLocator(integer=True))
    figure.supylabel("share of gradients", fontsize=FONT)
    return Drawing(figure, table, "Staleness of gradients, of all seeds together; the mean is marked.", undone(results))


def added(points):
    total = {}
    for point in points:
        for staleness, times in point.staleness.items():
            total[staleness] = total.get(staleness, 0) + times
    return {staleness: times for staleness, times in sorted(total.items()) if times > 0}


def shares_of(histogram, width, largest):
    """Of all gradients, by bars of so many values of the staleness."""
    counts = numpy.zeros(1 + largest // width)
    for staleness, times in histogram.items():
        counts[staleness // width] += times
    return counts / max(1, counts.sum())


def mean_of(histogram):
    return sum(staleness * times for staleness, times in histogram.items()) / max(1, sum(histogram.values()))


def draw_panel(axes, line, histogram, shares, width):
    axes.bar(numpy.arange(len(shares)) * width + (width - 1) / 2, shares, width=0.85 * width, color=COLOURS[0])
    axes.tick_params(axis="y", length=2)
    text = line.label
    if histogram:
        mean = mean_of(histogram)
        axes.axvline(mean, color=COLOURS[1], linewidth=0.9)
        text += f"{': ' if text else ''}mean {mean:.3g}"
    else:
        text += ": nothing noted"
    axes.annotate(
        text,
        (1, 1),
        xycoords="axes fraction",
        xytext=(-2, -1),
        textcoords="offset points",
        ha="right",
        va="top",
        fontsize=FONT - 1,
        color=GREY if not histogram else "black",
    )


def fill(table, line, histogram):
    values = [value.text for value in line.values]
    total = sum(histogram.values())
    for staleness, times in histogram.items():
        table.rows.append([*values, staleness, times / total, times])
    if table.columns[-3] == "staleness" and total:
        table.brief.append([*values, mean_of(histogram), 1.0, total])
