"""Timelines of runs as data for the page."""
from common.sweep_file import read_point_timeline, traced_points
from common.timeline import ACTIVITIES, COLOURS, read_timeline, thinned

# Stretches of all ranks of a run together, some 2 MB, of all runs together, and of one rank.
MOST_STRETCHES = 60_000
MOST_TOGETHER = 300_000
MOST_OF_ONE = 4000
FEWEST_OF_ONE = 150
MOST_RANKS = 256
# Of a sweep with more of them, the page has so many, evenly spread.
MOST_RUNS = 60


def timelines_of(runs, sweeps):
    """Of the directories of single runs, and of the sweeps' files, each with its name: of all that have a timeline."""
    origins = [(lambda path=path: read_timeline(path), name) for path, name in runs if has_timeline(path)]
    remark = ""
    for file, name in sweeps:
        numbers = traced_points(file)
        kept = spread(numbers, MOST_RUNS)
        if len(kept) < len(numbers):
            remark = f"Of {len(numbers)} points with a timeline {len(kept)} are here; `descent plot gantt --point` draws any."
        origins += [
            (lambda file=file, number=number: read_point_timeline(file, number), f"point {number} of {name}")
            for number in kept
        ]
    most = min(MOST_STRETCHES, MOST_TOGETHER // max(1, len(origins)))
    return [packed_timeline(read(), name, most, remark) for read, name in origins]


def has_timeline(directory):
    return (directory / "timeline.json").is_file()


def spread(items, most):
    """So many of them, evenly, with the first and the last."""
    if len(items) <= most:
        return items
    return [items[place * (len(items) - 1) // (most - 1)] for place in range(most)]


def packed_timeline(timeline, name, most, remark):
    """At most so many stretches of all ranks together, or the fewest that each rank has."""
    ranks = timeline.ranks[:MOST_RANKS]
    bins = min(MOST_OF_ONE, max(FEWEST_OF_ONE, most // max(1, len(ranks))))
    cut = [thinned(track, 0.0, timeline.end, bins) for track in ranks]
    remarks = [remark] if remark else []
    if len(ranks) < len(timeline.ranks):
        remarks.append(f"The first {len(ranks)} of {len(timeline.ranks)} ranks are shown.")
    thin = sum(was_thinned for _, was_thinned in cut)
    if thin:
        remarks.append(
            f"{thin} of {len(ranks)} ranks have more than {bins} stretches and are thinned: each piece of {1e3 * timeline.end / bins:.4g} ms shows "
            "what the rank was longest busy with in it."
        )
    tracks = [packed(track) for track, _ in cut] + [packed(track) for track in timeline.disturbances]
    return {"name": name, "end": timeline.end, "tracks": tracks, "remark": " ".join(remarks)}


def packed(track):
    """Whole microseconds would lose short stretches of fast networks: tenths."""
    return {
        "name": track.name,
        "begins": [round(float(time), 7) for time in track.begins],
        "ends": [round(float(time), 7) for time in track.ends],
        "kinds": track.kinds.tolist(),
    }


def activities():
    names = {"wait": "idle", "fault": "down"}
    shown = [{"name": names.get(name, name), "colour": COLOURS[name]} for name in ACTIVITIES]
    return [*shown, {"name": "disturbance", "colour": COLOURS["disturbance"]}]
