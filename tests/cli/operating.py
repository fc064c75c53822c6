#!/usr/bin/env python3
"""How a job with snapshots is operated: it goes on after a stop and a kill, finishes, begins anew, is asked and told
things while it runs, and is carried over into a job that has changed."""

import contextlib
import json
import os
import pathlib
import re
import signal
import stat
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from tests.support import suite  # noqa: E402
from tests.support.program import PROGRAM, millrace, settings, told  # noqa: E402

FAILED, USAGE, UNSAFE, NOT_FOUND, NOT_REACHED, TIMED_OUT = 1, 2, 4, 5, 6, 7

SUMS = """set snapshot_every = 50ms;
param total: i64 = 200000;
source s = sequence(total: total) time from_unix_ms(n) watermark lag 1s;
stream sums = s |> key by k = n % 10 |> window tumbling 1s |> aggregate total = sum(n);
sums |> into file(path: "out.csv", format: csv);
"""
ENDLESS = SUMS.replace("200000", "1_000_000_000_000").replace('file(path: "out.csv", format: csv)', "blackhole()")
LIVE = """set snapshot_every = 20ms;
type Row { name: string, time: timestamp }
source rows: Row = stdin(format: csv) time time watermark ascending;
stream hours = rows |> key by name |> window tumbling 1h |> aggregate n = count();
hours |> into file(path: "hours.csv", format: csv);
rows |> into file(path: "rows.csv", format: csv);
"""


@contextlib.contextmanager
def folder(text=SUMS, name="job"):
    with tempfile.TemporaryDirectory() as at:
        at = pathlib.Path(at)
        (at / f"{name}.flow").write_text(text)
        yield at


def run(at, *words, job="job.flow", **options):
    return millrace("run", job, *words, cwd=at, **options)


def ends(ran, status, *parts):
    said = (ran.stdout or b"").decode() + ran.stderr.decode()
    suite.check(ran.returncode == status, f"status {status} is wanted:", told(ran))
    for part in parts:
        suite.check(part in said, f"`{part}` is not told:", said)
    return said


def wait_until(holds, what, seconds=30):
    end = time.monotonic() + seconds
    while not holds():
        suite.check(time.monotonic() < end, f"waited {seconds} s for {what}")
        time.sleep(0.01)


