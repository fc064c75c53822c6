#!/usr/bin/env python3
"""`millrace snapshot`: what it tells of a folder, and of one that is damaged."""

import contextlib
import pathlib
import shutil
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from tests.support import suite  # noqa: E402
from tests.support.program import millrace, settings, told  # noqa: E402

OK, DAMAGED, USAGE, NOT_FOUND = 0, 1, 2, 5
GOLDEN = ROOT / "tests" / "snapshot" / "golden" / "1"
JOB = """param input: string; param out: string;
source words: { word: string } = file(path: input, format: csv);
words |> key by word |> window global |> aggregate n = count() |> into file(path: out, format: json);
"""


@contextlib.contextmanager
def folder():
    with tempfile.TemporaryDirectory() as name:
        yield pathlib.Path(name)


@contextlib.contextmanager
def copy():
    with folder() as place:
        yield pathlib.Path(shutil.copytree(GOLDEN, place / "state"))


def snapshot(status, *words):
    ran = millrace("snapshot", *words)
    suite.check_equal(ran.returncode, status, told(ran))
    return (ran.stdout if status in (OK, DAMAGED) and ran.stdout else ran.stderr).decode()


def data_file(state, number):
    return state / "snapshots" / f"{number:020}" / "data.0"


@suite.test
def a_list_has_a_line_a_snapshot():
    lines = snapshot(OK, "list", GOLDEN).splitlines()
    suite.check_equal(lines[0].split(), ["number", "time", "size", "its", "own", "valid"])
    suite.check_equal(lines[2].split(), ["4", "2024-01-01T00:00:01Z", "24.2", "KiB", "8.2", "KiB", "yes"])


@suite.test
def a_file_that_is_not_there_or_too_short_is_seen_in_the_list():
    with copy() as state:
        data_file(state, 4).unlink()
        lines = snapshot(OK, "list", state).splitlines()
        suite.check(lines[1].endswith("yes"), lines[1])
        suite.check("no: " in lines[2] and "No such file" in lines[2], lines[2])
        data_file(state, 3).write_bytes(b"short")
        lines = snapshot(OK, "list", state).splitlines()
        suite.check("no: " in lines[1] and "offset 5: the file should end at 16432" in lines[1], lines[1])


@suite.test
def what_is_in_the_newest_snapshot_is_shown():
    shown = snapshot(OK, "show", GOLDEN)
    for part in ("snapshot 4\n", "regions of state: 2\n", "12288 bytes", "sections: 2\n", "counters"):
        suite.check(part in shown, shown)
    suite.check("snapshot 3\n" in snapshot(OK, "show", GOLDEN, 3))


@suite.test
def a_check_names_every_damage_with_file_and_offset():
    suite.check_equal(snapshot(OK, "check", GOLDEN), "snapshot 4: intact\nsnapshot 3: intact\n")
    with copy() as state:
        path = data_file(state, 4)
        bytes_ = bytearray(path.read_bytes())
        bytes_[5000] ^= 16
        path.write_bytes(bytes_)
        told_ = snapshot(DAMAGED, "check", state)
        suite.check(f"{path}, offset 4096: granule 1 of region 0 is damaged" in told_, told_)
        suite.check("snapshot 4: damaged in 1 place\nsnapshot 3: intact\n" in told_, told_)
        suite.check_equal(snapshot(OK, "check", state, 3), "snapshot 3: intact\n")


@suite.test
def wrong_usage_and_folders_that_are_none_are_told():
    suite.check("which folder?" in snapshot(USAGE, "list"))
    suite.check("did you mean `check`" in snapshot(USAGE, "chek", GOLDEN))
    suite.check("what is `x`?" in snapshot(USAGE, "show", GOLDEN, "x"))
    suite.check("there is no snapshot 9 in" in snapshot(NOT_FOUND, "show", GOLDEN, 9))
    suite.check("there is no snapshot 9 in" in snapshot(NOT_FOUND, "check", GOLDEN, 9))
    with folder() as place:
        suite.check("JOB: No such file" in snapshot(NOT_FOUND, "list", place))
    suite.check("millrace snapshot check DIR" in snapshot(OK, "--help"))


@suite.test
def the_state_of_a_job_is_shown_with_the_names_of_its_parts():
    with folder() as place:
        (place / "job.flow").write_text(JOB)
        (place / "in.csv").write_text("word\n" + "".join(f"w{i % 999}\n" for i in range(20000)))
        ran = millrace("run", place / "job.flow", "--snapshot-every", "1s",
                       *settings(input=place / "in.csv", out=place / "out.json"))
        suite.check_equal(ran.returncode, 0, told(ran))
        shown = snapshot(OK, "show", place / ".millrace" / "job")
        for part in ("  job, run ", "source/0", "words, has ended\n", " bytes behind byte ", "all its input has ended"):
            suite.check(part in shown, shown)
        suite.check("damaged" not in snapshot(OK, "check", place / ".millrace" / "job"))


suite.run("snapshot")
