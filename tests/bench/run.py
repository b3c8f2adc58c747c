#!/usr/bin/python3
"""Runs the benchmarks, each case in a process of its own and ours and the other side in turn, and prints one table.

    tests/bench/run.py [--build build/release] [--repeats 3] [--json FILE] [PATTERN]

Of several repeats the least counts: on a shared machine noise only ever adds.
"""
import argparse
import dataclasses
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import typing


@dataclasses.dataclass(frozen=True)
class Side:
    """A program of the build and a case of it; so many ranks where mpirun starts it."""
    program: str
    case: str
    ranks: typing.Optional[int] = None


@dataclasses.dataclass(frozen=True)
class Row:
    """What is compared. Without a side to beat the target is what ours may take itself, in seconds or MB."""
    what: str
    ours: Side
    theirs: typing.Optional[Side]
    target: float
    against: str
    measure: str = "time"


BARE = Side("d_sgd", "mathematics/workers:64")
SUMMED = Side("d_sgd", "gathered_and_summed/workers:64")
ASYNCHRONOUS = Side("s4u_async", "message/workers:10000")


def d_sgd(threads):
    return Side("d_sgd", f"simulated/workers:64/threads:{threads}")


ROWS = [
    Row("D-SGD step, 64 workers, MLP 784-256-10, 1 thread", d_sgd(1), BARE, 1.10, "bare Eigen gradients, 1 thread"),
    Row("D-SGD step, the same, 2 threads", d_sgd(2), BARE, 0.58, "bare Eigen gradients, 1 thread"),
    Row("D-SGD step, the same, 1 thread", d_sgd(1), SUMMED, 1.10, "the same, batches gathered, gradients summed"),
    *(Row(f"ring by messages, {ranks:,} ranks, {name}", Side("ring", f"{case}/ranks:{ranks}"),
          Side("s4u_ring", f"{case}/ranks:{ranks}"), 1.2, "hand-written S4U")
      for ranks in (64, 256, 1024) for name, case in (("jittered", "message"), ("lockstep", "lockstep"))),
    *(Row(f"ring as a schedule, {ranks:,} ranks, a transfer", Side("ring", f"schedule/ranks:{ranks}"),
          Side("ring", f"recurrence/ranks:{ranks}"), 2.0, "the bare recurrence") for ranks in (1024, 4096)),
    *(Row(f"ring as a schedule, {ranks:,} ranks, memory", Side("ring", f"schedule/ranks:{ranks}"), None, 100, "-",
          "memory") for ranks in (1024, 4096)),
    *(Row(f"asynchronous update, 10,000 workers, {case}", Side("async", f"{case}/workers:10000"), ASYNCHRONOUS, 1.25,
          "hand-written S4U") for case in ("schedule", "message")),
    *(Row(f"asynchronous server, 10,000 workers, {case}", Side("async", f"{case}/workers:10000"), ASYNCHRONOUS, 1.3,
          "hand-written S4U", "memory") for case in ("schedule", "message")),
    Row("asynchronous server, 100,000 workers", Side("async", "schedule/workers:100000"), None, 8000, "-", "memory"),
    *(Row(f"1,024 replicas of 10 MB, {collective}", Side("replicas", f"replicas/{collective}/workers:1024"), None, 500,
          "one copy each: 10 GB", "memory") for collective in ("ring", "tree")),
    Row("start-up of a trivial scenario", Side("startup", "startup"), None, 0.1, "-"),
    *(Row(f"MPI step, {ranks} ranks, MLP 784-256-10, {collective}", Side("mpi_step", collective, ranks),
          Side("eigen_mpi_step", "step", ranks), 1.05, "hand-written Eigen and MPI")
      for ranks in (2, 4) for collective in ("ring", "native")),
    *(Row(f"our ring over MPI, {ranks} ranks, {mebibytes} MiB", Side("mpi_ring", f"ring/MiB:{mebibytes}", ranks),
          Side("mpi_allreduce", f"allreduce/MiB:{mebibytes}", ranks), 1.3, "MPI_Allreduce")
      for ranks in (2, 4) for mebibytes in (1, 16, 64)),
]


def mpirun(ranks):
    """What starts a program on so many ranks of this machine."""
    words = ["mpirun", "-n", str(ranks), "--oversubscribe"]
    if ranks > os.cpu_count():
        words += ["--mca", "mpi_yield_when_idle", "1"]  # or they spin against each other
    return words + (["--allow-run-as-root"] if os.geteuid() == 0 else [])


def measure(build, side):
    """Runs one case in one process: its report; of the fastest, where the case repeats itself."""
    command = mpirun(side.ranks) if side.ranks else []
    command += [str(build / "bin" / f"bench_{side.program}"), f"--benchmark_filter=^{side.case}(/|$)",
                "--benchmark_format=json"]
    done = subprocess.run(command, capture_output=True, text=True)
    try:
        reports = json.loads(done.stdout)["benchmarks"]
        return max((r for r in reports if r["run_type"] == "iteration"), key=lambda r: r["items_per_second"])
    except (ValueError, LookupError):
        sys.exit(f"run.py: {' '.join(command)} failed: {done.stderr}")


def value(row, report):
    return report["memory_MB"] if row.measure == "memory" else 1 / report["items_per_second"]


def text(row, number):
    """Three digits, seconds as what one would say."""
    if row.measure == "memory":
        return f"{number:.3g} MB" if number < 1000 else f"{number / 1000:.3g} GB"
    for unit, name in ((1, "s"), (1e-3, "ms"), (1e-6, "us")):
        if number >= unit:
            return f"{number / unit:.3g} {name}"
    return f"{number / 1e-9:.3g} ns"


def machine():
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return f"{os.cpu_count()} cores of {model[1] if model else 'an unknown processor'}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = pathlib.Path(__file__).resolve().parents[2]
    parser.add_argument("pattern", nargs="?", default="", help="only rows whose name has this regular expression")
    parser.add_argument("--build", type=pathlib.Path, default=root / "build" / "release")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", type=pathlib.Path, help="all reports, as Google Benchmark gave them")
    options = parser.parse_args()

    rows = [row for row in ROWS if re.search(options.pattern, row.what)]
    reports = {}
    print(f"{time.strftime('%Y-%m-%d')}, {machine()}; one item each, the least of {options.repeats}\n")
    print("| what | ours | to beat | ratio | target | against |\n|---|---|---|---|---|---|", flush=True)
    for row in rows:
        sides = [side for side in (row.ours, row.theirs) if side]
        if any(side not in reports for side in sides):  # rows that share a side share its measurements
            for side in sides * options.repeats:
                reports.setdefault(side, []).append(measure(options.build, side))
        ours = min(value(row, report) for report in reports[row.ours])
        if row.theirs:
            theirs = min(value(row, report) for report in reports[row.theirs])
            cells = [text(row, ours), text(row, theirs), f"{ours / theirs:.2f}", f"≤ {row.target:.2f}"]
        else:
            cells = [text(row, ours), "-", "-", f"≤ {text(row, row.target)}"]
        print(f"| {row.what} | {' | '.join(cells)} | {row.against} |", flush=True)
    if options.json:
        named = {f"{side.program} {side.case}": found for side, found in reports.items()}
        options.json.write_text(json.dumps(named, indent=1))


if __name__ == "__main__":
    main()
