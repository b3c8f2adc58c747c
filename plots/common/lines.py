"""Which points make one line of a figure: repetitions with several seeds of one combination of values on axes."""
import dataclasses

from common.errors import InputError, choose
from common.points import Point, Value, follows, values_on, varies

MOST_LINES = 24
# Of scenarios: what decides when a run ends and is looked at, and so tells less than other differences.
LAST_TO_TELL = {"every", "every-time", "time", "iterations", "epochs"}


@dataclasses.dataclass
class Line:
    """What a figure draws as one: its name, its values on the axes that tell lines apart, its points."""

    label: str
    values: tuple[Value, ...]
    points: list[Point]


def telling_axes(results, without=None):
    """All axes that vary, but none whose value others tell already, nor one that `without` tells."""
    points = results.done
    axes = [axis for axis in results.axes if varies(points, axis) and axis != without]
    if without:
        axes = [axis for axis in axes if not follows(points, axis, without)]
    order = sorted(axes, key=lambda axis: (is_number(points, axis), axis in LAST_TO_TELL))
    for axis in reversed(order):
        rest = [other for other in axes if other != axis]
        if combinations(points, rest) == combinations(points, axes):
            axes = rest
    return axes


def is_number(points, axis):
    return all(value.number is not None for value in values_on(points, axis))


def combinations(points, axes):
    return len({values_of(point, axes) for point in points})


def values_of(point, axes):
    return tuple(point.value(axis) for axis in axes)


def check_axes(results, axes):
    for axis in axes:
        choose("axis", axis, results.axis_names())


def check_comparable(results, by, runs_of_one="a line"):
    """InputError where different scenarios would be taken for repetitions of one."""
    if len(results.scenarios) > 1 and not {"scenario", "results"} & set(by):
        names = ", ".join(dict.fromkeys(f"'{point.scenario}' ({point.results})" for point in results.points))
        raise InputError(
            f"these are results of different scenarios: {names}; allowed: results of one scenario, or '--by scenario' "
            f"or '--by results', so that {runs_of_one} has runs of one"
        )


def lines_by(results, by, x=None):
    """Lines in the order of their values. `x`: the axis along which the figure goes, on which a line may vary.

    InputError where a line would have runs that differ in more than their seed."""
    check_axes(results, by)
    check_comparable(results, by)
    if not results.done:
        raise InputError(f"nothing to draw: of {len(results.points)} points none is done")
    groups = {}
    for point in results.done:
        groups.setdefault(values_of(point, by), []).append(point)
    ranks = [{value: rank for rank, value in enumerate(values_on(results.done, axis))} for axis in by]
    keys = sorted(groups, key=lambda values: [rank[value] for rank, value in zip(ranks, values)])
    lines = [Line(label_of(by, key), key, groups[key]) for key in keys]
    for line in lines:
        check_repetitions(results, line, by, x)
    return lines


def check_repetitions(results, line, by, x):
    groups = by_value(line.points, x) if x else {None: line.points}
    for points in groups.values():
        for axis in results.axes:
            if varies(points, axis) and axis not in by:
                values = ", ".join(value.text for value in values_on(points, axis))
                raise InputError(
                    f"a line has only runs that differ in their seed, and {line.label or 'this one'} would have those with "
                    f"{axis} {values}; allowed: --by {' '.join([*by, axis])}, or --where '{axis}=VALUE'"
                )
        seeds = {}
        for point in points:
            if point.seed in seeds:
                raise InputError(
                    f"{seeds[point.seed].name} and {point.name} are the same point with the same seed; allowed: each once"
                )
            seeds[point.seed] = point


def by_value(points, axis):
    """The points at each value on an axis, in its order."""
    groups = {value: [] for value in values_on(points, axis)}
    for point in points:
        groups[point.value(axis)].append(point)
    return groups


def label_of(by, values):
    """Words tell what they are of; numbers do not."""
    parts = []
    for axis, value in zip(by, values):
        parts.append(value.text if value.number is None and value.text != "none" else f"{axis} = {value.text}")
    return ", ".join(parts)


def limited(lines):
    """InputError where there are more than can be told apart."""
    if len(lines) > MOST_LINES:
        raise InputError(
            f"there would be {len(lines)} lines; allowed: at most {MOST_LINES}, which --by AXIS and --where AXIS=VALUE choose"
        )
    return lines
