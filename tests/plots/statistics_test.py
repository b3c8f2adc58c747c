#!/usr/bin/python3
"""Medians, bands, grids, Pareto fronts, labels and tables, against values computed by hand."""
import pathlib
import sys
import unittest

import numpy

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "plots"))
from common.bands import band_of_curves, common_grid, curve_of, median_and_band, on_grid
from common.end_labels import shorten, spread
from common.points import Point
from common.tables import Table, to_csv, to_latex
from common.timeline import thinned, track_of
from kinds.frontier import pareto
from kinds.scaling import line_of


class Bands(unittest.TestCase):
    def test_of_three_runs_the_band_is_all_of_them(self):
        # A resample's median is the least of three with probability 7/27, beyond 2.5 %: the bounds are least and most.
        self.assertEqual([float(number) for number in median_and_band([3.0, 1.0, 7.0])], [3.0, 1.0, 7.0])

    def test_of_many_runs_the_bounds_are_the_order_statistics_of_the_binomial(self):
        # The resampled median of 1…13 is at most k with probability P(Binomial(13, k/13) >= 7): 1.6 % for 3, 7.1 % for 4. So
        # the 2.5 % quantile is 4, and by symmetry the 97.5 % quantile is 10.
        self.assertEqual([float(number) for number in median_and_band(numpy.arange(1.0, 14))], [7.0, 4.0, 10.0])

    def test_one_run_has_no_band(self):
        median, low, high = median_and_band([4.0])
        self.assertEqual(median, 4.0)
        self.assertTrue(numpy.isnan(low) and numpy.isnan(high))

    def test_runs_that_got_nowhere_count(self):
        median, low, high = median_and_band([1.0, numpy.inf, 2.0])
        self.assertEqual((median, low, high), (2.0, 1.0, numpy.inf))

    def test_many_places_are_the_same_as_one_at_a_time(self):
        samples = numpy.random.default_rng(3).normal(size=(5, 1000))
        median, low, high = median_and_band(samples)
        for place in (0, 799, 999):
            self.assertEqual((median[place], low[place], high[place]), median_and_band(samples[:, place]))

    def test_curves_are_steps_no_farther_than_the_shortest(self):
        first = (numpy.array([0.0, 2, 4, 9]), numpy.array([8.0, 6, 4, 2]))
        second = (numpy.array([0.0, 3, 5]), numpy.array([10.0, 5, 1]))
        grid, median, low, high = band_of_curves([first, second])
        self.assertEqual(grid.tolist(), [0, 2, 3, 4, 5])
        self.assertEqual(median.tolist(), [9, 8, 5.5, 4.5, 2.5])
        self.assertEqual(low.tolist(), [8, 6, 5, 4, 1])
        self.assertEqual(high.tolist(), [10, 10, 6, 5, 4])

    def test_a_thinned_grid_keeps_its_ends(self):
        grid = common_grid([numpy.arange(1000.0)], 11)
        self.assertEqual((len(grid), grid[0], grid[-1]), (11, 0, 999))

    def test_of_observations_at_one_place_the_last_counts(self):
        self.assertEqual(on_grid(numpy.array([0.0, 1, 1]), numpy.array([3.0, 2, 1]), numpy.array([1.0]))[0], 1)

    def test_what_diverged_is_as_bad_as_can_be(self):
        curve = {
            "time_s": numpy.array([0.0, 1]),
            "loss": numpy.array([2.0, numpy.nan]),
            "other": numpy.array([numpy.nan] * 2),
        }
        point = Point("p", "r", "s", 1, curve=curve)
        self.assertEqual(curve_of(point, "time_s", "loss")[1].tolist(), [2, numpy.inf])
        self.assertIsNone(curve_of(point, "time_s", "other"))


class Value:
    def __init__(self, number):
        self.number = number


