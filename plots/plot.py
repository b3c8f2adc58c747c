#!/usr/bin/python3
"""Draws results: `descent plot WHAT RESULTS…`.

    descent plot loss results/NAME-sweep --x time --by consistency --log y
    descent plot target results/NAME-sweep --x k --table

RESULTS are directories of sweeps or their results.sqlite, or several directories of single runs, whose axes are then what
differs between their scenarios; for `gantt` one directory of a run, or a sweep and --point, with --trace, for `validation` one of `descent
validate`. Axes are a sweep's, and strategy, backend, scenario, results and
seed. Lines are medians over seeds, with a band of 95 %
confidence; curves count as steps between their observations, as far as the shortest goes.
"""
import argparse
import importlib
import io
import pathlib
import sys

try:
    import matplotlib  # noqa: F401
except ImportError as error:
    sys.exit(f"descent plot: {error}; install python3-matplotlib")

from common.errors import InputError, choose, exit_code_of, note
from common.files import write_all
from common.points import select
from common.results import read_results
from common.tables import to_csv, to_latex

# Name: its module in kinds/, and what it shows.
KINDS = {
    "loss": ("curves", "loss against --x time, iterations, epochs, samples or bytes"),
    "accuracy": ("curves", "the same of the test accuracy"),
    "target": ("target", "time to target against the axis --x"),
    "metric": ("metric", "a number of summary.json, --y, against the axis --x"),
    "speedup": ("scaling", "speed-up against workers, in time to target or time per sample"),
    "efficiency": ("scaling", "speed-up over workers"),
    "staleness": ("staleness", "histogram of the staleness of gradients"),
    "frontier": ("frontier", "error against runtime, of each combination of values, and which are best"),
    "gantt": ("gantt", "what ranks did when"),
    "validation": ("validation", "predicted against measured"),
}
# Of kinds with one panel of lines.
PANEL = {"by", "where", "log", "x_label", "y_label"}
# Which options mean something; all others are the same for every kind.
MEANINGFUL = {
    "loss": PANEL | {"x", "y"},
    "accuracy": PANEL | {"x", "y"},
    "target": PANEL | {"x", "y", "target"},
    "metric": PANEL | {"x", "y", "reference"},
    "speedup": PANEL | {"x", "y", "target"},
    "efficiency": PANEL | {"x", "y", "target"},
    "staleness": {"by", "where"},
    "frontier": PANEL | {"x", "y"},
    "gantt": {"begin", "end", "point"},
    "validation": set(),
}
ENDINGS = (".pdf", ".png", ".svg")


