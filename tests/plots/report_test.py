#!/usr/bin/python3
"""`plots/report.py`: its page in a real browser, where a test clicks and reads; and what it refuses."""
import contextlib
import io
import pathlib
import sys
import tempfile
import unittest
import unittest.mock

sys.path[:0] = [str(pathlib.Path(__file__).parents[2] / "plots"), str(pathlib.Path(__file__).parent)]
import browser
import report
from common.errors import exit_code_of
from made_results import made_point, write_run, write_sweep


def run_report(*words):
    """Exit code and standard error."""
    err = io.StringIO()
    with unittest.mock.patch("sys.argv", ["report.py", *map(str, words)]):
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(err):
            return exit_code_of("descent report", report.main), err.getvalue()


TRACE = [
    (0, "compute", 0, 1),
    (0, "communicate", 1, 1.25),
    (0, "wait", 1.25, 4),
    (1, "compute", 0, 2.5),
    (1, "communicate", 2.5, 4),
]


def made_sweep(directory):
    """asp and bsp, of k = 2 and 10, with three seeds, and a point that failed, whose message would be HTML. The first two
    points have a timeline."""
    points = []
    for consistency, factor in [("asp", 1.0), ("bsp", 2.0)]:
        for k in ("2", "10"):
            for seed in (1, 2, 3):
                curve = [(time, (8 + seed) * factor / (1 + time) + int(k) / 10) for time in range(6)]
                trace = TRACE if len(points) < 2 else None
                points.append(made_point({"consistency": consistency, "k": k}, seed, curve, trace=trace))
    points.append(made_point({"consistency": "bsp", "k": "3"}, 1, status="failed", message="</script><b>no memory</b>"))
    return write_sweep(directory / "results.sqlite", points, scenario="a <i>name</i>")


