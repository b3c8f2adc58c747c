"""Results that tests make by hand, as `descent sweep` and `descent run` would write them."""
import json
import sqlite3
import zlib

TABLES = """
CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE sessions(id INTEGER PRIMARY KEY, started TEXT, host TEXT, system TEXT, processors INTEGER, jobs INTEGER,
  threads INTEGER, version TEXT, git_revision TEXT, build TEXT, sweep TEXT, task TEXT);
CREATE TABLE points(id INTEGER PRIMARY KEY, key TEXT UNIQUE NOT NULL, number INTEGER, seed INTEGER NOT NULL,
  status TEXT NOT NULL, message TEXT, exit_code INTEGER, wall_s REAL, peak_memory_bytes INTEGER, started TEXT,
  session INTEGER REFERENCES sessions, summary TEXT, scenario TEXT);
CREATE TABLE parameters(point INTEGER NOT NULL REFERENCES points, axis TEXT NOT NULL, value TEXT NOT NULL, number REAL,
  PRIMARY KEY(point, axis)) WITHOUT ROWID;
CREATE TABLE metrics(point INTEGER NOT NULL REFERENCES points, name TEXT NOT NULL, value REAL, PRIMARY KEY(point, name))
  WITHOUT ROWID;
CREATE TABLE curves(point INTEGER NOT NULL REFERENCES points, row INTEGER NOT NULL, PRIMARY KEY(point, row)) WITHOUT ROWID;
CREATE TABLE timelines(point INTEGER PRIMARY KEY REFERENCES points, json BLOB NOT NULL);
"""
COLUMNS = ["time_s", "iteration", "samples", "loss", "test_accuracy", "bytes_sent"]


def number_of(text):
    try:
        return float(text)
    except ValueError:
        return None


def made_point(axes, seed, curve=(), metrics=None, status="done", message=None, staleness=None, trace=None):
    """`axes`: texts by name. `trace`: as in `write_run`. `curve`: rows (time_s, loss), of which iteration i has 10 i samples, 100 i bytes and the
    accuracy 1 - loss / 10. The summary's time and loss are the last row's, unless `metrics` says otherwise."""
    rows = [
        (time, i, 10 * i, loss, None if loss is None else 1 - loss / 10, 100 * i)
        for i, (time, loss) in enumerate(curve)
    ]
    numbers = {"workers": 4.0}
    if rows:
        numbers |= {"time_s": rows[-1][0], "iterations": rows[-1][1], "samples": rows[-1][2], "bytes_sent": rows[-1][5]}
        numbers |= {"loss": rows[-1][3]} if rows[-1][3] is not None else {}
    numbers |= metrics or {}
    return {
        "axes": axes,
        "seed": seed,
        "rows": rows,
        "metrics": numbers,
        "status": status,
        "message": message,
        "staleness": staleness or {},
        "trace": trace,
    }


def write_sweep(path, points, scenario="made", version=3, digest="d1"):
    connection = sqlite3.connect(path)
    connection.executescript(f"PRAGMA application_id = {0x44657363}; PRAGMA user_version = {version};" + TABLES)
    for column in COLUMNS:
        connection.execute(f'ALTER TABLE curves ADD COLUMN "{column}" REAL')
    meta = {
        "scenario": scenario,
        "scenario_digest": digest,
        "platform_digest": "p",
        "version": "0.1.0",
        "host": "somewhere",
        "base_scenario": f'<scenario version="1" name="{scenario}"/>\n',
        "created": "2026-01-31T12:00:00Z",
        "git_revision": "abc1234",
        "build": "Release",
    }
    connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
    session = ("2026-01-31T12:00:00Z", "somewhere", "Linux", 2, 2, 1, "0.1.0", "abc1234", "Release", "<sweep/>", "")
    connection.execute("INSERT INTO sessions VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", session)
    for number, point in enumerate(points, 1):
        add_point(connection, number, point)
    axes = list(points[0]["axes"]) if points else []
    wide = "".join(f', 0 AS "{axis}"' for axis in axes)
    connection.execute(f"CREATE VIEW points_wide AS SELECT number{wide} FROM points")
    connection.commit()
    connection.close()
    return path


def add_point(connection, number, point):
    summary = {"strategy": "parameter-server", "backend": "simgrid", "staleness": {"histogram": point["staleness"]}}
    done = point["status"] == "done"
    connection.execute(
        "INSERT INTO points VALUES (?, ?, ?, ?, ?, ?, NULL, 0.5, 1000, NULL, 1, ?, NULL)",
        (
            number,
            f"{number:032x}",
            number,
            point["seed"],
            point["status"],
            point["message"],
            json.dumps(summary) if done else None,
        ),
    )
    for axis, text in point["axes"].items():
        connection.execute("INSERT INTO parameters VALUES (?, ?, ?, ?)", (number, axis, text, number_of(text)))
    if done:
        connection.executemany(
            "INSERT INTO metrics VALUES (?, ?, ?)", [(number, *item) for item in point["metrics"].items()]
        )
        places = ", ".join("?" * (2 + len(COLUMNS)))
        connection.executemany(
            f"INSERT INTO curves VALUES ({places})",
            [(number, row, *values) for row, values in enumerate(point["rows"])],
        )
    if point["trace"] is not None:
        text = json.dumps({"traceEvents": trace_events(point["trace"])})
        connection.execute("INSERT INTO timelines VALUES (?, ?)", (number, zlib.compress(text.encode())))


def write_run(directory, scenario, seed, curve, consistency="bsp", backend="simgrid", trace=None):
    """A single run. `trace`: rows (rank, activity, begin, end) in seconds."""
    directory.mkdir(parents=True)
    summary = {
        "scenario": scenario,
        "version": "0.1.0",
        "backend": backend,
        "strategy": "parameter-server",
        "workers": 2,
        "seed": seed,
        "time_s": curve[-1][0],
        "wall_s": 0.5,
        "iterations": len(curve) - 1,
        "samples": 10,
        "loss": curve[-1][1],
        "race_free": True,
        "staleness": {"mean": 0, "max": 0, "histogram": {"0": 3}},
    }
    (directory / "summary.json").write_text(json.dumps(summary))
    (directory / "scenario.xml").write_text(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario version="1" name="{scenario}" seed="{seed}">'
        f'<!-- a remark --><strategy kind="parameter-server" consistency="{consistency}"/></scenario>'
    )
    rows = "".join(f"{time},{i},{loss}\n" for i, (time, loss) in enumerate(curve))
    (directory / "metrics.csv").write_text("time_s,iteration,loss\n" + rows)
    if trace is not None:
        (directory / "timeline.json").write_text(json.dumps({"traceEvents": trace_events(trace)}))
    return directory


def trace_events(trace):
    ranks = sorted({rank for rank, *_ in trace})
    events = [
        {"ph": "M", "name": "thread_name", "pid": 0, "tid": rank, "args": {"name": f"worker {rank} on node-{rank}"}}
        for rank in ranks
    ]
    for rank, name, begin, end in trace:
        events.append({"ph": "X", "name": name, "pid": 0, "tid": rank, "ts": 1e6 * begin, "dur": 1e6 * (end - begin)})
    events.append({"ph": "s", "name": "message", "id": 1, "pid": 0, "tid": ranks[0], "ts": 1e6})
    events.append({"ph": "f", "name": "message", "id": 1, "pid": 0, "tid": ranks[-1], "ts": 1.5e6})
    return events
