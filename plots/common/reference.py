"""What a formula says: a CSV file with the columns of a figure's axes and of its metric."""
import csv

from common.errors import InputError
from common.points import values_on


def read_reference(path, results, x, by, y):
    """{values on `by`: {value on `x`: number}}, values as the sweep writes them. Rows are left out whose value on an axis none
    of the results has, and columns that are no axis of theirs."""
    try:
        with open(path, newline="", encoding="utf-8") as file:
            rows = csv.DictReader(file)
            names = rows.fieldnames or []
            missing = [name for name in [x, *by, y] if name not in names]
            if missing:
                raise InputError(f"{path}:1: has no column {missing[0]}; needed: {', '.join([x, *by, y])}")
            there = {axis: {value.text for value in values_on(results.done, axis)} for axis in results.axes if axis in names}
            reference = {}
            for row in rows:
                if all(row[axis] in texts for axis, texts in there.items()):
                    line = reference.setdefault(tuple(row[name] for name in by), {})
                    if row[x] in line:
                        raise InputError(f"{path}:{rows.line_num}: a second number for the same place; allowed: one")
                    line[row[x]] = number_in(row[y], path, rows.line_num, y)
            return reference
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is no text: {error}") from error


def number_in(text, path, line, column):
    try:
        return float(text)
    except (TypeError, ValueError):
        raise InputError(f"{path}:{line}: {column} '{text}' is no number") from None
