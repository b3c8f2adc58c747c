#!/usr/bin/python3
"""Makes one HTML file of results: `descent report RESULTS… --out report.html`.

RESULTS are directories of sweeps or their results.sqlite, or directories of single runs, which may stand beside a sweep; of
those made with --trace the report has timelines. The page needs no network: plotly.js, from Debian's python3-plotly, is in it.
"""
import argparse
import base64
import gzip
import pathlib
import sys

try:
    import matplotlib  # noqa: F401
except ImportError as error:
    sys.exit(f"descent report: {error}; install python3-matplotlib and python3-plotly")

from common.errors import InputError, exit_code_of
from common.files import write_all
from common.results import joined, sort_out
from common.run_directory import read_runs
from common.sweep_file import read_sweep
from page.payload import curves_of, overview, table_of, to_json
from page.timelines import activities, timelines_of

PAGE = pathlib.Path(__file__).parent / "page"
PLOTLY = pathlib.Path("/usr/share/python3-plotly/plotly.js")
PROGRAMS = ["common.js", "library.js", "curves.js", "points.js", "timeline.js", "facts.js"]


def plotly_js():
    """Compressed, to a third of its size, and as text; the page decompresses it."""
    if not PLOTLY.exists():
        raise OSError(f"there is no {PLOTLY}; install python3-plotly")
    return base64.b64encode(gzip.compress(PLOTLY.read_bytes(), mtime=0)).decode()


def payload_of(paths):
    """Of the sweeps, where there are any, otherwise of the runs; timelines of all runs that have one."""
    sweeps, runs = sort_out(paths)
    single = read_runs(runs) if runs else None
    results = joined([read_sweep(file, name) for file, name in sweeps]) if sweeps else single
    origins = results.provenance + (single.provenance if sweeps and single else [])
    return {
        "title": ", ".join(dict.fromkeys(point.scenario for point in results.points)),
        "overview": overview(results),
        "table": table_of(results),
        "curves": curves_of(results),
        "timelines": timelines_of(runs, sweeps),
        "activities": activities(),
        "provenance": origins,
    }


def page_of(payload):
    parts = {
        "@TITLE@": payload["title"].replace("&", "&amp;").replace("<", "&lt;"),
        "@STYLE@": (PAGE / "page.css").read_text(),
        "@PLOTLY@": plotly_js(),
        "@DATA@": to_json(payload),
        "@PROGRAM@": "\n".join((PAGE / name).read_text() for name in PROGRAMS),
    }
    rest, whole = (PAGE / "page.html").read_text(), ""
    for mark, text in parts.items():
        before, rest = rest.split(mark)
        whole += before + text
    return whole + rest


def main():
    parser = argparse.ArgumentParser(
        prog="descent report", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("results", metavar="RESULTS", nargs="+", help="what is shown")
    parser.add_argument("--out", type=pathlib.Path, metavar="FILE", help="default: report.html beside the results")
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")
    options = parser.parse_args()
    first = pathlib.Path(options.results[0])
    out = options.out or (first if first.is_dir() else first.parent) / "report.html"
    if out.suffix not in (".html", ".htm"):
        raise InputError(f"--out {out}: allowed: a name that ends in .html")
    page = page_of(payload_of(options.results)).encode()
    write_all({out: page})
    if not options.quiet:
        print(f"wrote {out} ({len(page) / 1e6:.1f} MB)")


if __name__ == "__main__":
    sys.exit(exit_code_of("descent report", main))
