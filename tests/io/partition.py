#!/usr/bin/env python3
"""Folders of parts, as a job without snapshots writes them: whatever the values, every row is in the folder of its
value, nothing is outside, and what is there already is left alone."""

import collections
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from tests.support import suite  # noqa: E402
from tests.support.program import PROGRAM, millrace, settings, told  # noqa: E402

JOB = """param out: string;
type Row { n: i64, name: string?, level: i64 }
source rows: Row = file(path: "rows.json", format: json);
rows |> into file(path: out, format: %s, partition: [name, level]);
"""
NULL = "__HIVE_DEFAULT_PARTITION__"
HOSTILE = ["..", ".", "../../x", "/etc/passwd", "a/b", "", " ", "~", "-rf", "*", "$(x)", "`x`", "a\nb", "a\0b", "a=b", "%2F", "\\", "é",
           "\x7f", "\x01", NULL, "x" * 200, "'", '"', "{a}", "[a]", "a:b", "a?b", "#", None]


def job_in(folder, text, rows=()):
    (folder / "job.flow").write_text(text)
    (folder / "rows.json").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder / "job.flow"


def rows_of(seed, count):
    choose = random.Random(seed)
    return [{"n": n, "name": choose.choice(HOSTILE), "level": choose.randrange(-2, 2)} for n in range(count)]


def value_of(name):
    """A folder's name back to a value, as Hive's readers do."""
    column, text = name.split("=", 1)
    return column, None if text == NULL else urllib.parse.unquote(text)


def read(folder, suffix):
    """{(name, level): lines of all parts in order}; anything else that lies there is wrong."""
    found = collections.defaultdict(list)
    parts = [p for p in folder.rglob("*") if not p.is_dir()]
    for part in sorted(parts, key=lambda p: int(p.stem.split("-")[1])):
        suite.check(part.suffix == suffix and not part.name.startswith("."), part)
        first, second = part.relative_to(folder).parts[:-1]
        (name, of_name), (level, of_level) = value_of(first), value_of(second)
        suite.check_equal((name, level), ("name", "level"))
        found[of_name, int(of_level)] += part.read_bytes().decode().split("\n")[:-1]
    return found


@suite.test
def every_row_is_in_the_folder_of_its_values_and_nothing_is_outside():
    for seed, parallel in ((1, 1), (2, 2), (3, 3)):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            rows = rows_of(seed, 2000)
            ran = millrace("run", job_in(folder, JOB % "json", rows), "-p", parallel, *settings(out="out"), cwd=folder)
            suite.check(ran.returncode == 0, told(ran))
            expected = collections.defaultdict(list)
            for row in rows:
                expected[row["name"], row["level"]].append('{"n":%d}' % row["n"])
            suite.check_equal(read(folder / "out", ".json"), expected)
            suite.check_equal(sorted(p.name for p in folder.iterdir()), ["job.flow", "out", "rows.json"])


@suite.test
def each_part_has_a_header_of_what_it_holds():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        ran = millrace("run", job_in(folder, JOB % "csv, header: true", rows_of(1, 300)), *settings(out="out/"), cwd=folder)
        suite.check(ran.returncode == 0, told(ran))
        for lines in read(folder / "out", ".csv").values():
            suite.check_equal((lines[0], lines.count("n")), ("n", 1))


@suite.test
def more_folders_than_files_may_be_open():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        job = """type Row { n: i64, key: i64 }
source numbers = sequence(total: 20000);
numbers |> select n, key = n * 7919 % 1500 |> into file(path: "out", format: csv, partition: [key]);
"""
        ran = millrace("run", job_in(folder, job), cwd=folder)
        suite.check(ran.returncode == 0, told(ran))
        parts = list((folder / "out").rglob("*.csv"))
        suite.check_equal(len(parts), 1500)
        for part in parts:
            key = int(part.parent.name.split("=")[1])
            numbers = [int(line) for line in part.read_text().split()]
            suite.check_equal(numbers, [n for n in range(20000) if n * 7919 % 1500 == key])


@suite.test
def a_folder_with_parts_is_refused_and_left_as_it_is():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        job = job_in(folder, JOB % "json", rows_of(1, 20))
        suite.check(millrace("run", job, *settings(out="out"), cwd=folder).returncode == 0)
        before = {p: p.read_bytes() for p in (folder / "out").rglob("*.json")}
        ran = millrace("run", job, *settings(out="out"), cwd=folder)
        suite.check_equal(ran.returncode, 1)
        suite.check(b"holds parts already" in ran.stderr, told(ran))
        suite.check_equal({p: p.read_bytes() for p in (folder / "out").rglob("*.json")}, before)


@suite.test
def two_sinks_do_not_share_a_folder():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "out").mkdir()
        job = job_in(folder, JOB % "json" + 'rows |> into file(path: "out", format: json, roll: 1m);\n')
        ran = millrace("run", job, *settings(out="./out/"), cwd=folder)
        suite.check_equal(ran.returncode, 1)
        suite.check_equal(list((folder / "out").iterdir()), [])


@suite.test
def a_part_is_there_when_its_time_is_over():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        job = job_in(folder, "source lines = stdin(format: lines);\n"
                             "param every: duration = 100ms;\n"
                             'lines |> into file(path: "out", format: csv, roll: every);\n')
        process = subprocess.Popen([PROGRAM, "run", str(job)], cwd=folder, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        end = time.monotonic() + 20
        lines = 0
        while len(list(folder.glob("out/[!.]*.csv"))) < 2 and time.monotonic() < end:
            process.stdin.write(b"x%d\n" % lines)
            process.stdin.flush()
            lines += 1
            time.sleep(0.02)
        suite.check(len(list(folder.glob("out/[!.]*.csv"))) >= 2, "no part was closed")
        process.stdin.close()
        suite.check(process.wait(20) == 0, process.stderr.read())
        process.stderr.close()
        parts = sorted(folder.glob("out/*.csv"), key=lambda p: int(p.stem.split("-")[1]))
        suite.check_equal("".join(p.read_text() for p in parts), "".join(f"x{n}\n" for n in range(lines)))


suite.run("partition")
