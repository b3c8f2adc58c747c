"""Predicted against measured, of what `descent validate` wrote: what plots/validation.py draws."""
import pathlib

import validation
from common.errors import InputError
from common.looks import WIDTHS
from common.tables import Table
from kinds.drawing import Drawing


def draw_paths(paths, options):
    if len(paths) != 1:
        raise InputError(f"validation draws one validation.csv, and not {len(paths)}")
    path = pathlib.Path(paths[0])
    times = validation.read(path / "validation.csv" if path.is_dir() else path)
    columns = ["scenario", "measured_median", "measured_min", "measured_max", "predicted", "error"]
    rows = [[row[0], *map(float, row[1:])] for row in times[columns].itertuples(index=False)]
    names = ["scenario", "measured_s median", "least", "most", "predicted_s", "error_percent"]
    caption = "Predicted against measured time per iteration; bands of 2 % and 5 %."
    return Drawing(validation.draw(times, WIDTHS[options.columns]), Table(names, rows), caption, tight=True)
