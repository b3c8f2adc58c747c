"""Error against runtime: what is best for the time that one has."""
import numpy

from common.bands import median_and_band
from common.end_labels import label_ends
from common.errors import InputError, choose
from common.lines import check_axes, label_of, limited, lines_by, telling_axes
from common.looks import GREY, MARKERS, backends_of, look_of, one_panel, quantity, use_log
from common.points import values_on, varies
from common.tables import Table
from kinds.drawing import Drawing, grid, statistics_caption, undone


def draw(results, options, _):
    every = telling_axes(results)
    by = options.by if options.by is not None else default_groups(results, every)
    check_axes(results, by)
    metrics = results.metric_names()
    x, y = choose("metric", options.x or "time_s", metrics), choose("metric", options.y or "loss", metrics)
    lines = lines_by(results, by + [axis for axis in every if axis not in by])
    points, notes = positions(lines, x, y)
    best = pareto([(place[1], ordered(place[4], y)) for place in points])
    x_label, x_scale = quantity(x, max(place[1] for place in points), backends_of(lines))
    y_label, y_scale = quantity(y, 1)
    figure, axes = one_panel(options.columns)
    ends = []
    groups = list(dict.fromkeys(place[0].values[: len(by)] for place in points))
    for number, group in enumerate(limited(groups)):
        own = [(place, place_best) for place, place_best in zip(points, best) if place[0].values[: len(by)] == group]
        ends.append(draw_group(axes, number, own, x_scale, y_scale, label_of(by, group)))
    draw_front(axes, [place for place, is_best in zip(points, best) if is_best], x_scale, y_scale)
    use_log(axes, options.log)
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    grid(axes, "both")
    if len(groups) > 1:
        notes += label_ends(figure, axes, ends)
    names = by + [axis for axis in every if axis not in by]
    table = Table([*names, f"{x} median", "low", "high", f"{y} median", "low", "high", "front", "runs"], [])
    for (line, *numbers), is_best in zip(points, best):
        row = [value.text for value in line.values]
        table.rows.append([*row, *numbers, "yes" if is_best else "no", len(line.points)])
    caption = statistics_caption(f"{y_label} against {x_label}", [line.points for line, *_ in points])
    return Drawing(
        figure, table, f"{caption} Filled: no other point is as good in both (grey line).", notes + undone(results)
    )


def default_groups(results, every):
    """A colour for each strategy: by words that vary, such as consistency; by the strategy where there are none."""
    words = [axis for axis in every if any(value.number is None for value in values_on(results.done, axis))]
    return words or (["strategy"] if varies(results.done, "strategy") else every[:1] if len(every) > 1 else [])


def positions(lines, x, y):
    """(line, x median, low, high, y median, low, high) of those that have both."""
    places, notes = [], []
    for line in lines:
        pairs = [(point.metrics.get(x), point.metrics.get(y)) for point in line.points]
        pairs = [pair for pair in pairs if None not in pair]
        if 2 * len(pairs) <= len(line.points):
            notes.append(
                f"{line.label or 'the point'}: most of its runs have no {y} (diverged) or no {x}; it is not drawn"
            )
            continue
        if len(pairs) < len(line.points):
            notes.append(f"{line.label or 'the point'}: {len(line.points) - len(pairs)} runs have no {y} or no {x}")
        numbers = [float(number) for axis in zip(*pairs) for number in median_and_band(axis)]
        places.append((line, *numbers))
    if not places:
        raise InputError(f"nothing to draw: no run has {y} and {x}")
    return places, notes


def ordered(value, y):
    """So that less is better."""
    return -value if "accuracy" in y else value


def pareto(pairs):
    """Of pairs of which less is better: whether no other is at least as good in both and better in one."""
    return [not any(a <= x and b <= y and (a < x or b < y) for a, b in pairs) for x, y in pairs]


def draw_group(axes, number, places, x_scale, y_scale, label):
    """The points of one colour, joined in the order of their runtime; returns the end of the line for its label."""
    look = look_of(number)
    places = sorted(places, key=lambda pair: pair[0][1])
    xs = numpy.array([place[1:4] for place, _ in places]) / x_scale
    ys = numpy.array([place[4:7] for place, _ in places]) / y_scale
    axes.plot(xs[:, 0], ys[:, 0], linewidth=0.7, alpha=0.7, **look)
    known = ~numpy.isnan(xs[:, 1])
    x, y = xs[known], ys[known]
    axes.errorbar(
        x[:, 0],
        y[:, 0],
        xerr=[x[:, 0] - x[:, 1], x[:, 2] - x[:, 0]],
        yerr=[y[:, 0] - y[:, 1], y[:, 2] - y[:, 0]],
        fmt="none",
        ecolor=look["color"],
        elinewidth=0.6,
    )
    for (_, is_best), x, y in zip(places, xs, ys):
        axes.plot(
            x[0],
            y[0],
            MARKERS[number % len(MARKERS)],
            markersize=3.8,
            color=look["color"],
            markerfacecolor=look["color"] if is_best else "white",
            markeredgewidth=0.8,
        )
    return label, xs[-1, 0], ys[-1, 0], look["color"]


def draw_front(axes, places, x_scale, y_scale):
    """As steps: with this much time, that error can be had."""
    places = sorted(places, key=lambda place: place[1])
    xs, ys = [place[1] / x_scale for place in places], [place[4] / y_scale for place in places]
    axes.plot(xs, ys, drawstyle="steps-post", color=GREY, linewidth=2.4, alpha=0.3, zorder=0)
