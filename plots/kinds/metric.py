"""A number of each run's summary along an axis of a sweep, beside what a formula says of it."""
import numpy

from common.bands import median_and_band
from common.end_labels import label_ends
from common.errors import InputError, choose
from common.lines import by_value
from common.looks import backends_of, look_of, one_panel, quantity, use_log
from common.reference import read_reference
from common.tables import Table
from kinds.drawing import Abscissa, Drawing, chosen_lines, draw_medians, grid, statistics_caption, undone
from kinds.target import abscissa_in


def draw(results, options, _):
    x = abscissa_in(results, options)
    if not options.y:
        raise InputError(f"metric needs --y METRIC; there are: {', '.join(results.metric_names())}")
    y = choose("metric", options.y, results.metric_names())
    by, lines = chosen_lines(results, options, x)
    groups = [rows_of(line, x, y) for line in lines]
    if not any(groups):
        raise InputError(f"nothing to draw: no run has {y}")
    reference = read_reference(options.reference, results, x, by, y) if options.reference else {}
    label, scale = quantity(y, max(row[1] for rows in groups for row in rows), backends_of(lines))
    figure, axes = one_panel(options.columns)
    along = Abscissa(results, x, lines)
    table, ends, notes = Table([x, *by, f"{y} median", "low", "high", "runs"], []), [], []
    for number, (line, rows) in enumerate(zip(lines, groups)):
        words = [value.text for value in line.values]
        table.rows += [[row[0].text, *words, *row[1:]] for row in rows]
        if not rows:
            notes.append(f"{line.label or 'the line'}: no run has {y}; it is not drawn")
            continue
        draw_reference(axes, number, along, reference.get(tuple(words), {}), scale)
        places = numpy.array([along.place(row[0]) for row in rows])
        medians, lows, highs = (numpy.array([row[place] for row in rows]) / scale for place in (1, 2, 3))
        draw_medians(axes, number, places, medians, lows, highs)
        ends.append((line.label, places[-1], medians[-1], look_of(number)["color"]))
    use_log(axes, options.log)
    along.prepare(axes, options.log)
    if "y" not in options.log:
        axes.set_ylim(bottom=min(0, axes.get_ylim()[0]))
    axes.set_xlabel(x)
    axes.set_ylabel(label)
    grid(axes)
    if len(lines) > 1:
        notes += label_ends(figure, axes, ends)
    runs = [points for line in lines for points in by_value(line.points, x).values()]
    caption = statistics_caption(f"{label} against {x}", runs)
    if reference:
        caption += f" Broad lines: {options.reference.name}."
    return Drawing(figure, table, caption, notes + undone(results))


def rows_of(line, x, y):
    """For each value on the axis: (value, median, low, high, runs), of the runs that have the metric."""
    rows = []
    for value, points in by_value(line.points, x).items():
        samples = [point.metrics[y] for point in points if y in point.metrics]
        if samples:
            rows.append((value, *map(float, median_and_band(samples)), len(samples)))
    return rows


def draw_reference(axes, number, along, of_line, scale):
    """A broad pale line below the medians, over the values that runs have."""
    known = [(along.place(value), of_line[value.text]) for value in along.values if value.text in of_line]
    if known:
        places, values = numpy.array(known).T
        axes.plot(places, values / scale, color=look_of(number)["color"], linewidth=4, alpha=0.3, zorder=1)
