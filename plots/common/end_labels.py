"""Names of lines beside their ends, instead of a legend."""
import textwrap

import numpy

from common.looks import FONT

# Points, between the axes and the names.
GAP = 14
# Letters of a line of a name, in a figure of this many inches.
LETTERS_PER_INCH = 6.5
MOST_ROWS = 4


def spread(wanted, heights):
    """Places of boxes with these heights, none over another, in the order of `wanted`, and together as near to it as can
    be: neighbours that collide form a block around the mean of where they would be."""
    wanted, heights = numpy.asarray(wanted, dtype=float), numpy.asarray(heights, dtype=float)
    order = numpy.argsort(wanted, kind="stable")
    before = numpy.concatenate([[0], numpy.cumsum(heights[order])[:-1]]) + heights[order] / 2
    blocks = []  # sum of what is wanted of a block's origin, number of boxes
    for place in wanted[order] - before:
        blocks.append((place, 1))
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]:
            total, count = blocks.pop()
            blocks[-1] = (blocks[-1][0] + total, blocks[-1][1] + count)
    origins = numpy.concatenate([numpy.full(count, total / count) for total, count in blocks])
    places = numpy.empty(len(wanted))
    places[order] = origins + before
    return places


def shorten(label, letters):
    """In few rows, broken at blanks where it can; the middle of what is longer is left out."""
    label = label.replace(" = ", "\u00a0=\u00a0")  # what an axis is equal to stays with it
    rows = textwrap.wrap(label, letters, break_on_hyphens=True)
    if len(rows) <= MOST_ROWS:
        return "\n".join(rows)
    keep = MOST_ROWS * letters - 1
    short = label[: keep // 2].rstrip() + "…" + label[-(keep - keep // 2) :].lstrip()
    return "\n".join(textwrap.wrap(short, letters + 1, break_on_hyphens=True)[: MOST_ROWS + 1])


def label_ends(figure, axes, ends):
    """Writes names to the right of the axes, beside where lines end, apart from each other, with a thin line to each end.

    `ends`: (label, x, y, colour) in data. The figure grows where the names are higher than it. Returns what is to
    be told of them."""
    ends = [end for end in ends if numpy.isfinite(end[1]) and numpy.isfinite(end[2])]
    if not ends:
        return []
    letters = int(LETTERS_PER_INCH * figure.get_figwidth() * (0.78 if figure.get_figwidth() < 5 else 0.45))
    labels = [shorten(label, letters) for label, *_ in ends]
    if len(set(labels)) < len(
        {label for label, *_ in ends}
    ):  # short, they would be the same: in as many rows as it takes
        labels = ["\n".join(textwrap.wrap(label, letters)) for label, *_ in ends]
    row = 1.22 * FONT
    heights = numpy.array([row * (1 + label.count("\n")) + 1.5 for label in labels])
    missing = heights.sum() / 72 - 0.8 * figure.get_figheight()
    if missing > 0:
        figure.set_figheight(figure.get_figheight() + missing)
    texts = [
        axes.annotate(
            label,
            (1, 0),
            xycoords="axes fraction",
            xytext=(GAP, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            linespacing=1.0,
        )
        for label, (_, _, _, colour) in zip(labels, ends)
    ]
    figure.canvas.draw()  # the layout knows the names' widths now
    figure.set_layout_engine("none")
    place_labels(figure, axes, ends, texts, heights)
    short = sum("…" in label and "…" not in name for label, (name, *_) in zip(labels, ends))
    return [f"{short} names are shortened in the figure; --table has all of them in full"] if short else []


def place_labels(figure, axes, ends, texts, heights):
    point = figure.dpi / 72
    box = axes.get_window_extent()
    pixels = axes.transData.transform([(x, y) for _, x, y, _ in ends])
    wanted = numpy.clip(pixels[:, 1], box.y0, box.y1) / point
    places = keep_inside(spread(wanted, heights), heights, figure.get_figheight() * 72)
    to_axes = axes.transAxes.inverted()
    for text, (_, _, _, colour), pixel, level, place in zip(texts, ends, pixels, wanted, places):
        text.xy = (1, to_axes.transform((0, place * point))[1])
        begin = to_axes.transform((pixel[0], level * point))
        corner = (max(1.0, begin[0]), begin[1])
        end = to_axes.transform((box.x1 + (GAP - 3) * point, place * point))
        axes.plot(
            [begin[0], corner[0], end[0]],
            [begin[1], corner[1], end[1]],
            transform=axes.transAxes,
            color=colour,
            linewidth=0.4,
            alpha=0.6,
            clip_on=False,
            linestyle=(0, (1, 1.5)),
            zorder=1,
        )


def keep_inside(places, heights, height):
    """Moves all of them where some would be outside the figure."""
    low, high = (places - heights / 2).min(), (places + heights / 2).max()
    if low < 0:
        return places - low
    return places - max(0, high - height)