class Scaling(unittest.TestCase):
    def test_speedup_and_efficiency_over_the_fewest_workers(self):
        # Two workers take 12 s, eight 4 s: 2 · 12 / 4 = 6 times, of 8 possible.
        groups = {Value(2): [10.0, 12.0, 14.0], Value(8): [4.0, 3.0, 6.0]}
        few, many = line_of(groups, lambda cost: cost, "speedup")
        self.assertEqual((few[1], few[2], few[5]), (12, 2, 3))
        self.assertTrue(numpy.isnan(few[3]))
        self.assertEqual((many[1], many[2]), (4, 6))
        # Both medians vary: from 2 · 10 / 6 to 2 · 14 / 3, each end with probability (7/27)² = 6.7 %.
        self.assertAlmostEqual(many[3], 20 / 6)
        self.assertAlmostEqual(many[4], 28 / 3)
        self.assertEqual(line_of(groups, lambda cost: cost, "efficiency")[1][2], 0.75)

    def test_without_a_base_there_is_no_line(self):
        self.assertIsNone(line_of({Value(1): [numpy.inf], Value(2): [3.0]}, lambda cost: cost, "speedup"))


class Fronts(unittest.TestCase):
    def test_pareto(self):
        self.assertEqual(
            pareto([(1, 9), (2, 5), (2, 6), (3, 5), (4, 1), (4, 1)]), [True, True, False, False, True, True]
        )


class Labels(unittest.TestCase):
    def test_they_stay_where_they_do_not_collide(self):
        self.assertEqual(spread([0, 20, 50], [10, 10, 10]).tolist(), [0, 20, 50])

    def test_those_that_collide_move_apart_by_as_little_as_needed(self):
        self.assertEqual(spread([20, 20], [10, 10]).tolist(), [15, 25])
        self.assertEqual(spread([30, 0, 32, 31], [10, 10, 10, 10]).tolist(), [21, 0, 41, 31])

    def test_long_names_lose_their_middle(self):
        self.assertEqual(shorten("asp, rate = 0.1", 12), "asp,\nrate\u00a0=\u00a00.1")
        self.assertEqual(shorten("alpha beta gamma", 10), "alpha beta\ngamma")
        short = shorten("x" * 30 + "y" * 30, 10)
        self.assertIn("…", short)
        self.assertLessEqual(max(map(len, short.split("\n"))), 11)


class Tables(unittest.TestCase):
    table = Table(
        ["name_1", "value"], [["a_b & 50 %", 1.5], ["c", float("inf")], ["d", None], ["e", 1234567.0], ["f", 3]]
    )

    def test_csv(self):
        self.assertEqual(to_csv(self.table), "name_1,value\na_b & 50 %,1.5\nc,inf\nd,\ne,1234567\nf,3\n")

    def test_latex(self):
        lines = to_latex(self.table).splitlines()
        self.assertEqual(lines[1:5], [r"\begin{tabular}{lr}", r"\toprule", r"name\_1 & value \\", r"\midrule"])
        self.assertEqual(lines[5], r"a\_b \& 50 \% & $1.500$ \\")
        self.assertEqual(lines[6:10], [r"c & $\infty$ \\", r"d & -- \\", r"e & $1.235 \times 10^{6}$ \\", r"f & 3 \\"])
        self.assertEqual(lines[10:], [r"\bottomrule", r"\end{tabular}"])


class Timelines(unittest.TestCase):
    track = track_of("worker 0", [(0.0, 0.6, 0), (0.6, 1.0, 1), (1.0, 1.9, 0), (3.0, 4.0, 2)])

    def test_few_stretches_are_kept(self):
        cut, was_thinned = thinned(self.track, 0.5, 3.5, 4)
        self.assertFalse(was_thinned)
        self.assertEqual((cut.begins.tolist(), cut.ends.tolist()), ([0.5, 0.6, 1.0, 3.0], [0.6, 1.0, 1.9, 3.5]))

    def test_many_become_what_pieces_of_time_were_mostly_used_for(self):
        cut, was_thinned = thinned(self.track, 0.0, 4.0, 2)
        self.assertTrue(was_thinned)
        # 1.5 s of computing in the first half; in the second, nothing and waiting are equal, and what is known goes first.
        self.assertEqual((cut.begins.tolist(), cut.ends.tolist(), cut.kinds.tolist()), ([0, 2], [2, 4], [0, 2]))


if __name__ == "__main__":
    unittest.main()
