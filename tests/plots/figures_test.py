#!/usr/bin/python3
"""`plots/plot.py` on results made by hand: its tables against values computed by hand, its files, and what it refuses."""
import contextlib
import csv
import io
import pathlib
import re
import sys
import tempfile
import unittest
import unittest.mock

sys.path[:0] = [str(pathlib.Path(__file__).parents[2] / "plots"), str(pathlib.Path(__file__).parent)]
import plot
from common.errors import exit_code_of
from made_results import made_point, write_run, write_sweep

INF = float("inf")


class Figures(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.directory = pathlib.Path(holder.name)

    def sweep(self, points, **identity):
        return write_sweep(self.directory / "results.sqlite", points, **identity)

    def run_plot(self, *words):
        """Exit code, standard output, standard error."""
        out, err = io.StringIO(), io.StringIO()
        with unittest.mock.patch("sys.argv", ["plot.py", *map(str, words)]):
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                try:
                    code = exit_code_of("descent plot", plot.main)
                except SystemExit as end:
                    code = end.code
        return code, out.getvalue(), err.getvalue()

    def table(self, *words):
        """Of what is drawn: the header, and the rows with numbers where there are any."""
        out = self.directory / "figure.png"
        code, _, err = self.run_plot(*words, "--out", out, "--table")
        self.assertEqual(code, 0, err)
        self.assertTrue(out.read_bytes().startswith(b"\x89PNG"))
        with open(self.directory / "figure-table.csv", newline="") as file:
            header, *rows = csv.reader(file)
        return header, [[self.number(cell) for cell in row] for row in rows]

    @staticmethod
    def number(cell):
        try:
            return float(cell)
        except ValueError:
            return cell

    def refused(self, *words):
        """The message of a figure that is not made; nothing is written."""
        before = sorted(self.directory.rglob("*"))
        code, out, err = self.run_plot(*words)
        self.assertEqual((code, out), (2, ""), err)
        self.assertEqual(sorted(self.directory.rglob("*")), before)
        return err

    def two_lines(self):
        """asp with three seeds, bsp with two."""
        curves = {
            ("asp", 1): [(0, 8), (2, 4), (4, 1)],
            ("asp", 2): [(0, 8), (1, 6), (3, 3)],
            ("asp", 3): [(0, 8), (2, 2), (6, 1)],
            ("bsp", 1): [(0, 8), (4, 6)],
            ("bsp", 2): [(0, 8), (4, 4)],
        }
        return [made_point({"consistency": name}, seed, curve) for (name, seed), curve in curves.items()]

    def test_loss_against_time(self):
        header, rows = self.table("loss", self.sweep(self.two_lines()))
        self.assertEqual(header, ["consistency", "time_s", "loss median", "low", "high", "runs"])
        self.assertEqual(
            rows[:4], [["asp", 0, 8, 8, 8, 3], ["asp", 1, 8, 6, 8, 3], ["asp", 2, 4, 2, 6, 3], ["asp", 3, 3, 2, 4, 3]]
        )
        self.assertEqual(rows[4:], [["bsp", 0, 8, 8, 8, 2], ["bsp", 4, 5, 4, 6, 2]])
        latex = (self.directory / "figure-table.tex").read_text()
        self.assertIn("asp & 3 & 3 & 2 & 4 & 3 \\\\", latex)
        self.assertNotIn("asp & 1 &", latex)

    def test_labels_of_ones_own(self):
        words = [self.sweep(self.two_lines()), "--x-label", "hours", "--y-label", "regret"]
        figure = self.directory / "figure.svg"
        self.assertEqual(self.run_plot("loss", *words, "--out", figure)[0], 0)
        text = figure.read_text()
        self.assertIn(">hours<", text)
        self.assertIn(">regret<", text)
        self.assertIn("--x-label means nothing to staleness", self.refused("staleness", *words))

    def test_accuracy_against_bytes(self):
        header, rows = self.table(
            "accuracy", self.sweep(self.two_lines()), "--x", "bytes", "--where", "consistency=bsp"
        )
        self.assertEqual(header[:2], ["bytes_sent", "test_accuracy median"])
        self.assertEqual([row[0] for row in rows], [0, 100])
        self.assertAlmostEqual(rows[1][1], 0.5)

    def test_a_run_that_diverges_ends_no_other(self):
        curves = [[(0, 4), (1, 3)], [(0, 4), (1, None)], [(0, 4), (1, 2)]]
        points = [made_point({}, seed, curve) for seed, curve in enumerate(curves)]
        _, rows = self.table("loss", self.sweep(points), "--log", "y")
        self.assertEqual(rows, [[0, 4, 4, 4, 3], [1, 3, 2, INF, 3]])

    def test_time_to_target(self):
        times = {("2", 1): 3, ("2", 2): 1, ("2", 3): 2, ("4", 1): 5, ("4", 2): None, ("4", 3): None}
        points = [
            made_point({"k": k}, seed, [(0, 1), (9, 0.5)], {} if time is None else {"time_to_target_s": time})
            for (k, seed), time in times.items()
        ]
        file = self.sweep(points)
        header, rows = self.table("target", file)
        self.assertEqual(header, ["k", "time_to_target_s median", "low", "high", "reached", "runs"])
        self.assertEqual(rows, [[2, 2, 1, 3, 3, 3], [4, INF, 5, INF, 1, 3]])
        code, _, err = self.run_plot("target", file, "--out", self.directory / "t.png")
        self.assertEqual(code, 0)
        self.assertIn("1 points (△) are without a median", err)

    def test_time_to_a_target_that_is_given(self):
        header, rows = self.table("target", self.sweep(self.two_lines()), "--target", 4)
        self.assertEqual(rows, [["asp", 2, 2, 3, 3, 3], ["bsp", INF, 4, INF, 1, 2]])
        _, rows = self.table("target", self.directory / "results.sqlite", "--y", "test_accuracy", "--target", 0.75)
        self.assertEqual(rows[0], ["asp", 4, 2, INF, 2, 3])

    def test_speedup_and_efficiency(self):
        times = {("1", 1): 12, ("1", 2): 10, ("1", 3): 14, ("4", 1): 4, ("4", 2): 3, ("4", 3): 6}
        points = [
            made_point({"workers": w}, seed, [(0, 1), (time, 0.5)], {"workers": float(w), "samples": 100.0})
            for (w, seed), time in times.items()
        ]
        header, rows = self.table("speedup", self.sweep(points))
        self.assertEqual(header, ["workers", "time per sample median", "speedup median", "low", "high", "runs"])
        self.assertEqual(rows[0], [1, 0.12, 1, "", "", 3])
        self.assertEqual(rows[1][:3], [4, 0.04, 3])
        self.assertAlmostEqual(rows[1][3], 10 / 6)
        self.assertAlmostEqual(rows[1][4], 14 / 3)
        _, rows = self.table("efficiency", self.directory / "results.sqlite")
        self.assertEqual(rows[1][2], 0.75)

    def metric_sweep(self):
        """Two lines, of which asp has nothing at k = 4."""
        means = {("bsp", "2"): [1.5, 1.4, 1.7], ("bsp", "4"): [2.0, 2.2, 2.1], ("asp", "2"): [0.5, 0.6, 0.4]}
        points = [
            made_point({"how": how, "k": k}, seed, metrics={"iteration_time_s.mean": value})
            for (how, k), values in means.items()
            for seed, value in enumerate(values, 1)
        ]
        return self.sweep([*points, made_point({"how": "asp", "k": "4"}, 1)])

    def test_metric(self):
        header, rows = self.table("metric", self.metric_sweep(), "--x", "k", "--y", "iteration_time_s.mean")
        self.assertEqual(header, ["k", "how", "iteration_time_s.mean median", "low", "high", "runs"])
        self.assertEqual(rows, [[2, "bsp", 1.5, 1.4, 1.7, 3], [4, "bsp", 2.1, 2, 2.2, 3], [2, "asp", 0.5, 0.4, 0.6, 3]])

    def test_metric_beside_a_formula(self):
        formula = self.directory / "formula.csv"
        formula.write_text("how,k,note,iteration_time_s.mean\nbsp,2,a,1.5\nbsp,4,b,2.0833\nbsp,8,c,2.7179\n")
        drawn = []
        words = ["metric", self.metric_sweep(), "--x", "k", "--y", "iteration_time_s.mean", "--reference", formula]
        with unittest.mock.patch("kinds.metric.draw_reference", lambda *of: drawn.append(of[3])):
            code, out, err = self.run_plot(*words, "--out", self.directory / "m.png")
        self.assertEqual(code, 0, err)
        self.assertEqual(drawn, [{"2": 1.5, "4": 2.0833}, {}])
        self.assertIn("Broad lines: formula.csv.", out)
        self.assertEqual(self.run_plot(*words, "--out", self.directory / "m.png")[0], 0)

    def test_staleness(self):
        points = [
            made_point({"s": s}, seed, [(0, 1), (1, 1)], staleness={"0": 6, s: 2})
            for s in ("1", "3")
            for seed in (1, 2)
        ]
        header, rows = self.table("staleness", self.sweep(points))
        self.assertEqual(header, ["s", "staleness", "share", "gradients"])
        self.assertEqual(rows, [[1, 0, 0.75, 12], [1, 1, 0.25, 4], [3, 0, 0.75, 12], [3, 3, 0.25, 4]])

    def test_frontier(self):
        ends = {("asp", "1"): (1, 9), ("asp", "2"): (2, 5), ("bsp", "1"): (3, 5), ("bsp", "2"): (4, 1)}
        points = [made_point({"consistency": c, "k": k}, 1, [(0, 10), end]) for (c, k), end in ends.items()]
        points.append(made_point({"consistency": "bsp", "k": "3"}, 1, [(0, 10), (5, None)]))
        header, rows = self.table("frontier", self.sweep(points))
        self.assertEqual(header[:3], ["consistency", "k", "time_s median"])
        fronts = {(row[0], row[1]): row[-2] for row in rows}
        self.assertEqual(fronts, {("asp", 1): "yes", ("asp", 2): "yes", ("bsp", 1): "no", ("bsp", 2): "yes"})

    def test_gantt(self):
        trace = [(0, "compute", 0, 1), (0, "wait", 1, 4), (1, "compute", 0, 2.5), (1, "communicate", 2.5, 4)]
        run = write_run(self.directory / "run", "one", 1, [(0, 1), (4, 0.5)], trace=trace)
        header, rows = self.table("gantt", run)
        self.assertEqual(header, ["rank", "compute_s", "communicate_s", "wait_s", "fault_s"])
        self.assertEqual(rows, [["worker 0 on node-0", 1, 0, 3, 0], ["worker 1 on node-1", 2.5, 1.5, 0, 0]])
        _, rows = self.table("gantt", run, "--from", 2, "--to", 3)
        self.assertEqual(rows, [["worker 0 on node-0", 0, 0, 1, 0], ["worker 1 on node-1", 0.5, 0.5, 0, 0]])
        curve = [(0, 1), (4, 0.5)]
        sweep = self.sweep([made_point({"k": "1"}, 1, curve), made_point({"k": "2"}, 1, curve, trace=trace[:2])])
        _, rows = self.table("gantt", sweep, "--point", 2)
        self.assertEqual(rows, [["worker 0 on node-0", 1, 0, 3, 0]])
        self.assertIn("those with a timeline are 2 to 2", self.refused("gantt", sweep))
        self.assertIn("point 1 has no timeline", self.refused("gantt", sweep, "--point", 1))
        self.assertIn("is a single run", self.refused("gantt", run, "--point", 1))

    def test_validation(self):
        path = self.directory / "validation.csv"
        path.write_text(
            "scenario,quantity,unit,measured_median,measured_min,measured_max,predicted,error\n"
            "ring,iteration_time_s,s,0.02,0.01,0.03,0.021,0.05\nring,time_s,s,2,1,3,2.1,0.05\nbad,iteration_time_s,s,,,,,\n"
        )
        before = path.read_text()
        self.assertEqual(self.run_plot("validation", path, "--table")[0], 0)
        self.assertEqual(path.read_text(), before)  # its own table is beside it
        _, rows = self.table("validation", path)
        self.assertEqual(rows, [["ring", 0.02, 0.01, 0.03, 0.021, 5]])

    def test_single_runs_are_told_apart_by_what_differs(self):
        runs = [
            write_run(self.directory / f"{name}-{seed}", "one", seed, [(0, 4), (1, last)], name)
            for name, seed, last in [("bsp", 1, 3), ("bsp", 2, 1), ("asp", 1, 2)]
        ]
        header, rows = self.table("loss", *runs)
        self.assertEqual(header[0], "consistency")
        self.assertEqual(rows[1:], [["bsp", 1, 2, 1, 3, 2], ["asp", 0, 4, "", "", 1], ["asp", 1, 2, "", "", 1]])

    def test_pdf_has_the_paper_size_and_truetype_fonts(self):
        file = self.sweep(self.two_lines())
        for columns, width in [("1", 3.5), ("2", 7.2)]:
            code, out, err = self.run_plot("loss", file, "--columns", columns)
            self.assertEqual(code, 0, err)
            content = (self.directory / "loss.pdf").read_bytes()
            box = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ", content)
            self.assertAlmostEqual(float(box[1]), 72 * width, places=2)
            self.assertIn(b"/FontFile2", content)
            self.assertNotIn(b"/Type3", content)
            self.assertIn("medians over 2 to 3 seeds", out)
            self.assertTrue((self.directory / "loss.png").exists())
            self.run_plot("loss", file, "--columns", columns)
            self.assertEqual((self.directory / "loss.pdf").read_bytes(), content)

    def test_points_without_results_are_told(self):
        points = self.two_lines() + [made_point({"consistency": "ssp"}, 1, status="failed", message="out of memory")]
        _, _, err = self.run_plot("loss", self.sweep(points))
        self.assertIn("of 6 points 5 are drawn: 1 failed", err)

    def test_many_lines_with_long_names(self):
        axes = [("a strategy with quite a long name that has no end", str(k)) for k in range(12)]
        points = [made_point({"name": name, "k": k}, 1, [(0, 9), (1, 2)]) for name, k in axes]
        points += [
            made_point(
                {"name": "another, of which the same can be said as of the other", "k": "0"}, 1, [(0, 9), (1, 2)]
            )
        ]
        _, rows = self.table("loss", self.sweep(points))
        self.assertEqual(len({tuple(row[:2]) for row in rows}), 13)

    def test_bad_input(self):
        grid = [made_point({"k": k, "rate": r}, 1, [(0, 2), (1, 1)]) for k in "12" for r in "34"]
        file = self.sweep(grid)
        empty = self.directory / "empty"
        empty.mkdir()
        text = self.directory / "text.sqlite"
        text.write_text("no database\n" * 100)
        other = write_sweep(self.directory / "other.sqlite", grid, scenario="other", digest="d2")
        newer = write_sweep(self.directory / "newer.sqlite", grid, version=7)
        failed = write_sweep(
            self.directory / "failed.sqlite", [made_point({"k": "1"}, 1, status="failed", message="no")]
        )
        run = write_run(self.directory / "run", "one", 1, [(0, 1), (4, 0.5)])
        metric = ["metric", file, "--x", "k", "--y", "loss"]
        no_column, no_number = self.directory / "no-column.csv", self.directory / "no-number.csv"
        no_column.write_text("k,rate\n1,3\n")
        no_number.write_text("k,rate,loss\n1,3,1\n1,4,two\n")
        twice = self.directory / "twice.csv"
        twice.write_text("k,rate,loss\n1,3,1\n1,3,2\n")
        for words, said in [
            (["los", file], "there is no figure 'los' (did you mean 'loss'?)"),
            (["loss", file, "--y", "test_los"], "there is no metric 'test_los'"),
            (["loss", file, "--y", "los"], "(did you mean 'loss'?)"),
            (["loss", file, "--x", "tme"], "(did you mean 'time'?)"),
            (["loss", file, "--by", "rat"], "there is no axis 'rat' (did you mean 'rate'?)"),
            (
                ["loss", file, "--by", "k"],
                "a line has only runs that differ in their seed, and k = 1 would have those with rate 3, 4",
            ),
            (["loss", file, "--where", "k=9"], "there is no value on axis 'k': '9'; there are: 1, 2"),
            (["loss", file, "--where", "k"], "allowed: AXIS=VALUE"),
            (["loss", file, "--log", "z"], "--log z: allowed: x, y or x,y"),
            (["loss", file, "--target", "1"], "--target means nothing to loss"),
            (["loss", file, "--out", "x.doc"], "allowed: a name that ends in .pdf, .png, .svg"),
            (["loss", file, other], "different scenarios: 'made'"),
            (["loss", file, run], "either sweeps or single runs"),
            (["loss", run, run], "the same point with the same seed"),
            (["loss", newer], "has version 7 of the results' tables; allowed: version 3"),
            (["loss", text], "is no results file of `descent sweep`"),
            (["loss", empty], "neither results.sqlite nor summary.json"),
            (["loss", self.directory / "nowhere"], "is not there"),
            (["loss", failed], "nothing to draw: of 1 points none is done"),
            (["target", file, "--x", "k"], "no run reached a target"),
            (["target", file], "along which axis? These vary: k, rate"),
            (["metric", file, "--x", "k"], "metric needs --y METRIC; there are: "),
            (["metric", file, "--x", "k", "--y", "los"], "(did you mean 'loss'?)"),
            ([*metric, "--reference", no_column], "no-column.csv:1: has no column loss; needed: k, rate, loss"),
            ([*metric, "--reference", no_number], "no-number.csv:3: loss 'two' is no number"),
            ([*metric, "--reference", twice], "twice.csv:3: a second number for the same place"),
            (["speedup", file], "all runs have the same workers"),
            (["staleness", file], "no run has noted the staleness"),
            (["gantt", run], "has no timeline.json"),
            (["gantt", run, run], "draws one run, and not 2"),
            (["validation", text], "not what descent validate writes"),
        ]:
            with self.subTest(words=[str(word) for word in words]):
                self.assertIn(said, self.refused(*words))

    def test_different_scenarios_may_be_compared_when_asked_for(self):
        first = self.sweep(self.two_lines())
        other = write_sweep(self.directory / "other.sqlite", self.two_lines(), scenario="other", digest="d2")
        header, rows = self.table("loss", first, other, "--by", "scenario", "consistency")
        self.assertEqual(header[:2], ["scenario", "consistency"])
        self.assertEqual(
            {(row[0], row[1]) for row in rows}, {(s, c) for s in ("made", "other") for c in ("asp", "bsp")}
        )

    def test_what_cannot_be_written_leaves_all_as_it_was(self):
        file = self.sweep(self.two_lines())
        (self.directory / "loss.png").write_text("before")
        (self.directory / "loss.pdf").mkdir()
        code, _, _ = self.run_plot("loss", file)
        self.assertEqual(code, 1)
        self.assertEqual((self.directory / "loss.png").read_text(), "before")
        self.assertEqual([path.name for path in self.directory.iterdir() if path.name.startswith(".")], [])


if __name__ == "__main__":
    unittest.main()
