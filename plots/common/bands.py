"""Medians and their confidence bands over runs with several seeds, and curves of several runs on a common grid."""
import functools

import numpy

CONFIDENCE = 0.95
RESAMPLES = 10_000


@functools.lru_cache
def middle_ranks(count, seed):
    """Of resamples of `count` runs in the order of their values: the two runs in the middle, whose mean is the resample's
    median, and how many resamples have these. The same every time."""
    draws = numpy.random.default_rng(seed).integers(count, size=(RESAMPLES, count))
    middles = numpy.sort(draws, axis=1)[:, [(count - 1) // 2, count // 2]]
    return numpy.unique(middles, axis=0, return_counts=True)


def resampled_medians(samples, seed=1):
    """Medians that occur among resamples of `samples`, shape (runs, …), over its first axis; and how often each does."""
    ranks, counts = middle_ranks(len(samples), seed)
    ascending = numpy.sort(samples, axis=0)
    return (ascending[ranks[:, 0]] + ascending[ranks[:, 1]]) / 2, counts


def bounds(values, counts):
    """Percentiles over the first axis of `values`, of which each occurs so often: values that do occur, so that one beyond
    all numbers spoils no other."""
    order = numpy.argsort(values, axis=0, kind="stable")
    ascending = numpy.take_along_axis(values, order, axis=0)
    until = numpy.cumsum(counts[order], axis=0)
    tail = (1 - CONFIDENCE) / 2
    places = [numpy.argmax(until >= share * counts.sum(), axis=0) for share in (tail, 1 - tail)]
    return [numpy.take_along_axis(ascending, place[numpy.newaxis], axis=0)[0] for place in places]


def median_and_band(samples):
    """Median of `samples` over its first axis, the runs, and the percentile bootstrap's bounds of that median.

    Runs that got nowhere are infinite, and count as such. Of one run the bounds are NaN: it has no band."""
    samples = numpy.asarray(samples, dtype=float)
    median = numpy.median(samples, axis=0)
    if len(samples) == 1:
        return median, numpy.full_like(median, numpy.nan), numpy.full_like(median, numpy.nan)
    return median, *bounds(*resampled_medians(samples))


def common_grid(abscissas, most):
    """Where all of the curves are known: all places at which one has an observation, from the last of their beginnings to
    the first of their ends. Of more than `most`, that many of them, evenly by rank, the ends among them."""
    begin = max(x[0] for x in abscissas)
    end = min(x[-1] for x in abscissas)
    places = numpy.unique(numpy.concatenate(abscissas))
    places = places[(places >= begin) & (places <= end)]
    if len(places) > most:
        places = places[numpy.unique(numpy.linspace(0, len(places) - 1, most).round().astype(int))]
    return places


def on_grid(x, y, grid):
    """The curve as steps: at each place what was last observed there or before. `x` does not decrease."""
    return y[numpy.searchsorted(x, grid, side="right") - 1]


def band_of_curves(curves, most=400):
    """Median and bounds over curves, each a pair (x, y) of arrays: (grid, median, low, high).

    The curves are taken as steps between their observations, onto a common grid that goes no farther than the shortest of
    them: beyond, a median would be one of other runs."""
    grid = common_grid([x for x, _ in curves], most)
    if len(grid) == 0:
        nothing = numpy.empty(0)
        return grid, nothing, nothing, nothing
    return grid, *median_and_band([on_grid(x, y, grid) for x, y in curves])


def curve_of(point, x, y):
    """A run's observations in the two columns, None where it has none. One that is not finite, of a run that diverged, is
    as bad as can be: infinite, minus infinite for an accuracy."""
    abscissas, ordinates = point.curve.get(x), point.curve.get(y)
    if abscissas is None or ordinates is None or not numpy.isfinite(ordinates).any():
        return None
    known = numpy.isfinite(abscissas)
    worst = -numpy.inf if "accuracy" in y else numpy.inf
    return abscissas[known], numpy.where(numpy.isfinite(ordinates), ordinates, worst)[known]
