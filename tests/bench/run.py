#!/usr/bin/python3
"""Runs the benchmarks, each case in a process of its own and ours and the other side in turn, and prints one table.

    tests/bench/run.py [--build build/release] [--repeats 3] [--json FILE] [PATTERN]

Of several repeats the fastest counts: on a shared machine noise only ever adds time.
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys

# What is compared: name, ours, the side to beat, and the target for ours / theirs. A side is a program and a case, and
# the number of ranks where mpirun starts it.
ROWS = [
    ("D-SGD step, 64 workers, MLP 784-256-10, 1 thread", ("d_sgd", "simulated/workers:64/threads:1"),
     ("d_sgd", "mathematics/workers:64"), 1.10, "bare Eigen mathematics, 1 thread"),
    ("D-SGD step, 64 workers, MLP 784-256-10, 2 threads", ("d_sgd", "simulated/workers:64/threads:2"),
     ("d_sgd", "mathematics/workers:64"), 0.58, "bare Eigen mathematics, 1 thread"),
    ("ring by messages, 64 ranks", ("ring", "message/ranks:64"), ("s4u_ring", "message/ranks:64"), 1.2,
     "hand-written S4U"),
    ("ring by messages, 256 ranks", ("ring", "message/ranks:256"), ("s4u_ring", "message/ranks:256"), 1.2,
     "hand-written S4U"),
    ("ring by messages, 1,024 ranks", ("ring", "message/ranks:1024"), ("s4u_ring", "message/ranks:1024"), 1.2,
     "hand-written S4U"),
    *((f"ring as a schedule, {ranks:,} ranks, a transfer", ("ring", f"schedule/ranks:{ranks}"),
       ("ring", f"recurrence/ranks:{ranks}"), 2.0, "the bare recurrence") for ranks in (1024, 4096)),
    *((f"MPI step, {ranks} ranks, MLP 784-256-10, {collective}", ("mpi_step", collective, ranks),
       ("eigen_mpi_step", "step", ranks), 1.05, "hand-written Eigen and MPI")
      for ranks in (2, 4) for collective in ("ring", "native")),
    *((f"our ring over MPI, {ranks} ranks, {mebibytes} MiB", ("mpi_ring", f"ring/MiB:{mebibytes}", ranks),
       ("mpi_allreduce", f"allreduce/MiB:{mebibytes}", ranks), 1.3, "MPI_Allreduce")
      for ranks in (2, 4) for mebibytes in (1, 16, 64)),
]


def mpirun(ranks):
    """What starts a program on so many ranks of this machine."""
    words = ["mpirun", "-n", str(ranks), "--oversubscribe"]
    if ranks > os.cpu_count():
        words += ["--mca", "mpi_yield_when_idle", "1"]  # or they spin against each other
    return words + (["--allow-run-as-root"] if os.geteuid() == 0 else [])


def seconds_per_item(build, program, case, ranks=None):
    """Runs one case in one process: seconds per item, and its report; the fastest, where the case repeats itself."""
    command = mpirun(ranks) if ranks else []
    command += [str(build / "bin" / f"bench_{program}"), f"--benchmark_filter=^{case}(/|$)", "--benchmark_format=json"]
    done = subprocess.run(command, capture_output=True, text=True)
    try:
        reports = json.loads(done.stdout)["benchmarks"]
        report = max((r for r in reports if r["run_type"] == "iteration"), key=lambda r: r["items_per_second"])
    except (ValueError, LookupError):
        sys.exit(f"run.py: {' '.join(command)} failed: {done.stderr}")
    return 1 / report["items_per_second"], report


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = pathlib.Path(__file__).resolve().parents[2]
    parser.add_argument("pattern", nargs="?", default="", help="only rows whose name has this regular expression")
    parser.add_argument("--build", type=pathlib.Path, default=root / "build" / "release")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", type=pathlib.Path, help="all reports, as Google Benchmark gave them")
    options = parser.parse_args()

    reports = []
    print(f"| {'what':<50} | {'ours':>10} | {'to beat':>10} | ratio | target | against |")
    print(f"|{'-' * 52}|{'-' * 12}|{'-' * 12}|-------|--------|---------|")
    for name, ours, theirs, target, against in ROWS:
        if not re.search(options.pattern, name):
            continue
        best = {}
        for _ in range(options.repeats):
            for side in (ours, theirs):
                seconds, report = seconds_per_item(options.build, *side)
                reports.append(report)
                best[side] = min(seconds, best.get(side, seconds))
        ratio = best[ours] / best[theirs]
        cells = [f"{1e6 * best[side]:.4g} us" for side in (ours, theirs)]
        print(f"| {name:<50} | {cells[0]:>10} | {cells[1]:>10} | {ratio:5.2f} | {target:6.2f} | {against} |", flush=True)
    if options.json:
        options.json.write_text(json.dumps(reports, indent=1))


if __name__ == "__main__":
    main()
