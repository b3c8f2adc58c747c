"""Runs as figures see them: points with values on axes, numbers and curves."""
import dataclasses

import numpy

from common.errors import InputError, choose


@dataclasses.dataclass(frozen=True)
class Value:
    """Of an axis: as the scenario says it, and as a number in base units where it is one."""

    text: str
    number: float | None = None


@dataclasses.dataclass
class Point:
    """One run."""

    name: str  # for messages
    results: str  # name of the file or directory it is from
    scenario: str
    seed: int
    status: str = "done"
    message: str = ""
    number: int = 0
    wall_s: float | None = None
    axes: dict[str, Value] = dataclasses.field(default_factory=dict)
    metrics: dict[str, float] = dataclasses.field(default_factory=dict)
    # Words of the summary: strategy, backend.
    facts: dict[str, str] = dataclasses.field(default_factory=dict)
    staleness: dict[int, int] = dataclasses.field(default_factory=dict)
    curve: dict[str, numpy.ndarray] = dataclasses.field(default_factory=dict)

    def value(self, axis):
        """On an axis of the sweep, or on one that every run has: strategy, backend, scenario, results, or a metric."""
        if axis in self.axes:
            return self.axes[axis]
        words = {"scenario": self.scenario, "results": self.results, **self.facts}
        if axis in words:
            return Value(words[axis])
        number = self.metrics.get(axis)
        return Value("" if number is None else f"{number:g}", number)


@dataclasses.dataclass
class Results:
    """All runs that a figure is to show, in their order."""

    points: list[Point]
    axes: list[str]
    # Which scenario in which form: points of different ones are no repetitions of each other.
    scenarios: set[str]
    # Name and value of what is to be known about where they come from; a list for each file or run.
    provenance: list[list[tuple[str, str]]] = dataclasses.field(default_factory=list)
    # Of each scenario: name, and text as XML, with its <sweep>.
    texts: list[tuple[str, str]] = dataclasses.field(default_factory=list)

    @property
    def done(self):
        return [point for point in self.points if point.status == "done"]

    def axis_names(self):
        """Of all that `--by`, `--x` and `--where` may name."""
        always = ["scenario", "results", "strategy", "backend", "seed"]
        return self.axes + [name for name in always if name not in self.axes]

    def metric_names(self):
        return sorted({name for point in self.points for name in point.metrics})

    def columns(self):
        """Of the curves: those in which some run has a number."""
        names = {}
        for point in self.done:
            names.update({name: None for name, values in point.curve.items() if numpy.isfinite(values).any()})
        return list(names)


def values_on(points, axis):
    """What occurs: numbers in their order, words in that of their first occurrence."""
    values = list(dict.fromkeys(point.value(axis) for point in points))
    if all(value.number is not None for value in values):
        values.sort(key=lambda value: value.number)
    return values


def varies(points, axis):
    return len({point.value(axis) for point in points}) > 1


def follows(points, axis, leader):
    """Whether the value on `leader` tells that on `axis`."""
    seen = {}
    return all(seen.setdefault(point.value(leader), point.value(axis)) == point.value(axis) for point in points)


def select(results, conditions):
    """The results of those points alone that meet all conditions, each AXIS=VALUE or AXIS=VALUE,VALUE."""
    points = results.points
    for condition in conditions:
        axis, separator, text = condition.partition("=")
        if not separator:
            raise InputError(f"--where {condition}: allowed: AXIS=VALUE, or AXIS=VALUE,VALUE")
        choose("axis", axis, results.axis_names())
        there = values_on(results.points, axis)
        wanted = {matching(axis, word.strip(), there) for word in text.split(",")}
        points = [point for point in points if point.value(axis) in wanted]
    if not points:
        raise InputError("no point meets all of: " + ", ".join(f"--where {condition}" for condition in conditions))
    return dataclasses.replace(results, points=points)


def matching(axis, text, values):
    """The value that the text means: as written in the scenario, or the same number."""
    for value in values:
        if value.text == text:
            return value
    for value in values:
        try:
            if value.number is not None and value.number == float(text):
                return value
        except ValueError:
            break
    return choose(f"value on axis '{axis}':", text, [value.text for value in values])
