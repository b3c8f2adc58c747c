"""What a report holds, as data for its page."""
import json
import math

import numpy

from common.bands import CONFIDENCE, RESAMPLES, band_of_curves, curve_of
from common.lines import lines_by, telling_axes
from common.looks import NAMES, words_of
from common.points import values_on, varies

# Numbers in all curves together: some 4 MB of a page. Lines have no more places than that allows.
MOST_NUMBERS = 600_000
MOST_PLACES, FEWEST_PLACES = 400, 25
# Lines that are drawn when the page opens.
SHOWN_LINES = 8
# More are no figure, and would make the page slow.
MOST_LINES = 200
ABSCISSAS = ["time_s", "iteration", "samples", "bytes_sent", "epoch"]
MAIN_METRICS = [
    "time_s",
    "iterations",
    "samples",
    "loss",
    "test_loss",
    "test_accuracy",
    "time_to_target_s",
    "bytes_sent",
    "staleness.mean",
    "iteration_time_s.mean",
    "utilization.compute",
]
UNITS = {"time_s": "s", "bytes_sent": "bytes"}


def rounded(number, digits=6):
    """For JSON, which has neither NaN nor infinity; to six digits."""
    if number is None or not math.isfinite(number):
        return None
    return float(f"{number:.{digits}g}")


def table_of(results):
    """Columns with names and whether they are numbers, and a row for each point."""
    axes = results.axes
    metrics = [name for name in MAIN_METRICS if any(name in point.metrics for point in results.points)]
    several = len({point.results for point in results.points}) > 1
    columns = [("point", "results", False)] if several else [("point", "number", True)]
    columns += [(axis, "axis", False) for axis in axes] + [("seed", "seed", True), ("status", "status", False)]
    columns += [(metric, "metric", True) for metric in metrics]
    columns += [("wall_s", "wall", True), ("message", "message", False)]
    rows = [[cell(point, kind, name) for name, kind, _ in columns] for point in results.points]
    return {"columns": [{"name": name, "kind": kind, "number": number} for name, kind, number in columns], "rows": rows}


def cell(point, kind, name):
    """Words, or a number; on an axis both, [text, number], so that it is sorted by number where it has one."""
    if kind == "axis":
        value = point.value(name)
        return [value.text, value.number]
    if kind == "results":
        return point.results + (f" {point.number}" if point.number else "")
    if kind == "metric":
        return rounded(point.metrics.get(name))
    return {
        "number": point.number,
        "seed": point.seed,
        "status": point.status,
        "message": point.message,
        "wall": rounded(point.wall_s),
    }[kind]


def curves_of(results):
    """Medians and bands of every line, for every abscissa and ordinate that there is."""
    columns = results.columns()
    xs = [name for name in ABSCISSAS if name in columns]
    ys = [name for name in columns if name not in ABSCISSAS]
    if not results.done or not xs or not ys:
        return None
    by = telling_axes(results)
    if len(results.scenarios) > 1:
        by = ["results", *by]
    every = lines_by(results, by)
    lines = every[:MOST_LINES]
    places = MOST_NUMBERS // (4 * len(xs) * len(ys) * len(lines))
    places = min(MOST_PLACES, max(FEWEST_PLACES, places))
    data, longest = {}, 0
    for x in xs:
        for y in ys:
            bands = [band_of(line, x, y, places) for line in lines]
            data[f"{x}|{y}"] = [band for band, _ in bands]
            longest = max([longest, *(length for _, length in bands)])
    return {
        "xs": [labelled(name) for name in xs],
        "ys": [labelled(name) for name in ys],
        "lines": [line.label or "all runs" for line in lines],
        "runs": [len(line.points) for line in lines],
        "by": by,
        "data": data,
        "shown": SHOWN_LINES,
        "confidence": f"{100 * CONFIDENCE:g} %",
        "resamples": RESAMPLES,
        "left_out": f"Of {len(every)} lines the page has the first {len(lines)}." if len(every) > len(lines) else "",
        "thinned": f"Curves of up to {longest} observations are thinned to {places} places each."
        if longest > places
        else "",
    }


def labelled(name):
    unit = UNITS.get(name, "")
    label = {"time_s": "time", "bytes_sent": "data sent"}.get(name, NAMES.get(name, words_of(name)))
    return {"name": name, "label": label + (f" in {unit}" if unit else "")}


def band_of(line, x, y, places):
    """[x, median, low, high], and how many places they had before they were thinned; None where nothing is known."""
    curves = [curve for curve in (curve_of(point, x, y) for point in line.points) if curve]
    if not curves:
        return None, 0
    band = band_of_curves(curves, places)
    length = len(numpy.unique(numpy.concatenate([curve[0] for curve in curves])))
    return [[rounded(number) for number in values] for values in band], length


def overview(results):
    counts = {}
    for point in results.points:
        counts[point.status] = counts.get(point.status, 0) + 1
    axes = [
        {"name": axis, "values": [value.text for value in values_on(results.points, axis)]} for axis in results.axes
    ]
    fixed = [axis["name"] for axis in axes if not varies(results.points, axis["name"])]
    seeds = sorted({point.seed for point in results.points})
    return {"counts": counts, "axes": axes, "fixed": fixed, "seeds": seeds, "scenarios": results.texts}


def to_json(payload):
    """So that it may stand in a <script>."""
    text = json.dumps(payload, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