@contextlib.contextmanager
def started(at, *words, job="job.flow"):
    """A running job, which does not outlive the test."""
    process = subprocess.Popen([PROGRAM, "run", job, *map(str, words)], cwd=at, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def snapshots(at, job="job"):
    return [m for m in (at / ".millrace" / job / "snapshots").glob("*/MANIFEST")]


def control(at):
    return at / ".millrace" / "job" / "control"


def ask(at, *words):
    return millrace(*words, cwd=at)


def ended(process):
    process.wait(timeout=30)  # before its input is closed, which would be the end of it
    out, err = process.communicate(timeout=30)
    return subprocess.CompletedProcess([], process.returncode, out, err)


def undisturbed(text=SUMS):
    with folder(text) as at:
        ends(run(at, "--snapshot-every", "off"), 0)
        return (at / "out.csv").read_bytes()


# ---- going on --------------------------------------------------------------------------------------------------------

@suite.test
def without_snapshots_nothing_is_written_but_the_output():
    with folder(SUMS.split("\n", 1)[1]) as at:
        ends(run(at), 0)
        suite.check_equal(sorted(p.name for p in at.iterdir()), ["job.flow", "out.csv"])


@suite.test
def a_job_that_is_killed_goes_on_and_its_output_is_that_of_an_undisturbed_run():
    total = settings(total=20_000_000)
    with folder() as at:
        ends(run(at, *total, "--snapshot-every", "off"), 0)
        whole = (at / "out.csv").read_bytes()
        (at / "out.csv").unlink()
        for workers in (1, 2, 3):
            with started(at, "-p", workers, *total) as process:
                before = len(snapshots(at))
                wait_until(lambda: len(snapshots(at)) > min(before, 2) or process.poll() is not None, "a snapshot")
                time.sleep(0.1)
        ends(run(at, "-p", 2, *total), 0, "from snapshot" if not whole == (at / "out.csv").read_bytes() else "")
        suite.check((at / "out.csv").read_bytes() == whole, "the output differs")


@suite.test
def a_stop_fires_no_window_and_the_rest_of_a_pipe_goes_on_where_it_ended():
    with folder(LIVE) as at:
        for rows, close in ((3, False), (2, True)):
            with started(at, "--guarantee", "exactly_once") as process:
                for i in range(rows):
                    process.stdin.write(b"a,2026-01-01T10:00:%02dZ\n" % i)
                process.stdin.flush()
                if close:
                    process.stdin.close()
                    process.stdin = None
                else:
                    wait_until(lambda: (at / "rows.csv").exists() and
                               (at / "rows.csv").read_bytes().count(b"\n") == 3, "rows to be committed")
                    process.send_signal(signal.SIGINT)
                ends(ended(process), 0)
            if not close:
                suite.check(not (at / "hours.csv").exists() or not (at / "hours.csv").read_bytes(), "a window fired")
        suite.check_equal((at / "rows.csv").read_bytes().count(b"\n"), 5)
        suite.check((at / "hours.csv").read_bytes().endswith(b",5\n"), (at / "hours.csv").read_text())


@suite.test
def a_finished_job_says_so_and_does_nothing():
    with folder() as at:
        ends(run(at), 0)
        whole, names = (at / "out.csv").read_bytes(), snapshots(at)
        ends(run(at), 0, "finished", "--fresh")
        suite.check_equal((at / "out.csv").read_bytes(), whole)
        suite.check_equal(snapshots(at), names)


@suite.test
def a_fresh_start_says_what_it_leaves_and_writes_over_nothing():
    whole = undisturbed()
    with folder() as at:
        ends(run(at), 0)
        said = ends(run(at, "--fresh"), FAILED, "begins anew", "left behind", "--accept-duplicates", "out.csv")
        suite.check("snapshot" in said, said)
        suite.check_equal((at / "out.csv").read_bytes(), whole)
        (at / "out.csv").unlink()
        ends(run(at, "--fresh"), 0, "begins anew")
        suite.check_equal((at / "out.csv").read_bytes(), whole)
        ends(run(at, "--fresh", "--accept-duplicates"), 0)
        suite.check_equal((at / "out.csv").read_bytes(), whole + whole)


@suite.test
def snapshots_that_are_off_leave_those_that_are_there_alone():
    with folder() as at:
        ends(run(at), 0)
        names = snapshots(at)
        ends(run(at, "--snapshot-every", "off"), 0, "no snapshots now", ".millrace/job")
        suite.check_equal(snapshots(at), names)


@suite.test
def the_state_may_lie_elsewhere_and_that_alone_asks_for_snapshots():
    with folder(SUMS.split("\n", 1)[1]) as at:
        ends(run(at, "--state", "there/it/is"), 0)
        suite.check((at / "there/it/is/snapshots").is_dir() and not (at / ".millrace").exists(), "is elsewhere")
        ends(run(at, "--state", "there/it/is"), 0, "finished")


@suite.test
def a_built_job_keeps_its_state_beside_it():
    with folder() as at:
        ends(millrace("build", "job.flow", "-o", "built.so", cwd=at), 0)
        ends(run(at, job="built.so"), 0)
        ends(run(at, job="built.so"), 0, "finished")
        suite.check((at / ".millrace/built/snapshots").is_dir(), "no state")


@suite.test
def two_processes_never_share_a_state():
    with folder(ENDLESS) as at, started(at) as process:
        wait_until(lambda: snapshots(at), "a snapshot")
        ends(run(at), UNSAFE, str(process.pid))
        ends(ask(at, "status", "job.flow"), 0, "running")


@suite.test
def options_that_contradict_each_other_are_wrong_usage():
    with folder() as at:
        for words in (["--snapshot-every", "off", "--state", "x"], ["--snapshot-every", "5"], ["--snapshot-every", "0s"],
                      ["--guarantee", "twice"], ["--freshh"]):
            ends(run(at, *words), USAGE)
        suite.check_equal([p.name for p in at.iterdir()], ["job.flow"])


@suite.test
def what_promises_less_than_exactly_once_is_told():
    with folder(LIVE.replace('file(path: "hours.csv", format: csv)', "print()")) as at:
        ends(run(at, input=b""), 0, "`hours/print` is at least once", "`rows` cannot be read again")
    with folder(LIVE.replace('file(path: "hours.csv", format: csv)', "print()")) as at:
        said = ends(run(at, "--guarantee", "at_least_once", input=b""), 0)
        suite.check("at least once" not in said and "cannot be read" not in said, said)


# ---- a running job ---------------------------------------------------------------------------------------------------

@suite.test
def a_running_job_answers_its_user_and_nobody_else():
    with folder(ENDLESS) as at, started(at):
        wait_until(lambda: control(at).exists() and snapshots(at), "a snapshot")
        suite.check_equal(stat.S_IMODE(control(at).stat().st_mode), 0o600)
        suite.check_equal(stat.S_IMODE(control(at).parent.stat().st_mode), 0o700)
        status = json.loads(ask(at, "status", "job.flow", "--json").stdout)
        suite.check(status["ok"] and status["state"] == "running" and status["rows_in"] > 0, status)
        suite.check(status["snapshots"] >= 1 and status["newest_snapshot"] >= 1, status)
        ends(ask(at, "status", ".millrace/job"), 0, "rows_in")


@suite.test
def a_job_that_does_not_run_is_not_reached():
    with folder() as at:
        for words in (["status"], ["savepoint"], ["stop"], ["stop", "--drain"]):
            ends(ask(at, *words, "job.flow"), NOT_FOUND, "no such job")
        ends(run(at), 0)
        for words in (["status"], ["savepoint"], ["stop"], ["stop", "--drain"]):
            ends(ask(at, *words, "job.flow"), NOT_REACHED, "does not run")
        for words in (["status"], ["savepoint", "--too", "x"], ["stop", "a", "b"]):
            ends(ask(at, *words), USAGE)


@suite.test
def a_stuck_job_is_given_up_on():
    with folder(ENDLESS) as at, started(at) as process:
        wait_until(lambda: control(at).exists(), "its socket")
        process.send_signal(signal.SIGSTOP)
        ends(ask(at, "status", "job.flow", "--timeout", "300ms"), TIMED_OUT)
        process.send_signal(signal.SIGCONT)
        ends(ask(at, "status", "job.flow"), 0)


@suite.test
def a_stop_waits_for_the_end_and_the_job_goes_on_later():
    with folder(ENDLESS) as at:
        for _ in range(2):
            with started(at) as process:
                wait_until(lambda: control(at).exists(), "its socket")
                stopped = json.loads(ends(ask(at, "stop", "job.flow", "--json"), 0))
                suite.check(stopped["ok"] and stopped["snapshot"] > 0, stopped)
                suite.check(not control(at).exists(), "the socket is left")
                with started(at) as another:  # at once: nobody holds the state any more
                    wait_until(lambda: control(at).exists() or another.poll() is not None, "its socket")
                    ends(ask(at, "stop", "job.flow"), 0)
                    ends(ended(another), 0, "goes on from snapshot")
                said = ends(ended(process), 0, "stopped", "until the job goes on")
        suite.check("goes on from snapshot" in said, said)


@suite.test
def a_drained_job_fires_its_windows_and_is_finished():
    with folder(LIVE) as at:
        with started(at) as process:
            process.stdin.write(b"a,2026-01-01T10:00:00Z\nb,2026-01-01T10:00:01Z\n")
            process.stdin.flush()
            wait_until(lambda: (at / "rows.csv").exists() and (at / "rows.csv").read_bytes().count(b"\n") == 2, "rows")
            ends(ask(at, "stop", "--drain", "job.flow"), 0)
            ends(ended(process), 0)
        suite.check_equal((at / "hours.csv").read_bytes().count(b"\n"), 2)
        ends(run(at, input=b""), 0, "finished")


@suite.test
def a_savepoint_stands_by_itself():
    with folder(ENDLESS) as at:
        with started(at) as process:
            wait_until(lambda: control(at).exists(), "its socket")
            ends(ask(at, "savepoint", "job.flow", "--to", "one"), 0, ".millrace/job/savepoints/one")
            ends(ask(at, "savepoint", "job.flow"), 0, "savepoints/2")
            ends(ask(at, "savepoint", "job.flow", "--to", "./two"), 0, str(at / "two").split("/")[-1])
            ends(ask(at, "savepoint", "job.flow", "--to", "./two"), FAILED)
            ends(ask(at, "stop", "job.flow", "--savepoint", "./three"), 0, "three")
            ends(ended(process), 0)
        for name in ("two", "three", ".millrace/job/savepoints/one"):
            ends(ask(at, "snapshot", "check", name), 0, "intact")
        ends(run(at, "--from", "two"), UNSAFE, "--fresh")
        ends(run(at, "--from", "nowhere"), NOT_FOUND)
        ends(run(at, "--from", "99999"), NOT_FOUND)
        with started(at, "--from", "two", "--fresh") as process:
            wait_until(lambda: control(at).exists(), "its socket")
            ends(ask(at, "stop", "job.flow"), 0)
            ends(ended(process), 0, "goes on from snapshot")


@suite.test
def going_back_behind_committed_output_wants_to_be_said():
    with folder() as at:
        total = settings(total=100_000_000)
        with started(at, *total) as process:
            wait_until(lambda: control(at).exists() and snapshots(at), "a snapshot")
            ends(ask(at, "savepoint", "job.flow", "--to", "./old"), 0)
            before = (at / "out.csv").stat().st_size
            wait_until(lambda: (at / "out.csv").stat().st_size > before, "more output")
            ends(ask(at, "stop", "job.flow"), 0)
            ends(ended(process), 0)
        ends(run(at, "--from", "old", "--fresh", *total), FAILED, "out.csv")
        with started(at, "--from", "old", "--fresh", "--accept-duplicates", *total) as process:
            wait_until(lambda: control(at).exists(), "its socket")
            ends(ask(at, "stop", "job.flow"), 0)
            ends(ended(process), 0)


@suite.test
def each_snapshot_is_an_event_and_their_sums_are_figures():
    with folder() as at:
        ends(run(at, "--events", "events.jsonl", "--stats", "stats.json", *settings(total=5_000_000)), 0)
        events = [json.loads(line) for line in (at / "events.jsonl").read_text().splitlines()]
        stats = json.loads((at / "stats.json").read_text())
        suite.check_equal([e["number"] for e in events], list(range(1, len(events) + 1)))
        suite.check_equal(events[-1]["kind"], "last")
        suite.check(all(e["ok"] and e["error"] is None and e["seconds"] >= e["pause_seconds"] >= 0 for e in events), events)
        suite.check_equal(stats["snapshots"], len(events))
        suite.check_equal(stats["snapshot_bytes"], sum(e["bytes"] for e in events))
        suite.check_equal((stats["snapshots_failed"], stats["snapshot_error"]), (0, None))


# ---- a job that has changed ------------------------------------------------------------------------------------------

def stopped(at):
    with started(at, *settings(total=1_000_000_000)) as process:
        wait_until(lambda: control(at).exists() and snapshots(at), "a snapshot")
        ends(ask(at, "stop", "job.flow"), 0)
        ends(ended(process), 0)


def fates(at, status, *words):
    """What diff says: {"stage sums/aggregate": "keep", ...}"""
    ran = millrace("diff", ".millrace/job", "job.flow", *words, cwd=at)
    suite.check(ran.returncode == status, f"status {status} is wanted:", ran.stdout.decode(), told(ran))
    found = re.findall(r"^(\w+) +(\S+) +(keep|migrate|rebuild|drop|refuse)$", ran.stdout.decode(), re.M)
    return {f"{kind} {name}": fate for kind, name, fate in found}


def changed(at, *pairs):
    text = (at / "job.flow").read_text()
    for old, new in pairs:
        suite.check(old in text, f"`{old}` is not there")
        text = text.replace(old, new)
    (at / "job.flow").write_text(text)


TOTAL = settings(total=1_000_000_000)
SAME = {"source s": "keep", "stage sums/aggregate": "keep", "sink sums/file": "keep"}


@suite.test
def nothing_changes_in_a_job_that_is_the_same():
    with folder() as at:
        stopped(at)
        suite.check_equal(fates(at, 0, *TOTAL), SAME)
        changed(at, ("set snapshot_every = 50ms;", "set snapshot_every = 1s; set parallelism = 3;"),
                ("s |> key by", "s |> where n >= 0 |> key by"))
        suite.check_equal(fates(at, 0, *TOTAL), SAME)


@suite.test
def another_name_and_a_new_stage_lose_nothing():
    with folder() as at:
        stopped(at)
        changed(at, ("stream sums", "stream totals was sums"), ("sums |> into", "totals |> into"))
        with (at / "job.flow").open("a") as to:
            to.write("stream more = s |> window tumbling 1s |> aggregate n = count(); more |> into blackhole();\n")
        suite.check_equal(fates(at, 0, *TOTAL), {"source s": "keep", "stage totals/aggregate": "migrate",
                                                 "stage more/aggregate": "rebuild", "sink totals/file": "migrate"})
        with started(at, *TOTAL) as process:
            wait_until(lambda: control(at).exists(), "its socket")
            ends(ask(at, "stop", "job.flow"), 0)
            ends(ended(process), 0, "goes on")
        suite.check_equal(set(fates(at, 0, *TOTAL).values()), {"keep"})


@suite.test
def what_would_be_lost_is_refused_until_it_is_named():
    with folder() as at:
        stopped(at)
        changed(at, ("tumbling 1s", "tumbling 2s"))
        suite.check_equal(fates(at, UNSAFE, *TOTAL), {**SAME, "stage sums/aggregate": "drop"})
        names = snapshots(at)
        ends(run(at, *TOTAL), UNSAFE, "sums/aggregate", "--drop-state", "nothing was begun")
        ends(run(at, *TOTAL, "--drop-state", "sums/aggregat"), UNSAFE)
        suite.check_equal(snapshots(at), names)
        with started(at, *TOTAL, "--drop-state", "sums/aggregate") as process:
            wait_until(lambda: control(at).exists(), "its socket")
            ends(ask(at, "stop", "job.flow"), 0)
            ends(ended(process), 0, "goes on")
        suite.check_equal(fates(at, 0, *TOTAL), SAME)


@suite.test
def a_stage_and_a_sink_that_are_gone_are_named_one_by_one():
    with folder() as at:
        stopped(at)
        changed(at, ("stream sums", "stream other"), ("sums |> into", "other |> into"))
        suite.check_equal(fates(at, UNSAFE, *TOTAL),
                          {"source s": "keep", "stage other/aggregate": "rebuild", "sink other/file": "rebuild",
                           "stage sums/aggregate": "drop", "sink sums/file": "drop"})
        ends(run(at, *TOTAL, "--drop-state", "sums/aggregate"), UNSAFE, "sums/file")


@suite.test
def another_output_is_a_loss_and_another_param_is_refused():
    with folder() as at:
        stopped(at)
        suite.check_equal(fates(at, UNSAFE), {**SAME, "param total": "refuse"})
        ends(run(at), UNSAFE, "total", "1000000000", "200000")
        changed(at, ("out.csv", "elsewhere.csv"))
        suite.check_equal(fates(at, UNSAFE, *TOTAL), {**SAME, "sink sums/file": "drop"})
        ends(run(at, *TOTAL), UNSAFE, "elsewhere.csv")
        with started(at, *TOTAL, "--drop-state", "sums/file") as process:
            wait_until(lambda: (at / "elsewhere.csv").exists() and control(at).exists(), "its socket")
            ends(ask(at, "stop", "job.flow"), 0)
            ends(ended(process), 0)


@suite.test
def what_is_no_savepoint_or_no_job_is_not_found():
    with folder() as at:
        ends(millrace("diff", "nowhere", "job.flow", cwd=at), NOT_FOUND)
        ends(run(at), 0)
        ends(millrace("diff", ".millrace/job", "nojob.flow", cwd=at), NOT_FOUND)
        ends(millrace("diff", ".millrace/job", cwd=at), USAGE)
        (at / "other.flow").write_text(SUMS)
        ran = millrace("diff", ".millrace/job", "other.flow", cwd=at)
        ends(ran, UNSAFE, "of job `job`")


suite.run("operating")
