"""Timelines of runs as data for the page."""
from common.timeline import ACTIVITIES, COLOURS, read_timeline, thinned

# Stretches of all ranks of a run together, some 2 MB, and of one rank.
MOST_STRETCHES = 60_000
MOST_OF_ONE = 4000
FEWEST_OF_ONE = 150
MOST_RANKS = 256


def timeline_of(directory, name):
    """Of a run with --trace."""
    timeline = read_timeline(directory)
    ranks = timeline.ranks[:MOST_RANKS]
    bins = min(MOST_OF_ONE, max(FEWEST_OF_ONE, MOST_STRETCHES // max(1, len(ranks))))
    cut = [thinned(track, 0.0, timeline.end, bins) for track in ranks]
    remarks = []
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
