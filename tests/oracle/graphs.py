#!/usr/bin/env python3
"""Jobs that are more than a line: a window after a window, a diamond, a union of a stream with a window over it and a
second source. The bytes are the same at every parallelism, and where nothing is late the rows are those counted here."""

import collections
import datetime
import json
import pathlib
import random
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))
from tests.oracle.run import PARALLELISM, compare  # noqa: E402
from tests.support import suite  # noqa: E402
from tests.support.program import millrace, settings, told  # noqa: E402

SECOND = 1000  # ms, as all times here
SOURCES = """param one: string; param two: string; param out: string; param also: string;
type Row {{ k: string, v: i64, time: timestamp }}
source s1: Row = file(path: one, format: csv) time time watermark {watermark};
source s2: Row = file(path: two, format: csv) time time watermark {watermark};
"""
GRAPHS = {
    "a window after a window": """
s1 |> key by k |> window tumbling 1s |> aggregate v = sum(v)
   |> select k, v |> key by k |> window tumbling 10s |> aggregate n = count(), v = max(v)
   |> into file(path: out, format: json);
s2 |> where v == 0 |> into file(path: also, format: csv);
""",
    "a diamond": """
stream small = s1 |> where v < 500 |> select k, v;
stream large = s1 |> where v >= 500 |> select k, v = v - 500;
stream all = small |> union large;
all |> key by k |> window tumbling 10s |> aggregate n = count(), v = sum(v) |> into file(path: out, format: json);
all |> into file(path: also, format: csv);
s2 |> where v == 0 |> into blackhole();
""",
    "a union of a stream and a window over it and another": """
stream both = s1 |> union s2;
stream sums = both |> key by k |> window tumbling 2s |> aggregate v = sum(v);
stream all = (s1 |> select k, v) |> union (sums |> select k, v);
all |> key by k |> window tumbling 10s |> aggregate n = count(), v = sum(v) |> into file(path: out, format: json);
all |> into file(path: also, format: csv);
""",
}


def rows_of(seed, count=20_000):
    """Times go up by about 2 ms a row, with some of the rows far behind."""
    r = random.Random(seed)
    return [(f"k{int(r.expovariate(0.1))}", r.randrange(1000), i * 2 + r.choice([0, -1, -7, -40, -40, -3000]) + 10 * SECOND)
            for i in range(count)]


def write(path, rows):
    path.write_text("".join(f"{k},{v},{stamp(t)}\n" for k, v, t in rows))
    return path


def stamp(ms):
    moment = datetime.datetime.fromtimestamp(ms // 1000, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + f".{ms % 1000:03}Z"


def window(rows, size, fold):
    """(key, start, fold of the values) of each key and window."""
    groups = collections.defaultdict(list)
    for k, v, t in rows:
        groups[k, t // size * size].append(v)
    return [(k, start, fold(values)) for (k, start), values in groups.items()]


def expected(graph, one, two):
    if graph == "a window after a window":
        rows, fold = [(k, v, start + SECOND - 1) for k, start, v in window(one, SECOND, sum)], max
    elif graph == "a diamond":
        rows, fold = [(k, v % 500, t) for k, v, t in one], sum
    else:
        rows, fold = one + [(k, v, start + 2 * SECOND - 1) for k, start, v in window(one + two, 2 * SECOND, sum)], sum
    return [{"k": k, "window_start": stamp(start), "window_end": stamp(start + 10 * SECOND), "n": n, "v": v}
            for k, start, (n, v) in window(rows, 10 * SECOND, lambda values: (len(values), fold(values)))]


def hold(graph, watermark):
    with tempfile.TemporaryDirectory() as name:
        at = pathlib.Path(name)
        one, two = rows_of(1), rows_of(2, 5_000)
        inputs = {"one": write(at / "one.csv", one), "two": write(at / "two.csv", two)}
        job, first = at / "job.flow", None
        job.write_text(SOURCES.format(watermark=watermark) + GRAPHS[graph])
        for p in PARALLELISM:
            out = {"out": at / f"out.{p}.jsonl", "also": at / f"also.{p}.csv"}
            ran = millrace("run", job, "-p", p, *settings(**inputs, **out))
            suite.check(ran.returncode == 0, f"-p {p}:", told(ran))
            got = [path.read_bytes() if path.exists() else None for path in out.values()]
            first = first or got
            for what, ours, theirs in zip(out, got, first):
                suite.check(ours == theirs, f"at -p {p} the bytes of `{what}` differ from those at -p {PARALLELISM[0]}")
        if watermark == "at end":
            (at / "expected.jsonl").write_text("".join(json.dumps(row) + "\n" for row in expected(graph, one, two)))
            compare(at / "expected.jsonl", at / f"out.{PARALLELISM[0]}.jsonl", "k,window_start")


for each in GRAPHS:
    suite.add(f"{each} is the same at every parallelism with late rows", lambda g=each: hold(g, "lag 1s"))
    suite.add(f"{each} is right and the same at every parallelism", lambda g=each: hold(g, "at end"))
suite.run("oracle_graphs")
