"""Reads what `descent run` wrote: a directory with summary.json, metrics.csv, scenario.xml and maybe timeline.json."""
import csv
import json
import re
import xml.etree.ElementTree

import numpy

from common.errors import InputError
from common.points import Point, Results, Value, varies


def read_runs(directories):
    """Several single runs. Their axes are what differs between their scenarios, beside the seed."""
    points, differences, texts, provenance = [], [], {}, []
    for directory, name in directories:
        point, text, origin = read_run(directory, name)
        points.append(point)
        differences.append(attributes_in(directory, text))
        texts.setdefault(point.scenario, text)
        provenance.append(origin)
    for point, attributes in zip(points, differences):
        point.axes = attributes
    every = list(dict.fromkeys(axis for attributes in differences for axis in attributes))
    absent = Value("none")
    for point in points:
        point.axes = {axis: point.axes.get(axis, absent) for axis in every}
    changing = [axis for axis in every if varies(points, axis)]
    names = short_names(changing)
    for point in points:
        point.axes = {names[axis]: point.axes[axis] for axis in changing}
    return Results(
        points=points,
        axes=[names[axis] for axis in changing],
        scenarios={point.scenario for point in points},
        provenance=provenance,
        texts=list(texts.items()),
    )


PROVENANCE = ["scenario", "seed", "backend", "network_model", "fidelity", "version", "git_revision", "build", "host"]


def read_run(directory, name):
    """The point, its scenario.xml, its provenance."""
    try:
        summary = json.loads((directory / "summary.json").read_text())
        text = (directory / "scenario.xml").read_text()
        curve = read_curve(directory / "metrics.csv")
        point = Point(
            name=str(directory),
            results=name,
            scenario=summary["scenario"],
            seed=summary["seed"],
            wall_s=summary.get("wall_s"),
            metrics=numbers_in(summary),
            facts={"strategy": summary["strategy"], "backend": summary["backend"]},
            staleness={int(key): times for key, times in summary["staleness"]["histogram"].items()},
            curve=curve,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{directory}: has no whole results of a run: {error}") from error
    origin = [("run", str(directory))]
    origin += [(key.replace("_", " "), str(summary[key])) for key in PROVENANCE if key in summary]
    return point, text, origin


def numbers_in(summary, prefix=""):
    """As `descent sweep` records them: `staleness.mean`; none of single ranks, no histograms."""
    numbers = {}
    for name, value in summary.items():
        if isinstance(value, dict) and name != "histogram":
            numbers.update(numbers_in(value, f"{prefix}{name}."))
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            numbers[prefix + name] = float(value)
    return numbers


def read_curve(path):
    with open(path, newline="") as file:
        header, *rows = csv.reader(file)
    table = numpy.array([[float(cell or "nan") for cell in row] for row in rows], dtype=float)
    return {column: table[:, place] for place, column in enumerate(header)} if rows else {}


def attributes_in(directory, text):
    """All attributes of a scenario by their paths, such as `training/optimizer@learning-rate`."""
    try:
        root = xml.etree.ElementTree.fromstring(text)
    except xml.etree.ElementTree.ParseError as error:
        raise InputError(f"{directory}/scenario.xml: {error}") from error
    attributes = {}
    collect(root, "", attributes)
    for ignored in ("@seed", "@name", "@version"):
        attributes.pop(ignored, None)
    return attributes


def collect(element, path, attributes):
    for name, text in element.attrib.items():
        attributes[f"{path}@{name}"] = Value(text, number_in(text))
    counts = {}
    for child in element:
        if child.tag == "sweep" or not isinstance(child.tag, str):
            continue
        counts[child.tag] = counts.get(child.tag, 0) + 1
        place = f"[{counts[child.tag]}]" if counts[child.tag] > 1 else ""
        collect(child, f"{path}/{child.tag}{place}" if path else child.tag + place, attributes)


# Of quantities in scenarios, in base units; bytes and flop by powers of ten, and of two with an i.
UNITS = {"": 1, "ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
PREFIXES = {"": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15}
PREFIXES |= {f"{letter}i": 1024.0**power for power, letter in enumerate("KMGTP", 1)}
for prefix, factor in PREFIXES.items():
    UNITS |= {f"{prefix}B": factor, f"{prefix}f": factor, f"{prefix}Bps": factor, f"{prefix}bps": factor / 8}


def number_in(text):
    """A number, or a quantity with one of SimGrid's units; None for other text."""
    found = re.fullmatch(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([A-Za-z]*)\s*", text)
    if not found or found[2] not in UNITS:
        return None
    return float(found[1]) * UNITS[found[2]]


def short_names(paths):
    """The attribute's name alone where no other axis has it, else with as much of its path as tells it apart."""
    names = {}
    for path in paths:
        elements, _, attribute = path.rpartition("@")
        words = elements.split("/") if elements else []
        name = attribute
        while words and any(other != path and ends_with(other, name) for other in paths):
            name = f"{words.pop()}@{name}" if "@" not in name else f"{words.pop()}/{name}"
        names[path] = name
    return names


def ends_with(path, name):
    return path == name or path.endswith(("@" + name, "/" + name))
