"""What each rank did when, of one run or point of a sweep with --trace."""

import numpy

from common.errors import InputError
from common.looks import FONT, GREY, SECONDS, WIDTHS, plt, prepare, scale_for
from common.results import sort_out
from common.sweep_file import read_point_timeline, traced_points
from common.tables import Table
from common.timeline import ACTIVITIES, COLOURS, read_timeline, thinned
from kinds.drawing import Drawing

# More would be finer than a printed dot, and lie over one another.
MOST_STRETCHES = 1200
MOST_ARROWS = 150
MOST_RANKS = 64
NAMES = {"wait": "idle", "fault": "down", "disturbance": "disturbance"}


def draw_paths(paths, options):
    if len(paths) != 1:
        raise InputError(f"gantt draws one run, and not {len(paths)}")
    timeline = chosen_timeline(paths, options.point)
    begin = options.begin or 0.0
    end = timeline.end if options.end is None else options.end
    if not timeline.ranks or not begin < end or begin >= timeline.end:
        raise InputError(f"nothing to draw between {begin:g} s and {end:g} s: the run lasts {timeline.end:g} s")
    ranks = timeline.ranks[:MOST_RANKS]
    notes = (
        [f"the first {MOST_RANKS} of {len(timeline.ranks)} ranks are drawn"] if len(ranks) < len(timeline.ranks) else []
    )
    tracks = ranks + [track for track in timeline.disturbances if track.ends[0] > begin and track.begins[0] < end]
    scale, unit = scale_for(end, SECONDS)
    prepare()
    row = 0.16 if len(tracks) > 8 else 0.2
    figure, axes = plt.subplots(figsize=(WIDTHS[options.columns], 0.75 + row * len(tracks)), layout="constrained")
    cut, was_thinned = zip(*(thinned(track, begin, end, MOST_STRETCHES) for track in tracks))
    for place, track in enumerate(cut):
        draw_track(axes, place, track, scale)
    arrows(axes, timeline, begin, end, len(ranks), scale)
    axes.set_yticks(range(len(tracks)), [track.name for track in tracks])
    axes.set_ylim(len(tracks) - 0.4, -0.6)
    axes.set_xlim(begin / scale, end / scale)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(f"time in {unit}")
    legend(axes, cut)
    if any(was_thinned):
        notes.append(
            f"{sum(was_thinned)} tracks have more than {MOST_STRETCHES} stretches: each 1/{MOST_STRETCHES} of the time shows what "
            "most of it was used for; --from and --to show less time in full"
        )
    caption = "What each rank did." + (
        " Thinned: pieces of time show what they were mostly used for." if any(was_thinned) else ""
    )
    return Drawing(figure, table_of(ranks, begin, end), caption, notes)


def chosen_timeline(paths, number):
    """That of the run, or of the sweep's point with this number."""
    sweeps, runs = sort_out(paths)
    if runs:
        if number is not None:
            raise InputError(f"--point {number}: {paths[0]} is a single run; allowed: with a sweep")
        return read_timeline(runs[0][0])
    if number is None:
        traced = traced_points(sweeps[0][0])
        known = f"those with a timeline are {traced[0]} to {traced[-1]}" if traced else "it has none with a timeline"
        raise InputError(f"{paths[0]}: which of its points? {known}; allowed: --point NUMBER, of a sweep made with --trace")
    return read_point_timeline(sweeps[0][0], number)


def draw_track(axes, place, track, scale):
    for kind in numpy.unique(track.kinds):
        own = track.kinds == kind
        name = ACTIVITIES[kind] if kind >= 0 else "disturbance"
        spans = list(zip(track.begins[own] / scale, (track.ends - track.begins)[own] / scale))
        axes.broken_barh(spans, (place - 0.4, 0.8), facecolor=COLOURS[name], linewidth=0)


def arrows(axes, timeline, begin, end, ranks, scale):
    """Messages, where there are few enough to be followed."""
    shown = [
        message
        for message in timeline.messages
        if begin <= message[2] and message[3] <= end and max(message[:2]) < ranks
    ]
    if len(shown) > MOST_ARROWS:
        return
    for sender, receiver, sent, received in shown:
        axes.annotate(
            "",
            (received / scale, receiver),
            (sent / scale, sender),
            arrowprops={
                "arrowstyle": "-|>",
                "mutation_scale": 4,
                "linewidth": 0.4,
                "color": "black",
                "shrinkA": 0,
                "shrinkB": 0,
            },
        )


def legend(axes, tracks):
    kinds = sorted({int(kind) for track in tracks for kind in track.kinds}, key=lambda kind: kind % 5)
    names = [ACTIVITIES[kind] if kind >= 0 else "disturbance" for kind in kinds]
    handles = [plt.Rectangle((0, 0), 1, 1, color=COLOURS[name]) for name in names]
    axes.legend(
        handles,
        [NAMES.get(name, name) for name in names],
        ncol=len(names),
        loc="lower left",
        bbox_to_anchor=(0, 1),
        borderaxespad=0.2,
        borderpad=0,
        frameon=False,
        handlelength=1,
        handleheight=0.8,
        columnspacing=1,
        fontsize=FONT - 1,
        labelcolor=GREY,
    )


def table_of(ranks, begin, end):
    """Seconds by rank and activity, of the stretches themselves."""
    table = Table(["rank", *[f"{name}_s" for name in ACTIVITIES]], [])
    for track in ranks:
        lengths = numpy.clip(numpy.minimum(track.ends, end) - numpy.maximum(track.begins, begin), 0, None)
        table.rows.append([track.name, *(float(lengths[track.kinds == kind].sum()) for kind in range(len(ACTIVITIES)))])
    return table
