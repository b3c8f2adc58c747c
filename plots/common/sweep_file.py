"""Reads what `descent sweep` wrote: results.sqlite, whose tables are described in sim/sweep/tables.hpp."""
import json
import sqlite3
import zlib

import numpy

from common.errors import InputError
from common.points import Point, Results, Value
from common.timeline import timeline_in

APPLICATION = 0x44657363
VERSION = 3


def connect(path):
    """Opens it for reading. What a killed sweep has left half written is rolled back where the file may be written."""
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=30)
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.Error as error:
        raise InputError(f"{path}: is no results file of `descent sweep`: {error}") from error
    if application != APPLICATION:
        raise InputError(f"{path}: is no results file of `descent sweep`")
    if version != VERSION:
        raise InputError(
            f"{path}: has version {version} of the results' tables; allowed: version {VERSION}, which this program reads"
        )
    return connection


def read_sweep(path, name):
    """The points of the sweep as it was last started, those that are not done included. `name`: of the results."""
    connection = connect(path)
    try:
        meta = dict(connection.execute("SELECT name, value FROM meta"))
        rows = connection.execute(
            "SELECT id, number, seed, status, coalesce(message, ''), wall_s, json_extract(summary, '$.strategy'), "
            "json_extract(summary, '$.backend'), json_extract(summary, '$.staleness.histogram') FROM points "
            "WHERE number IS NOT NULL ORDER BY number"
        ).fetchall()
        points = {
            row[0]: Point(
                name=f"point {row[1]} of {name}",
                results=name,
                scenario=meta["scenario"],
                number=row[1],
                seed=row[2],
                status=row[3],
                message=row[4],
                wall_s=row[5],
                facts={key: value for key, value in [("strategy", row[6]), ("backend", row[7])] if value},
                staleness=histogram_in(row[8]),
            )
            for row in rows
        }
        axes = read_parameters(connection, points)
        for point, metric, value in connection.execute("SELECT point, name, value FROM metrics"):
            if point in points and value is not None:
                points[point].metrics[metric] = value
        read_curves(connection, points)
        sessions = read_sessions(connection)
        sweep = sweep_text(connection)
    except sqlite3.Error as error:
        raise InputError(f"{path}: {error}") from error
    finally:
        connection.close()
    if not points:
        raise InputError(f"{path}: has no points")
    return Results(
        points=list(points.values()),
        axes=axes,
        scenarios={meta["scenario_digest"] + meta["platform_digest"]},
        provenance=[[("results", str(path)), *provenance_in(meta)], *sessions],
        texts=[(meta["scenario"], meta["base_scenario"] + sweep)],
    )


def traced_points(path):
    """Numbers of the points of a sweep that have a timeline."""
    connection = connect(path)
    try:
        rows = connection.execute(
            "SELECT number FROM points JOIN timelines ON point = id WHERE number IS NOT NULL ORDER BY number"
        )
        return [row[0] for row in rows]
    finally:
        connection.close()


def read_point_timeline(path, number):
    """Of the point with this number. InputError where it has none."""
    connection = connect(path)
    try:
        query = "SELECT json FROM timelines JOIN points ON point = id WHERE number = ?"
        row = connection.execute(query, (number,)).fetchone()
    finally:
        connection.close()
    if not row:
        raise InputError(f"{path}: point {number} has no timeline; allowed: a point of a sweep made with --trace")
    return timeline_in(zlib.decompress(row[0]), f"{path}, point {number}")


def sweep_text(connection):
    """The <sweep> as it was last started."""
    row = connection.execute("SELECT sweep FROM sessions ORDER BY id DESC LIMIT 1").fetchone()
    return row[0] if row else ""


def histogram_in(text):
    return {int(staleness): times for staleness, times in json.loads(text or "{}").items()}


def read_parameters(connection, points):
    """Fills in the points' axes. Returns these in the order of the <sweep>, which is that of the view's columns."""
    for point, axis, text, number in connection.execute("SELECT point, axis, value, number FROM parameters"):
        if point in points:
            points[point].axes[axis] = Value(text, number)
    known = {axis for point in points.values() for axis in point.axes}
    columns = [row[1] for row in connection.execute("PRAGMA table_info(points_wide)")]
    return [column for column in columns if column in known]


def read_curves(connection, points):
    columns = [row[1] for row in connection.execute("PRAGMA table_info(curves)")][2:]
    if not columns:
        return
    names = ", ".join('"' + column.replace('"', '""') + '"' for column in columns)
    rows = {}
    for row in connection.execute(f"SELECT point, {names} FROM curves ORDER BY point, row"):
        rows.setdefault(row[0], []).append(row[1:])
    for point, values in rows.items():
        if point in points:
            table = numpy.array(values, dtype=float)
            points[point].curve = {column: table[:, place] for place, column in enumerate(columns)}


PROVENANCE = ["created", "version", "git_revision", "build", "host", "scenario_digest", "platform_digest"]


def provenance_in(meta):
    return [(name.replace("_", " "), meta[name]) for name in PROVENANCE if name in meta]


def read_sessions(connection):
    columns = ["started", "host", "system", "processors", "jobs", "threads", "version", "git_revision", "build", "task"]
    rows = connection.execute(f"SELECT id, {', '.join(columns)} FROM sessions ORDER BY id")
    return [
        [("session", str(row[0]))] + [(name.replace("_", " "), str(value)) for name, value in zip(columns, row[1:]) if value != ""]
        for row in rows
    ]