def parser():
    kinds = "\n".join(f"  {name:<11} {text}" for name, (_, text) in KINDS.items())
    made = argparse.ArgumentParser(
        prog="descent plot",
        description=f"{__doc__}\nWHAT is one of\n{kinds}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("what", metavar="WHAT", help="kind of figure")
    made.add_argument("results", metavar="RESULTS", nargs="+", help="what is drawn")
    made.add_argument(
        "--out",
        type=pathlib.Path,
        metavar="FILE",
        help="a .pdf, .png or .svg; without ending, .pdf and .png (default: WHAT, beside the results)",
    )
    made.add_argument("--x", help="along which axis or metric the figure goes")
    made.add_argument(
        "--y", metavar="METRIC", help="what is drawn: a column of metrics.csv or a number of summary.json"
    )
    made.add_argument(
        "--by",
        metavar="AXIS",
        nargs="*",
        action="extend",
        help="axes with a line for each combination of their values (default: all that vary)",
    )
    made.add_argument("--where", metavar="AXIS=VALUE[,VALUE]", action="append", help="only these points (repeatable)")
    made.add_argument(
        "--target",
        type=float,
        metavar="VALUE",
        help="of --y (default loss; accuracies as shares of 1) instead of the target in the scenario",
    )
    made.add_argument("--x-label", metavar="TEXT", help="beside the axis, instead of its name")
    made.add_argument("--y-label", metavar="TEXT", help="the same")
    made.add_argument(
        "--reference",
        type=pathlib.Path,
        metavar="FILE.csv",
        help="what a formula says, drawn as well: columns of --x, --by and --y, values as in the sweep",
    )
    made.add_argument("--log", help="logarithmic axes: x, y or x,y")
    made.add_argument("--point", type=int, metavar="NUMBER", help="of a sweep with --trace: whose timeline")
    made.add_argument("--from", dest="begin", type=float, metavar="SECONDS", help="where a timeline begins")
    made.add_argument("--to", dest="end", type=float, metavar="SECONDS", help="where it ends")
    made.add_argument("--columns", type=int, choices=[1, 2], default=1, help="of a paper: 3.5 or 7.2 inches wide")
    made.add_argument(
        "--table", action="store_true", help="write what is drawn as NAME-table.csv and .tex (booktabs) as well"
    )
    made.add_argument("--quiet", action="store_true", help="print nothing but errors and what is left out")
    return made


def check(options):
    choose("figure", options.what, list(KINDS))
    meaningful = MEANINGFUL[options.what]
    names = {"begin": "from", "end": "to"}
    for name in sorted(set.union(*MEANINGFUL.values()) - meaningful):
        if getattr(options, name) is not None:
            words = [names.get(each, each).replace("_", "-") for each in [*sorted(meaningful), name]]
            allowed = ", ".join(f"--{word}" for word in words[:-1]) or "none of that kind"
            raise InputError(f"--{words[-1]} means nothing to {options.what}; allowed: {allowed}")
    options.log = [word for word in (options.log or "").split(",") if word]
    for word in options.log:
        if word not in ("x", "y"):
            raise InputError(f"--log {word}: allowed: x, y or x,y")
    if options.out and options.out.suffix and options.out.suffix not in ENDINGS:
        raise InputError(f"--out {options.out}: allowed: a name that ends in {', '.join(ENDINGS)}, or has no ending")
    if options.by:
        options.by = [axis for word in options.by for axis in word.split(",") if axis]


def drawing_of(options):
    """By the module of its kind, which alone is loaded: that takes longer than drawing."""
    module = importlib.import_module(f"kinds.{KINDS[options.what][0]}")
    if hasattr(module, "draw_paths"):
        return module.draw_paths(options.results, options)
    drawing = module.draw(select(read_results(options.results), options.where or []), options, options.what)
    for name in "xy":
        if text := getattr(options, f"{name}_label", None):
            getattr(drawing.figure.axes[0], f"set_{name}label")(text)
    return drawing


def outputs_of(options):
    """Paths of the figure's files."""
    if options.out and options.out.suffix:
        return [options.out]
    first = pathlib.Path(options.results[0])
    base = options.out or (first if first.is_dir() else first.parent) / options.what
    return [base.with_name(base.name + ending) for ending in (".pdf", ".png")]


def rendered(drawing, ending):
    buffer = io.BytesIO()
    # Without the time of day: the same results, the same file.
    metadata = {".pdf": {"CreationDate": None}, ".svg": {"Date": None}}.get(ending)
    size = {"bbox_inches": "tight", "pad_inches": 0.02} if drawing.tight else {}
    drawing.figure.savefig(buffer, format=ending[1:], dpi=300, metadata=metadata, **size)
    return buffer.getvalue()


def main():
    options = parser().parse_args()
    check(options)
    drawing = drawing_of(options)
    paths = outputs_of(options)
    contents = {path: rendered(drawing, path.suffix) for path in paths}
    if options.table:
        # Not NAME.csv: that may be what was read, such as a validation.csv.
        table = paths[0].with_name(paths[0].stem + "-table")
        contents[table.with_suffix(".csv")] = to_csv(drawing.table).encode()
        contents[table.with_suffix(".tex")] = to_latex(drawing.table).encode()
    write_all(contents)
    for text in drawing.notes:
        note("descent plot", text)
    if not options.quiet:
        print(f"{drawing.caption}\nwrote {', '.join(map(str, contents))}")


if __name__ == "__main__":
    sys.exit(exit_code_of("descent plot", main))
