"""Finds out what RESULTS on a command line are, and reads them."""
import pathlib

from common.errors import InputError
from common.points import Results
from common.run_directory import read_runs
from common.sweep_file import read_sweep


def sweep_file_at(path):
    """Its results.sqlite, or None where it is the directory of a single run."""
    if path.is_file():
        return path
    if (path / "results.sqlite").is_file():
        return path / "results.sqlite"
    if (path / "summary.json").is_file():
        return None
    if not path.exists():
        raise InputError(f"{path}: is not there; allowed: a sweep's results.sqlite or directory, directories of runs")
    raise InputError(f"{path}: has no results: neither results.sqlite nor summary.json is in it")


def sort_out(paths):
    """Sweeps' files and runs' directories, each with its name."""
    sweeps, runs = [], []
    for path in map(pathlib.Path, paths):
        file = sweep_file_at(path)
        if file is None:
            runs.append((path, path.resolve().name))
        else:
            named = path if path.is_dir() or path.name != "results.sqlite" else path.parent
            sweeps.append((file, named.resolve().name))
    return sweeps, runs


def read_results(paths):
    """All results as one. InputError where they cannot stand in one figure."""
    sweeps, runs = sort_out(paths)
    if sweeps and runs:
        raise InputError(
            f"{sweeps[0][0]} has the results of a sweep and {runs[0][0]} those of a single run; "
            "allowed: either sweeps or single runs"
        )
    return read_runs(runs) if runs else joined([read_sweep(file, name) for file, name in sweeps])


def joined(parts):
    """Several sweeps' results as one."""
    return Results(
        points=[point for part in parts for point in part.points],
        axes=list(dict.fromkeys(axis for part in parts for axis in part.axes)),
        scenarios=set().union(*(part.scenarios for part in parts)),
        provenance=[origin for part in parts for origin in part.provenance],
        texts=[text for part in parts for text in part.texts],
    )
