"""What a kind of figure hands back, and what several kinds do."""
import dataclasses

import matplotlib.figure
import numpy

from common.bands import CONFIDENCE
from common.errors import InputError
from common.lines import by_value, is_number, limited, lines_by, telling_axes
from common.looks import FONT, MARKERS, look_of
from common.tables import Table

BAND = f"{100 * CONFIDENCE:g} % confidence (percentile bootstrap of the median)"


@dataclasses.dataclass
class Drawing:
    """A figure, what it shows as a table, what its caption should say, and what it leaves out. `tight`: as large as what is
    drawn, and not as the figure says."""

    figure: matplotlib.figure.Figure
    table: Table
    caption: str
    notes: list[str] = dataclasses.field(default_factory=list)
    tight: bool = False


def chosen_lines(results, options, x=None):
    """The axes that tell lines apart, as --by says or all that do, and the lines."""
    by = options.by if options.by is not None else telling_axes(results, x)
    if x in by:
        raise InputError(f"--by {x}: that is the axis along which the figure goes; allowed: other axes")
    return by, limited(lines_by(results, by, x))


def undone(results):
    """Of points that are not in the figure because they have no results."""
    counts = {}
    for point in results.points:
        counts[point.status] = counts.get(point.status, 0) + 1
    done = counts.pop("done", 0)
    if not counts:
        return []
    return [
        f"of {len(results.points)} points {done} are drawn: "
        + ", ".join(f"{count} {status}" for status, count in counts.items())
    ]


def seeds_in(groups):
    """How many runs stand behind a median: "5 seeds", "2 to 5 seeds", "1 seed"."""
    counts = {len(group) for group in groups}
    low, high = min(counts), max(counts)
    return f"{low} to {high} seeds" if low < high else f"{low} seed{'' if low == 1 else 's'}"


def statistics_caption(what, groups):
    seeds = seeds_in(groups)
    return (
        f"{what}: medians over {seeds}; {BAND}." if seeds != "1 seed" else f"{what}: one seed, so no confidence band."
    )


class Abscissa:
    """An axis of a sweep along a figure: numbers where they are, words side by side otherwise."""

    def __init__(self, results, axis, lines):
        points = [point for line in lines for point in line.points]
        self.axis = axis
        self.numeric = is_number(points, axis)
        self.values = list(by_value(points, axis))

    def place(self, value):
        return value.number if self.numeric else float(self.values.index(value))

    def prepare(self, axes, log):
        if not self.numeric:
            if "x" in log:
                raise InputError(f"--log x: axis '{self.axis}' has words and no numbers")
            self.write_ticks(axes, range(len(self.values)), 8)
            axes.set_xlim(-0.4, len(self.values) - 0.6)
        elif all(value.number == int(value.number) for value in self.values) and "x" not in log:
            axes.xaxis.get_major_locator().set_params(integer=True)
        elif len(self.values) <= 8 and "x" in log:
            self.write_ticks(axes, [self.place(value) for value in self.values], 5)
            axes.set_xticks([], minor=True)

    def write_ticks(self, axes, places, letters_per_inch):
        """The values as the sweep writes them; aslant where they are longer together than that."""
        texts = [value.text for value in self.values]
        crowded = sum(map(len, texts)) > letters_per_inch * axes.figure.get_figwidth()
        axes.set_xticks(
            places,
            texts,
            rotation=30 if crowded else 0,
            ha="right" if crowded else "center",
            rotation_mode="anchor" if crowded else "default",
        )


def draw_medians(axes, number, places, medians, lows, highs):
    """One line of medians with its band's ends as bars. Returns where bars have no upper end, for `to_the_top`."""
    look = look_of(number)
    finite = numpy.isfinite(medians)
    known = finite & ~numpy.isnan(lows)
    axes.plot(places[finite], medians[finite], marker=MARKERS[number % len(MARKERS)], markersize=3.2, **look)
    bounded = known & numpy.isfinite(highs)
    axes.errorbar(
        places[bounded],
        medians[bounded],
        [medians[bounded] - lows[bounded], highs[bounded] - medians[bounded]],
        fmt="none",
        ecolor=look["color"],
        elinewidth=0.8,
        capsize=1.8,
        capthick=0.8,
    )
    return known & ~bounded


def to_the_top(axes, number, places, lows):
    """Bars without upper end, once the limits are known."""
    top = axes.get_ylim()[1]
    for place, low in zip(places, lows):
        axes.annotate(
            "",
            (place, top),
            (place, low),
            arrowprops={
                "arrowstyle": "->",
                "color": look_of(number)["color"],
                "linewidth": 0.8,
                "shrinkA": 0,
                "shrinkB": 0,
                "mutation_scale": 6,
            },
        )


def never(axes, number, count, place, reached, runs):
    """A mark above the axes for a point that got nowhere, with how many of its runs got there."""
    across = (number - (count - 1) / 2) * 7
    style = {
        "ha": "center",
        "va": "bottom",
        "color": look_of(number)["color"],
        "fontsize": FONT - 1,
        "annotation_clip": False,
    }
    axes.annotate(
        f"△\n{reached}/{runs}",
        (place, 1),
        xycoords=("data", "axes fraction"),
        xytext=(across, 1),
        textcoords="offset points",
        linespacing=0.9,
        **style,
    )


def grid(axes, which="y"):
    axes.grid(axis=which, linewidth=0.4, color="#dddddd")
    axes.set_axisbelow(True)
