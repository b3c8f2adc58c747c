"""Loss or accuracy against time, iterations, epochs, samples or bytes."""
import numpy

from common.bands import band_of_curves, curve_of
from common.end_labels import label_ends
from common.errors import InputError, choose
from common.looks import backends_of, look_of, one_panel, quantity, use_log
from common.tables import Table
from kinds.drawing import Drawing, chosen_lines, grid, statistics_caption, undone

ABSCISSAS = {
    "time": "time_s",
    "iterations": "iteration",
    "samples": "samples",
    "bytes": "bytes_sent",
    "epochs": "epoch",
}
ORDINATES = {"loss": "loss", "accuracy": "test_accuracy"}


def draw(results, options, what):
    x = ABSCISSAS[choose("abscissa", options.x or "time", list(ABSCISSAS))]
    by, lines = chosen_lines(results, options)
    y = choose("metric", options.y or ORDINATES[what], results.columns())
    bands, notes = bands_of(lines, x, y)
    backends = backends_of(lines)
    x_label, x_scale = quantity(x, max(band[0][-1] for _, band in bands), backends)
    y_label, y_scale = quantity(y, 1, backends)
    figure, axes = one_panel(options.columns)
    scaled = [(line, (band[0] / x_scale, *(values / y_scale for values in band[1:]))) for line, band in bands]
    set_limits(axes, scaled, options.log)
    ends = [draw_band(axes, number, line, band) for number, (line, band) in enumerate(scaled)]
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    grid(axes)
    if len(lines) > 1:
        notes += label_ends(figure, axes, ends)
    table = table_of(bands, by, x, y)
    groups = [line.points for line, _ in bands]
    return Drawing(figure, table, statistics_caption(f"{y_label} against {x_label}", groups), notes + undone(results))


def bands_of(lines, x, y):
    """Each line with its band. Lines of which nothing is known are left out, and told."""
    bands, notes = [], []
    for line in lines:
        curves = [curve for curve in (curve_of(point, x, y) for point in line.points) if curve]
        band = band_of_curves(curves) if curves else [[]]
        if len(band[0]) == 0:
            notes.append(f"{line.label or 'the run'}: no {y} by {x} that all its runs have; it is not drawn")
            continue
        if len(curves) < len(line.points):
            notes.append(f"{line.label or 'the line'}: {len(line.points) - len(curves)} runs have no {y} by {x}")
        if not numpy.isfinite(band[1][-1]):
            notes.append(f"{line.label or 'the line'}: at least half of its runs diverge (×)")
        bands.append((line, band))
    if not bands:
        raise InputError(f"nothing to draw: no run has {y} by {x}")
    return bands, notes


def set_limits(axes, bands, log):
    """So that all finite numbers are inside: what diverges must not squeeze the others."""
    xs = numpy.concatenate([band[0] for _, band in bands])
    ys = numpy.concatenate([values for _, band in bands for values in band[1:]])
    ys = ys[numpy.isfinite(ys)]
    for name, values in (("x", xs), ("y", ys)):
        if name in log:
            values = values[values > 0]
            if not len(values):
                raise InputError(f"--log {name}: no number there is above 0")
        low, high = values.min(), values.max()
        if name in log:
            pad = (high / low) ** 0.04 if high > low else 2
            low, high = (low if name == "x" else low / pad), (high if name == "x" else high * pad)
        else:
            pad = 0.04 * (high - low) or 0.5
            low, high = (low if name == "x" else low - pad), (high + (0 if name == "x" else pad))
        getattr(axes, f"set_{name}lim")(low, high if high > low else low + 1)
    use_log(axes, log)


def draw_band(axes, number, line, band):
    """Returns where the line ends, for its label. The line is made of steps: between observations nothing is known."""
    x, median, low, high = band
    look = look_of(number)
    bottom, top = axes.get_ylim()
    inside = numpy.isfinite(median)
    if inside.any() and not numpy.isnan(low).any():
        axes.fill_between(
            x,
            numpy.clip(low, bottom, top),
            numpy.clip(high, bottom, top),
            step="post",
            linewidth=0,
            color=look["color"],
            alpha=0.18,
        )
    axes.plot(x[inside], median[inside], drawstyle="steps-post", **look)
    if not inside.any():
        return line.label, numpy.nan, numpy.nan, look["color"]
    last = numpy.flatnonzero(inside)[-1]
    if last < len(x) - 1:
        axes.plot(x[last], median[last], "x", color=look["color"], markersize=4)
    return line.label, x[last], median[last], look["color"]


def table_of(bands, by, x, y):
    columns = [*by, x, f"{y} median", "low", "high", "runs"]
    rows, brief = [], []
    for line, band in bands:
        values = [value.text for value in line.values]
        own = [[*values, *map(float, numbers), len(line.points)] for numbers in zip(*band)]
        rows += own
        brief.append(own[-1])
    return Table(columns, rows, brief)
