"""Time to a target loss or accuracy, along an axis of a sweep."""
import numpy

from common.bands import median_and_band
from common.end_labels import label_ends
from common.errors import InputError, choose
from common.lines import by_value
from common.looks import backends_of, look_of, one_panel, quantity, use_log
from common.points import varies
from common.tables import Table
from kinds.drawing import (
    Abscissa,
    Drawing,
    chosen_lines,
    draw_medians,
    grid,
    never,
    statistics_caption,
    to_the_top,
    undone,
)


def draw(results, options, _):
    x = abscissa_in(results, options)
    by, lines = chosen_lines(results, options, x)
    times = {id(point): time_to_target(results, point, options) for line in lines for point in line.points}
    if not numpy.isfinite(list(times.values())).any():
        goal = f"{options.y or 'loss'} {options.target:g}" if options.target is not None else "a target"
        raise InputError(f"nothing to draw: no run reached {goal}; allowed: --target VALUE, with --y METRIC")
    label, scale = quantity("time_to_target_s", max(time for time in times.values() if numpy.isfinite(time)))
    kind = {"real" if backend == "mpi" else "simulated" for backend in backends_of(lines)}
    label = f"{kind.pop()} {label}" if len(kind) == 1 else label
    figure, axes = one_panel(options.columns)
    along = Abscissa(results, x, lines)
    table, ends, marks, arrows = (
        Table([x, *by, "time_to_target_s median", "low", "high", "reached", "runs"], []),
        [],
        [],
        [],
    )
    groups = []
    for number, line in enumerate(lines):
        rows = []
        for value, points in by_value(line.points, x).items():
            samples = numpy.array([times[id(point)] for point in points])
            reached = int(numpy.isfinite(samples).sum())
            rows.append((along.place(value), *map(float, median_and_band(samples)), reached, len(points)))
            table.rows.append([value.text, *(each.text for each in line.values), *rows[-1][1:]])
            groups.append(points)
        places, medians, lows, highs, reached, runs = map(numpy.array, zip(*rows))
        medians, lows, highs = medians / scale, lows / scale, highs / scale
        open_ended = draw_medians(axes, number, places, medians, lows, highs)
        arrows.append((number, places[open_ended], medians[open_ended]))
        lost = ~numpy.isfinite(medians)
        marks += [
            (number, place, got, all_runs) for place, got, all_runs in zip(places[lost], reached[lost], runs[lost])
        ]
        known = numpy.flatnonzero(~lost)
        if len(known):
            ends.append((line.label, places[known[-1]], medians[known[-1]], look_of(number)["color"]))
    finish(axes, along, options, x, label)
    for number, places, medians in arrows:
        to_the_top(axes, number, places, medians)
    for number, place, got, runs in marks:
        never(axes, number, len(lines), place, got, runs)
    notes = [f"{len(marks)} points (△) are without a median: at least half of their runs never reached the target"]
    notes = notes if marks else []
    if len(lines) > 1:
        notes += label_ends(figure, axes, ends)
    return Drawing(figure, table, statistics_caption(f"{label} against {x}", groups), notes + undone(results))


def abscissa_in(results, options):
    """As --x says; the only axis that varies where it does not say."""
    if options.x:
        return choose("axis", options.x, results.axis_names() + ["workers"])
    varying = [axis for axis in results.axes if varies(results.done, axis)]
    if len(varying) == 1:
        return varying[0]
    names = ", ".join(varying) or "none"
    raise InputError(f"along which axis? These vary: {names}; allowed: --x AXIS")


def time_to_target(results, point, options):
    """Seconds; infinite where the run never got there. By --target, or as the run itself has noted."""
    if options.target is None:
        return point.metrics.get("time_to_target_s", numpy.inf)
    column = choose("metric", options.y or "loss", results.columns())
    values, seconds = point.curve.get(column), point.curve.get("time_s")
    if values is None or seconds is None:
        return numpy.inf
    met = values >= options.target if "accuracy" in column else values <= options.target
    return seconds[numpy.argmax(met)] if met.any() else numpy.inf


def finish(axes, along, options, x, label):
    use_log(axes, options.log)
    along.prepare(axes, options.log)
    if "y" not in options.log:
        axes.set_ylim(bottom=0)
    axes.set_xlabel(x)
    axes.set_ylabel(label)
    grid(axes)
