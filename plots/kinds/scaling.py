"""Speed-up and efficiency against the number of workers."""
import numpy

from common.bands import bounds, resampled_medians
from common.end_labels import label_ends
from common.errors import InputError, choose
from common.lines import by_value
from common.looks import GREY, NAMES, look_of, one_panel, use_log, words_of
from common.points import varies
from common.tables import Table
from kinds.drawing import Abscissa, Drawing, chosen_lines, draw_medians, grid, statistics_caption, undone
from kinds.target import time_to_target


def draw(results, options, what):
    x = choose("axis", options.x or "workers", results.axis_names() + ["workers"])
    if not varies(results.done, x):
        raise InputError(f"nothing to draw: all runs have the same {x}")
    by, lines = chosen_lines(results, options, x)
    along = Abscissa(results, x, lines)
    if not along.numeric or along.values[0].number <= 0:
        raise InputError(
            f"--x {x}: its values are no numbers of workers; allowed: workers, or an axis of numbers above 0"
        )
    cost, cost_name = cost_in(results, lines, options)
    columns = [x, *by, f"{cost_name} median", f"{what} median", "low", "high", "runs"]
    figure, axes = one_panel(options.columns)
    table, ends, notes, groups = Table(columns, []), [], [], []
    for number, line in enumerate(lines):
        rows = line_of(by_value(line.points, x), cost, what)
        if rows is None:
            notes.append(f"{line.label or 'the line'}: its fewest workers have no {cost_name}; it is not drawn")
            continue
        groups += by_value(line.points, x).values()
        table.rows += [[row[0].text, *(value.text for value in line.values), *row[1:]] for row in rows]
        places = numpy.array([row[0].number for row in rows])
        medians, lows, highs = (numpy.array([row[place] for row in rows], dtype=float) for place in (2, 3, 4))
        draw_medians(axes, number, places, medians, lows, highs)
        ends.append((line.label, places[-1], medians[-1], look_of(number)["color"]))
    if not ends:
        raise InputError(f"nothing to draw: no line has {cost_name} with its fewest workers")
    finish(axes, along, options, what, cost_name)
    if len(lines) > 1:
        notes += label_ends(figure, axes, ends)
    caption = statistics_caption(
        f"{what} in {cost_name}, each line over its own fewest workers, which count as perfectly efficient", groups
    )
    return Drawing(figure, table, caption, notes + undone(results))


def cost_in(results, lines, options):
    """What is to become less with more workers, as a function of a point, and its name: --y says which metric; otherwise
    time to target, where some run got there, otherwise time for a sample."""
    points = [point for line in lines for point in line.points]
    if options.target is not None:
        return lambda point: time_to_target(results, point, options), "time to target"
    if options.y:
        choose("metric", options.y, results.metric_names())
        return lambda point: point.metrics.get(options.y, numpy.inf), NAMES.get(options.y, words_of(options.y.removesuffix("_s")))
    if any("time_to_target_s" in point.metrics for point in points):
        return lambda point: point.metrics.get("time_to_target_s", numpy.inf), "time to target"
    return time_per_sample, "time per sample"


def time_per_sample(point):
    samples = point.metrics.get("samples", 0)
    return point.metrics["time_s"] / samples if samples > 0 else numpy.inf


def line_of(groups, cost, what):
    """For each number of workers P: (value, median cost, speed-up or efficiency, low, high, runs), or None where the fewest
    workers have no finite cost. Speed-up is P₀ · med T(P₀) / med T(P) with P₀ the fewest workers; efficiency is that over
    P. For the bounds both medians are resampled, each from its own runs; P₀ itself has none."""
    rows = []
    base = None
    for value, points in groups.items():
        samples = numpy.array([cost(point) for point in points], dtype=float)
        if base is None:
            base, fewest = samples, value.number
            if not numpy.isfinite(numpy.median(base)):
                return None
        share = fewest / (value.number if what == "efficiency" else 1)
        ratio = share * numpy.median(base) / numpy.median(samples)
        low = high = numpy.nan
        if samples is not base and len(samples) > 1:
            low, high = bounds(*resampled_ratios(base, samples, share))
        rows.append((value, float(numpy.median(samples)), float(ratio), float(low), float(high), len(points)))
    return rows


def resampled_ratios(base, samples, share):
    """Ratios of medians of resamples of both, and how often each occurs. What neither reached is no speed-up."""
    above, below = resampled_medians(base, seed=2), resampled_medians(samples)
    with numpy.errstate(invalid="ignore"):
        ratios = share * above[0][:, numpy.newaxis] / below[0]
    return numpy.nan_to_num(ratios, nan=0, posinf=numpy.inf).ravel(), numpy.outer(above[1], below[1]).ravel()


def finish(axes, along, options, what, cost_name):
    places = numpy.array([along.place(value) for value in along.values])
    ideal = places if what == "speedup" else numpy.ones_like(places)
    axes.plot(places, ideal, color=GREY, linewidth=0.7, linestyle=(0, (1, 1.5)), zorder=1)
    axes.annotate(
        "ideal",
        (places[-1], ideal[-1]),
        xytext=(-8, 3 if what == "efficiency" else 0),
        color=GREY,
        textcoords="offset points",
        ha="right",
        va="bottom",
        fontsize=7,
    )
    use_log(axes, options.log)
    along.prepare(axes, options.log)
    for name in "xy":
        if name not in options.log:
            getattr(axes, f"set_{name}lim")(**{"left" if name == "x" else "bottom": 0})
    axes.set_xlabel(along.axis)
    axes.set_ylabel(f"{'speed-up' if what == 'speedup' else 'efficiency'} in {cost_name}")
    grid(axes)
