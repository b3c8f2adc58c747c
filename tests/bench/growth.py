#!/usr/bin/python3
"""Measures how the cost of a simulated update grows with workers P and parameters d, and draws it.

    tests/bench/growth.py [--build build/release] [--json growth.json] [-o plots/growth.png]
    tests/bench/growth.py --draw growth.json -o growth.pdf

One cost is the wall time of a run less that of a shorter one, over the gradients between them: starting up does not count.
Clusters of up to 8,192 hosts, fidelity="schedule". With mathematics a gradient of a quadratic is d numbers drawn and summed.
Debian packages: python3-matplotlib.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

try:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
except ImportError as error:
    sys.exit(f"growth.py: {error}; install python3-matplotlib, and run it with /usr/bin/python3")

WORKERS = [8, 32, 128, 512, 2048, 8192]
PARAMETERS = [100, 1_000, 10_000, 100_000, 1_000_000]
FIXED_PARAMETERS = 10_000
FIXED_WORKERS = 32

PLATFORM = """<?xml version='1.0'?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1">
  <cluster id="c" prefix="node-" suffix="" radical="0-{last}" speed="100Gf" bw="1.25GBps" lat="12.5us"/>
</platform>
"""
SCENARIO = """<scenario version="1" name="growth" seed="1">
  <platform file="platform.xml"/>
  <network model="CM02" fidelity="schedule"/>
  <deployment><role name="worker" hosts="node-[0-{last_worker}]"/>{server}</deployment>
  <model kind="quadratic" dimension="{parameters}" noise="1"><cost flops-per-sample="{flops}"/></model>
  <training batch="1" math="{math}"><optimizer kind="sgd" learning-rate="0.01"/></training>
  {strategy}
  <disturbances><slowdown distribution="exponential"/></disturbances>
  <stop iterations="{iterations}"/>
  <observe every="1000000000"/>
</scenario>
"""
# Strategy, mathematics, and how many gradients one of the run's iterations is.
ASYNCHRONOUS = '<strategy kind="parameter-server" consistency="asp"/>'
RING = '<strategy kind="allreduce"><collective kind="ring"/></strategy>'
CURVES = [
    ("asynchronous server", ASYNCHRONOUS, "on", lambda workers: 1, "#0072B2"),
    ("asynchronous server, timing only", ASYNCHRONOUS, "off", lambda workers: 1, "#56B4E9"),
    ("ring allreduce", RING, "on", lambda workers: workers, "#D55E00"),
    ("ring allreduce, timing only", RING, "off", lambda workers: workers, "#E69F00"),
]


def wall_seconds(program, directory, curve, workers, parameters, iterations):
    _, strategy, math, _, _ = curve
    server = f'<role name="server" hosts="node-{workers}"/>' if strategy is ASYNCHRONOUS else ""
    (directory / "platform.xml").write_text(PLATFORM.format(last=workers))
    (directory / "scenario.xml").write_text(SCENARIO.format(
        last_worker=workers - 1, server=server, parameters=parameters, math=math, strategy=strategy,
        # Long enough for the server not to be what all wait for.
        flops=f"{workers * (1e7 + 1e3 * parameters):.0f}f", iterations=iterations))
    done = subprocess.run([program, "run", directory / "scenario.xml", "--json"], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"growth.py: {done.stderr}")
    return json.loads(done.stdout)["wall_s"]


def seconds_per_gradient(program, directory, curve, workers, parameters):
    """Iterations are doubled until they take long enough to be measured; of three measurements the least counts."""
    per_iteration = curve[3](workers)
    few = max(1, 2 * workers // per_iteration)
    many = 2 * few
    base = wall_seconds(program, directory, curve, workers, parameters, few)
    while (measured := wall_seconds(program, directory, curve, workers, parameters, many)) < base + 0.5:
        many *= 2
    for _ in range(2):
        base = min(base, wall_seconds(program, directory, curve, workers, parameters, few))
        measured = min(measured, wall_seconds(program, directory, curve, workers, parameters, many))
    return (measured - base) / ((many - few) * per_iteration)


def measure(program):
    """Seconds per gradient, by curve, along workers or parameters, and by their number."""
    results = {}
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        for curve in CURVES:
            found = results[curve[0]] = {"workers": {}, "parameters": {}}
            for workers in WORKERS:
                cost = seconds_per_gradient(program, directory, curve, workers, FIXED_PARAMETERS)
                found["workers"][workers] = cost
                print(f"{curve[0]}, P = {workers}: {1e6 * cost:.3g} us", flush=True)
            for parameters in PARAMETERS:
                cost = seconds_per_gradient(program, directory, curve, FIXED_WORKERS, parameters)
                found["parameters"][parameters] = cost
                print(f"{curve[0]}, d = {parameters}: {1e6 * cost:.3g} us", flush=True)
    return results


def draw_curves(axes, results, along):
    for name, _, math, _, colour in CURVES:
        points = sorted((int(x), 1e6 * y) for x, y in results[name][along].items())
        axes.plot(*zip(*points), "o-" if math == "on" else "o--", color=colour, markersize=3, linewidth=1.2, label=name)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.grid(True, which="major", linewidth=0.3)
    axes.minorticks_off()


def draw(results, output):
    plt.rcParams.update({"font.size": 8, "axes.spines.top": False, "axes.spines.right": False})
    figure, (left, right) = plt.subplots(1, 2, figsize=(7, 3.2), sharey=True)
    draw_curves(left, results, "workers")
    left.set_xticks(WORKERS, [f"{workers:,}" for workers in WORKERS])
    left.set_xlabel(f"workers P, at d = {FIXED_PARAMETERS:,} parameters")
    left.set_ylabel("wall time per gradient in µs")
    draw_curves(right, results, "parameters")
    right.set_xlabel(f"parameters d, at P = {FIXED_WORKERS} workers")
    # What a gradient itself costs is so much for each parameter.
    far = results["asynchronous server"]["parameters"]
    each = 1e6 * min(float(cost) / int(parameters) for parameters, cost in far.items())
    ends = [PARAMETERS[1], PARAMETERS[-1]]
    right.plot(ends, [each * d for d in ends], color="0.6", linewidth=0.8, zorder=0)
    right.annotate("∝ d", (2e5, each * 2e5), color="0.4", xytext=(6, -6), textcoords="offset points")
    figure.legend(*left.get_legend_handles_labels(), loc="upper center", ncols=4, frameon=False, fontsize=7)
    figure.tight_layout(rect=(0, 0, 1, 0.94))
    figure.savefig(output, dpi=200)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = pathlib.Path(__file__).resolve().parents[2]
    parser.add_argument("--build", type=pathlib.Path, default=root / "build" / "release")
    parser.add_argument("--json", type=pathlib.Path, help="where to write the points")
    parser.add_argument("--draw", type=pathlib.Path, help="points to draw instead of measuring")
    parser.add_argument("-o", "--output", default=root / "plots" / "growth.png", help="a .png, .pdf or .svg file")
    options = parser.parse_args()

    if options.draw:
        results = json.loads(options.draw.read_text())
    else:
        results = measure(options.build / "bin" / "descent")
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))
    draw(results, options.output)


if __name__ == "__main__":
    main()
