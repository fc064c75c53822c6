#!/usr/bin/env python3
"""Event times at both ends of the range, before 1970, equal and around zero, through windows of every shape: no run
hangs, steps through what is empty or fails, and all numbers of workers write the same bytes."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
from tests.support import suite  # noqa: E402

MILLRACE = os.environ["MILLRACE"]
LEAST, MOST, SECOND = -2**63, 2**63 - 1, 10**9
TIMES = [LEAST, LEAST + 1, LEAST + SECOND, -1, 0, 1, 0, 0, -86400 * SECOND, MOST - SECOND, MOST - 1, MOST, MOST, 5]
CLAUSES = [
    "tumbling 10s", "tumbling 1ns", "sliding 10s every 3s", "sliding 50ns every 7ns", "session 2s", "session 36500d",
    "tumbling day", 'tumbling month zone "Europe/Berlin"', 'tumbling year zone "Pacific/Auckland" offset 3h', "rows 3",
    "rows 4 every 3", "global", "tumbling 1h offset 59m lateness 36500d", "tumbling week emit early every 7d",
    "tumbling 10s lateness 1h emit early every 1s, late every 1s retracting",
    "sliding 10s every 5s lateness 1h emit early every row discarding",
    "session 5s lateness 1h emit early every 1ns, late every 1d retracting", "global emit early every 1s",
]
WATERMARKS = ["lag 1s", "ascending", "lag 36500d", "at end", "on @1970-01-01T00:00:00Z + ns / 2 * 1ns"]


def job(watermark):
    text = ('type Row { key: string, v: i64, ns: i64 }\nsource rows: Row = file(path: "rows.csv", format: csv)\n'
            f"    time @1970-01-01T00:00:00Z + ns * 1ns watermark {watermark};\n")
    for n, clause in enumerate(CLAUSES):
        text += f"stream s{n} = rows |> key by key |> window {clause} |> aggregate n = count(), m = max(v);\n"
        text += f's{n} |> into file(path: "{n}.out", format: json);\n'
    return text + 'stream h = rows |> hold until event_time |> select v, ns;\nh |> into file(path: "h.out", format: json);\n'


def run(folder, workers):
    ran = subprocess.run([MILLRACE, "run", "job.flow", "-p", workers], cwd=folder, capture_output=True, text=True, timeout=100)
    suite.check(ran.returncode == 0, ran.stderr)
    return {out.stem: out.read_text() for out in sorted(folder.glob("*.out"))}


def ends(watermark):
    with tempfile.TemporaryDirectory() as root:
        folder = pathlib.Path(root)
        (folder / "rows.csv").write_text("".join(f"k{n % 3},{n},{t}\n" for n, t in enumerate(TIMES)))
        (folder / "job.flow").write_text(job(watermark))
        want = run(folder, "1")
        suite.check_equal(len(want), len(CLAUSES) + 1)
        for workers in ("2", "7"):
            got = run(folder, workers)
            for name in want:
                suite.check_equal(got[name], want[name], f"window {name} at -p {workers}")
        if watermark == "at end":  # nothing is late
            held = [json.loads(line)["ns"] for line in want["h"].splitlines()]
            suite.check_equal(held, sorted(TIMES))
            for n in (0, 1, 4, 6, 11):
                suite.check_equal(sum(json.loads(line)["n"] for line in want[str(n)].splitlines()), len(TIMES), CLAUSES[n])


for word in WATERMARKS:
    suite.add(f"both ends of time, watermark {word}", lambda word=word: ends(word))
suite.run("ends")
