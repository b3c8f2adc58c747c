"""What a figure shows, as CSV and as LaTeX."""
import csv
import dataclasses
import io
import math

ESCAPES = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "µ": r"\textmu{}",
    "–": "--",
    "…": r"\ldots{}",
} | {character: "\\" + character for character in "&%$#_{}"}


@dataclasses.dataclass
class Table:
    """Columns by name, and rows of words and numbers; None where there is nothing, infinite where it was never reached.

    `brief`: the rows for LaTeX, where all of them would be too many for a page."""

    columns: list[str]
    rows: list[list]
    brief: list[list] | None = None


def to_csv(table):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows([[csv_cell(cell) for cell in row] for row in table.rows])
    return out.getvalue()


def csv_cell(cell):
    if isinstance(cell, str):
        return cell
    if cell is None or math.isnan(cell):
        return ""
    return f"{cell:.9g}"


def to_latex(table):
    """A tabular with the rules of booktabs; numbers are to the right."""
    rows = table.rows if table.brief is None else table.brief
    numeric = [all(not isinstance(row[place], str) for row in rows) for place in range(len(table.columns))]
    lines = ["% \\usepackage{booktabs}"]
    if table.brief is not None:
        lines.append("% Where the lines end; the CSV has all of them.")
    lines.append("\\begin{tabular}{" + "".join("r" if right else "l" for right in numeric) + "}")
    lines.append("\\toprule")
    lines.append(" & ".join(escape(column) for column in table.columns) + " \\\\")
    lines.append("\\midrule")
    lines += [" & ".join(latex_cell(cell) for cell in row) + " \\\\" for row in rows]
    return "\n".join([*lines, "\\bottomrule", "\\end{tabular}"]) + "\n"


def escape(text):
    return "".join(ESCAPES.get(character, character) for character in text)


def latex_cell(cell):
    """Numbers to four digits, zeros at the end too, so that a column has as many everywhere."""
    if isinstance(cell, str):
        return escape(cell)
    if cell is None or math.isnan(cell):
        return "--"
    if math.isinf(cell):
        return "$\\infty$" if cell > 0 else "$-\\infty$"
    if isinstance(cell, int) or (cell == int(cell) and abs(cell) < 1e6):
        return f"{int(cell)}"
    mantissa, _, exponent = f"{cell:#.4g}".partition("e")
    return f"${mantissa} \\times 10^{{{int(exponent)}}}$" if exponent else f"${mantissa.rstrip('.')}$"
