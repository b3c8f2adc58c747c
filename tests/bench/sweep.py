#!/usr/bin/env python3
"""What a sweep costs above its runs: its wall time against the sum of its runs' own times divided by the jobs.

usage: tests/bench/sweep.py [--points N] [--jobs N] [--program build/release/bin/descent]

A run's own time is told in two ways: `wall_s` in the run's summary, from reading the scenario to its results, and what
`descent run` takes as a command of its own, which some of the points are measured for, one after the other on each of as many
processors as there are jobs. Ratios of both, and the target of 1.15 for the first.
"""
import argparse
import os
import pathlib
import sqlite3
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parents[2]
SWEEP = '<sweep seeds="1-{seeds}"><axis path="//optimizer/@learning-rate" name="rate" values="0.1, 0.2"/></sweep>'


def write_scenario(directory, points):
    text = (ROOT / "tests/integration/small.xml").read_text()
    text = text.replace("../../platforms", str(ROOT / "platforms"))
    path = directory / "small.xml"
    path.write_text(text.replace("</scenario>", SWEEP.format(seeds=points // 2) + "</scenario>"))
    return path


def timed(command):
    begin = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begin


def direct_time(program, scenario, directory, jobs, runs):
    """Mean seconds of `descent run`, as many at a time as the sweep has jobs."""

    def one(seed):
        return timed([program, "run", scenario, "--seed", str(seed), "--threads", "1", "--quiet", "--out",
                      directory / f"direct-{seed % jobs}"])

    with ThreadPoolExecutor(jobs) as pool:
        times = list(pool.map(one, range(1, runs + 1)))
    return sum(times) / len(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--program", default=ROOT / "build/release/bin/descent")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        directory = pathlib.Path(temporary)
        scenario = write_scenario(directory, arguments.points)
        direct = direct_time(arguments.program, scenario, directory, arguments.jobs, min(100, arguments.points))
        wall = timed([arguments.program, "sweep", scenario, "--quiet", "--jobs", str(arguments.jobs), "--out",
                      directory / "out"])
        results = sqlite3.connect(directory / "out/results.sqlite")
        points, own = results.execute(
            "SELECT count(*), sum(value) FROM metrics JOIN points ON id = point WHERE name = 'wall_s'").fetchone()
        children, = results.execute("SELECT sum(wall_s) FROM points WHERE status = 'done'").fetchone()
    jobs = arguments.jobs
    print(f"{points} points, {jobs} jobs: {wall:.2f} s")
    print(f"  runs' own times / jobs           {own / jobs:8.2f} s   ratio {wall * jobs / own:.3f}  (target 1.15)")
    print(f"  their processes' times / jobs    {children / jobs:8.2f} s   ratio {wall * jobs / children:.3f}")
    print(f"  `descent run` on its own / jobs  {direct * points / jobs:8.2f} s   ratio {wall * jobs / direct / points:.3f}")


if __name__ == "__main__":
    main()