class Refusals(unittest.TestCase):
    def test_bad_input_writes_nothing(self):
        with tempfile.TemporaryDirectory() as holder:
            directory = pathlib.Path(holder)
            sweep = made_sweep(directory)
            newer = write_sweep(directory / "newer.sqlite", [], version=9)
            for words, said in [
                ([sweep, "--out", directory / "x.pdf"], "a name that ends in .html"),
                ([newer], "has version 9 of the results' tables"),
                ([directory / "none"], "is not there"),
            ]:
                with self.subTest(said=said):
                    code, err = run_report(*words)
                    self.assertEqual(code, 2)
                    self.assertIn(said, err)
            self.assertEqual(len(list(directory.iterdir())), 2)


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(holder.cleanup)
        directory = pathlib.Path(holder.name)
        run = write_run(directory / "traced", "one", 1, [(0, 1), (4, 0.5)], trace=TRACE)
        cls.file = directory / "report.html"
        code, err = run_report(made_sweep(directory), run, "--out", cls.file)
        assert code == 0, err
        cls.page = browser.Browser()
        cls.addClassCleanup(cls.page.close)

        cls.page.open(cls.file)
        cls.page.wait_for("document.getElementById('chart').data !== undefined")

    def setUp(self):
        """As the page is when it has been opened, but for the order of rows: opening it takes a second."""
        for name, value, event in [("filter", "", "input"), ("abscissa", "time_s", "change"), ("time", "0", "input")]:
            self.put(name, value, event)
        self.page.click("#all")

    def put(self, name, value, event):
        """Into a field of the page."""
        self.page.read(
            f"(() => {{ const field = document.getElementById('{name}'); field.value = '{value}';"
            f"field.dispatchEvent(new Event('{event}')); }})()"
        )

    def cells(self, column):
        return self.page.read(
            f"(() => {{ const place = data.table.columns.findIndex((each) => each.name === '{column}');"
            "return [...document.querySelectorAll('#table tbody tr')].map((row) => row.cells[place].textContent); })()"
        )

    def visible(self):
        """Names of the lines that are drawn, bands apart."""
        return self.page.read(
            "document.getElementById('chart').data.filter((t) => t.name && t.visible).map((t) => t.name)"
        )

    def test_it_needs_nothing_from_elsewhere(self):
        self.assertEqual(self.page.problems, [])
        foreign = [url for url in self.page.requests if not url.startswith(("file:", "data:", "blob:", "about:"))]
        self.assertEqual(foreign, [])
        self.assertLess(self.file.stat().st_size, 3e6)

    def test_names_are_no_html(self):
        self.assertEqual(self.page.read("document.getElementById('title').textContent"), "a <i>name</i>")
        self.assertIn("</script><b>no memory</b>", self.cells("message"))
        self.assertIn("13 points: 12 done, 1 failed", self.page.read("document.getElementById('lead').textContent"))
        self.assertIn("abc1234", self.page.read("document.getElementById('origins').textContent"))

    def test_a_click_sorts_by_numbers_and_a_second_one_the_other_way(self):
        self.page.click("#table th[data-column=k] button")
        self.assertEqual(self.cells("k"), ["2"] * 6 + ["3"] + ["10"] * 6)
        self.page.click("#table th[data-column=k] button")
        self.assertEqual(self.cells("k"), ["10"] * 6 + ["3"] + ["2"] * 6)
        # What has no value goes last either way.
        self.page.click("#table th[data-column=loss] button")
        losses = self.cells("loss")
        self.assertEqual(losses[-1], "–")
        self.assertEqual([float(loss) for loss in losses[:-1]], sorted(float(loss) for loss in losses[:-1]))

    def test_the_filter_chooses_rows(self):
        self.page.click("#filter")
        self.page.call("Input.insertText", text="no mem")
        self.assertEqual(self.cells("k"), ["3"])
        self.assertEqual(self.page.read("document.getElementById('row-count').textContent"), "1 of 13 points")

    def test_a_click_hides_and_shows_a_line(self):
        names = ["asp, k = 2", "asp, k = 10", "bsp, k = 2", "bsp, k = 10"]
        self.assertEqual(self.visible(), names)
        self.page.click("#series input[data-line='1']")
        self.assertEqual(self.visible(), [names[0], names[2], names[3]])
        self.page.click("#series input[data-line='1']")
        self.assertEqual(self.visible(), names)
        self.page.click("#none")
        self.assertEqual(self.visible(), [])

    def test_curves_are_medians_with_bands(self):
        line = self.page.read("document.getElementById('chart').data.find((t) => t.name === 'asp, k = 2').y")
        # Seed 2 is the median: 10 / (1 + t) + 0.2.
        for value, time in zip(line, range(6)):
            self.assertAlmostEqual(value, 10 / (1 + time) + 0.2, places=4)
        lows = self.page.read("document.getElementById('chart').data[0].y")
        self.assertAlmostEqual(lows[0], 9.2, places=4)
        self.put("abscissa", "bytes_sent", "change")
        self.assertEqual(self.page.read("document.getElementById('chart').data.at(-1).x"), [0, 100, 200, 300, 400, 500])

    def activity(self):
        return self.page.read(
            "[...document.querySelectorAll('#activity tbody tr')].map((row) => row.cells[1].textContent.trim())"
        )

    def test_every_run_with_a_trace_has_a_timeline(self):
        names = "[...document.querySelectorAll('#run-choice option')].map((option) => option.textContent)"
        sweep = self.file.parent.name
        self.assertEqual(self.page.read(names), ["traced", f"point 1 of {sweep}", f"point 2 of {sweep}"])
        self.put("run-choice", "2", "change")
        self.assertEqual(self.activity(), ["compute", "compute"])
        self.put("run-choice", "0", "change")

    def test_the_timeline_moves(self):
        self.assertEqual(self.activity(), ["compute", "compute"])
        self.assertEqual(self.page.read("document.getElementById('now').textContent"), "at 0 s of 4 s")
        self.page.click("#time")  # the middle
        self.assertEqual(self.activity(), ["idle", "compute"])
        self.page.press("End", 35)
        self.assertEqual(self.page.read("document.getElementById('now').textContent"), "at 4 s of 4 s")
        self.page.press("Home", 36)
        self.assertEqual(self.activity(), ["compute", "compute"])
        self.page.click("#canvas")
        rows = self.page.read(
            "[...document.querySelectorAll('#activity tbody tr')].map((row) => [...row.cells].map((c) => c.textContent.trim()))"
        )
        self.assertEqual(rows[0][1:], ["idle", "1.25 s", "4 s"])
        self.assertEqual(rows[1][0], "worker 1 on node-1")

    def test_the_timeline_is_drawn(self):
        """A dot in the first rank's row has the colour of what it does there: at a fortieth of the time, and at three
        quarters."""
        for share, colour in [(0.025, [0, 114, 178]), (0.75, [217, 217, 217])]:
            dot = self.page.read(
                "(() => { const c = document.getElementById('canvas'); const r = window.devicePixelRatio; const x = Number(c.dataset.begin) + "
                f"{4 * share} * Number(c.dataset.scale); return [...c.getContext('2d').getImageData(x * r, 9 * r, 1, 1).data].slice(0, 3); }})()"
            )
            self.assertEqual(dot, colour)


if __name__ == "__main__":
    lacking = browser.missing() or ("" if report.PLOTLY.exists() else "python3-plotly")
    if lacking:
        print(f"skipped: there is no {lacking} on this machine")
        sys.exit(77)
    unittest.main()
