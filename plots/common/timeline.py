"""What ranks did when: timeline.json, which `descent run --trace` writes."""
import dataclasses
import json

import numpy

from common.errors import InputError

ACTIVITIES = ["compute", "communicate", "wait", "fault"]
COLOURS = {
    "compute": "#0072B2",
    "communicate": "#E69F00",
    "wait": "#d9d9d9",
    "fault": "#000000",
    "disturbance": "#D55E00",
}


@dataclasses.dataclass
class Track:
    """Of one rank: begins and ends of its stretches of time in seconds, and the place of what it did in ACTIVITIES; of a
    disturbance the place is -1."""

    name: str
    begins: numpy.ndarray
    ends: numpy.ndarray
    kinds: numpy.ndarray


@dataclasses.dataclass
class Timeline:
    ranks: list[Track]
    disturbances: list[Track]
    # sender, receiver, when it was sent and received, in seconds
    messages: list[tuple[int, int, float, float]]

    @property
    def end(self):
        return max((float(track.ends.max()) for track in self.ranks if len(track.ends)), default=0.0)


def read_timeline(directory):
    path = directory / "timeline.json"
    if not path.is_file():
        raise InputError(f"{directory}: has no timeline.json; allowed: a run made with --trace")
    return timeline_in(path.read_bytes(), path)


def timeline_in(text, origin):
    """`text`: JSON. `origin`: where it is from, for what is wrong with it."""
    try:
        return timeline_of(json.loads(text)["traceEvents"])
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{origin}: is no timeline of `descent run --trace`: {error!r}") from error


def timeline_of(events):
    names, spans, sent, messages, disturbances = {}, {}, {}, [], []
    for event in events:
        kind = event["ph"]
        if kind == "M" and event["name"] == "thread_name":
            names[event["tid"]] = event["args"]["name"]
        elif kind == "X":
            begin = event["ts"] / 1e6
            if event["pid"] == 1:
                disturbances.append(disturbance_track(event["name"], begin, begin + event["dur"] / 1e6))
            else:
                row = (begin, begin + event["dur"] / 1e6, ACTIVITIES.index(event["name"]))
                spans.setdefault(event["tid"], []).append(row)
        elif kind == "s":
            sent[event["id"]] = (event["tid"], event["ts"] / 1e6)
        elif kind == "f":
            sender, when = sent.pop(event["id"])
            messages.append((sender, event["tid"], when, event["ts"] / 1e6))
    ranks = [track_of(names[rank], spans.get(rank, [])) for rank in sorted(names)]
    return Timeline(ranks, disturbances, messages)


def track_of(name, rows):
    table = numpy.array(sorted(rows), dtype=float).reshape(-1, 3)
    return Track(name, table[:, 0], table[:, 1], table[:, 2].astype(int))


def disturbance_track(name, begin, end):
    return Track(name, numpy.array([begin]), numpy.array([end]), numpy.array([-1]))


def thinned(track, begin, end, bins):
    """The track between two times, and whether it was thinned: where it has more than `bins` stretches there, each of so
    many equal pieces of time shows what it was longest used for."""
    inside = (track.ends > begin) & (track.begins < end)
    cut = Track(
        track.name,
        numpy.maximum(track.begins[inside], begin),
        numpy.minimum(track.ends[inside], end),
        track.kinds[inside],
    )
    if len(cut.kinds) <= bins:
        return cut, False
    edges = numpy.linspace(begin, end, bins + 1)
    used = numpy.array([time_used(cut, kind, edges) for kind in range(len(ACTIVITIES))])
    rest = numpy.diff(edges) - used.sum(axis=0)
    most = numpy.argmax(numpy.vstack([used, rest]), axis=0)
    changes = numpy.flatnonzero(numpy.diff(most)) + 1
    firsts, lasts = numpy.concatenate([[0], changes]), numpy.concatenate([changes, [bins]])
    kinds = most[firsts]
    shown = kinds < len(ACTIVITIES)
    return Track(track.name, edges[firsts][shown], edges[lasts][shown], kinds[shown]), True


def time_used(track, kind, edges):
    """Seconds of that kind between edges."""
    own = track.kinds == kind
    if not own.any():
        return numpy.zeros(len(edges) - 1)
    begins, ends = track.begins[own], track.ends[own]
    places = numpy.stack([begins, ends], axis=1).ravel()
    before = numpy.concatenate([[0], numpy.cumsum(ends - begins)])
    totals = numpy.stack([before[:-1], before[1:]], axis=1).ravel()
    return numpy.diff(numpy.interp(edges, places, totals))
