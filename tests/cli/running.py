#!/usr/bin/env python3
"""What a run is like from outside: signals, figures, the cache, jobs that need no compiler, and how soon rows come."""

import contextlib
import json
import os
import pathlib
import pty
import signal
import subprocess
import sys
import tempfile
import time
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from tests.support import suite  # noqa: E402
from tests.support.program import PROGRAM, millrace, settings, told  # noqa: E402

LIVE = """param out: string; param panes: string;
type Row { name: string, time: timestamp }
source rows: Row = stdin(format: csv) time time watermark ascending;
rows |> into file(path: out, format: json);
rows |> key by name |> window tumbling 1h |> aggregate n = count() |> into file(path: panes, format: json);
"""
BY_KEY = """source numbers = sequence(total: 5000) time from_unix_ms(n) watermark ascending;
numbers |> select k = n % 101, name = if(n % 2 == 0, "even", "a text that is longer than fifteen bytes") |> key by k, name |> window global
        |> aggregate n = count() |> into stdout(format: csv);
"""
TWO_PRINTS = f"""source numbers = sequence(total: 40000);
numbers |> select n, text = "{"odd" * 30}" |> into print();
numbers |> select n, text = "{"even" * 20}" |> into stdout(format: csv);
"""
SQUARES = """param total: i64 = 1000;
source numbers = sequence(total: total);
numbers |> select n, square = n * n |> into stdout(format: csv);
"""


@contextlib.contextmanager
def folder():
    with tempfile.TemporaryDirectory() as name:
        yield pathlib.Path(name)


def job_in(at, text):
    (at / "job.flow").write_text(text)
    return at / "job.flow"


def wait_until(holds, what, seconds=20):
    end = time.monotonic() + seconds
    while not holds():
        suite.check(time.monotonic() < end, f"waited {seconds} s for {what}")
        time.sleep(0.01)


@contextlib.contextmanager
def started(*words, **options):
    """A running process, which does not outlive the test."""
    options = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    process = subprocess.Popen([PROGRAM, *map(str, words)], **options)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream:
                with contextlib.suppress(OSError):
                    stream.close()


@contextlib.contextmanager
def live(at, rows=3):
    """A job that waits for more after some rows, all of one hour, have come out."""
    out, panes = at / "out.jsonl", at / "panes.jsonl"
    with started("run", job_in(at, LIVE), *settings(out=out, panes=panes)) as process:
        for i in range(rows):
            process.stdin.write(b"a,2026-01-01T10:00:%02dZ\n" % i)
        process.stdin.flush()
        wait_until(lambda: out.exists() and out.read_bytes().count(b"\n") == rows, f"{rows} rows to come out")
        yield process, out, panes


# ---- signals ---------------------------------------------------------------------------------------------------------

def the_first_signal(number):
    with folder() as at, live(at) as (process, out, panes):
        process.send_signal(number)
        status = process.wait(timeout=20)
        said = process.stderr.read().decode()
        suite.check_equal(status, 0, f"exit status, after it said\n{said}")
        suite.check_equal(out.read_bytes().count(b"\n"), 3, "rows that were in")
        suite.check(not panes.exists() or panes.read_bytes() == b"", "an open window fired")
        suite.check("window" in said and "3" in said, f"nothing is told of the rows in open windows:\n{said}")


@suite.test
def a_first_sigint_finishes_the_rows_and_fires_no_open_window():
    the_first_signal(signal.SIGINT)


@suite.test
def a_first_sigterm_finishes_the_rows_and_fires_no_open_window():
    the_first_signal(signal.SIGTERM)


def the_second_signal(number):
    """Nobody reads the output, so that the rows which are in cannot be finished."""
    with folder() as at, started("run", job_in(at, SQUARES), *settings(total=100_000_000), stdin=subprocess.DEVNULL) as process:
        process.stdout.read(1)
        time.sleep(0.2)
        process.send_signal(number)
        time.sleep(0.3)
        suite.check(process.poll() is None, "it ended with rows that nobody has read")
        process.send_signal(number)
        suite.check(process.wait(timeout=5) in (128 + number, -number), f"exit status {process.returncode}")


@suite.test
def a_second_sigint_ends_it_at_once():
    the_second_signal(signal.SIGINT)


@suite.test
def a_second_sigterm_ends_it_at_once():
    the_second_signal(signal.SIGTERM)


@suite.test
def the_end_of_stdin_ends_the_job_and_fires_its_windows():
    with folder() as at, live(at) as (process, out, panes):
        process.stdin.close()
        suite.check_equal(process.wait(timeout=20), 0, "exit status")
        suite.check_equal(json.loads(panes.read_text())["n"], 3)


@suite.test
def a_job_that_waits_costs_no_cpu():
    with folder() as at, live(at) as (process, out, panes):
        def ticks():
            fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
            return int(fields[11]) + int(fields[12])
        time.sleep(0.3)  # to go to sleep
        before = ticks()
        time.sleep(1)
        used = (ticks() - before) / os.sysconf("SC_CLK_TCK")
        suite.check(used <= 0.05, f"{used} s of CPU in a second of nothing")


# ---- what is told ----------------------------------------------------------------------------------------------------

@suite.test
def the_figures_of_a_run_are_json():
    with folder() as at:
        ran = millrace("run", job_in(at, SQUARES), "--stats", at / "stats.json")
        suite.check(ran.returncode == 0, told(ran))
        stats = json.loads((at / "stats.json").read_text())
        suite.check_equal([stats[k] for k in ("rows_in", "rows_out", "late", "malformed")], [1000, 1000, 0, 0])
        for figure in ("seconds", "rows_per_second", "compile_seconds"):
            suite.check(stats[figure] >= 0, figure)
        suite.check(any("state" in name for name in stats), f"no bytes of state in {list(stats)}")


@suite.test
def figures_go_to_stdout_when_asked():
    with folder() as at:
        text = SQUARES.replace("stdout(format: csv)", "blackhole()")
        suite.check_equal(json.loads(millrace("run", job_in(at, text), "--stats", "-").stdout)["rows_in"], 1000)


@suite.test
def data_alone_is_on_stdout():
    with folder() as at:
        ran = millrace("run", job_in(at, SQUARES))
        suite.check_equal(ran.stdout.decode(), "".join(f"{n},{n * n}\n" for n in range(1000)))
        suite.check(b"1000" in ran.stderr or b"1,000" in ran.stderr, f"no summary: {told(ran)}")


@suite.test
def rows_of_several_sinks_on_stdout_are_whole_and_in_order_in_each():
    with folder() as at:
        for p in (1, 2, 4):
            said = millrace("run", job_in(at, TWO_PRINTS), "-p", p).stdout.decode().splitlines()
            odd = even = 0
            for line in said:
                if line == f"n={odd} text={'odd' * 30}":
                    odd += 1
                else:
                    suite.check_equal(line, f"{even},{'even' * 20}")
                    even += 1
            suite.check_equal((odd, even), (40000, 40000))


@suite.test
def a_random_hash_key_changes_the_order_of_rows_and_nothing_else():
    with folder() as at:
        job = job_in(at, BY_KEY)

        def rows(*words):
            ran = millrace("run", job, *words)
            suite.check(ran.returncode == 0, told(ran))
            return ran.stdout.splitlines()

        usual = rows("-p", 1)
        suite.check_equal(rows("-p", 3), usual)
        some = [rows("-p", p, "--hash-key", "random") for p in (1, 2, 3)]
        for each in some:
            suite.check_equal(sorted(each), sorted(usual))
        suite.check(len({tuple(each) for each in [usual, *some]}) == 4, "the order is not random")
        suite.check_equal(millrace("run", job, "--hash-key", "7").returncode, 2)


@suite.test
def progress_is_shown_on_a_terminal_only():
    with folder() as at:
        job = job_in(at, SQUARES.replace("stdout(format: csv)", "blackhole()"))
        big = settings(total=2_000_000_000)
        above, below = pty.openpty()
        with started("run", job, *big, stderr=below, stdin=subprocess.DEVNULL) as process:
            os.close(below)
            said = b""
            while b"rows/s" not in said:
                try:
                    more = os.read(above, 4096)
                except OSError:  # it has ended, and with it the terminal
                    more = b""
                suite.check(more, f"no progress on a terminal: {said!r}")
                said += more
        os.close(above)
        suite.check(b"\r" not in millrace("run", job).stderr, "a progress line without a terminal")


# ---- compiled jobs ---------------------------------------------------------------------------------------------------

def fresh(text):
    """A job that no cache has seen."""
    return f"// {uuid.uuid4()}\n" + text.replace("select n", f"where n != {uuid.uuid4().int >> 66} |> select n")


def without_compiler(at):
    return {**os.environ, "PATH": str(at / "empty")}


@suite.test
def a_built_job_runs_without_a_compiler_at_any_parallelism():
    with folder() as at:
        ran = millrace("build", job_in(at, fresh(SQUARES)), "-o", at / "job.so")
        suite.check(ran.returncode == 0, told(ran))
        for p in (1, 4):
            ran = millrace("run", at / "job.so", "-p", p, *settings(total=3), env=without_compiler(at))
            suite.check(ran.returncode == 0, told(ran))
            suite.check_equal(ran.stdout, b"0,0\n1,1\n2,4\n")


@suite.test
def a_missing_compiler_is_told_with_the_way_out():
    with folder() as at:
        ran = millrace("run", job_in(at, fresh(SQUARES)), env=without_compiler(at))
        suite.check(ran.returncode == 1, told(ran))
        suite.check(b"cc" in ran.stderr and b"millrace build" in ran.stderr, told(ran))


@suite.test
def a_job_is_compiled_once_for_all_settings_and_parallelisms():
    with folder() as at:
        job, stats = job_in(at, fresh(SQUARES)), at / "stats.json"
        seconds = []
        for words in ([], ["-p", 3], settings(total=2)):
            suite.check(millrace("run", job, "--stats", stats, *words).returncode == 0)
            seconds.append(json.loads(stats.read_text())["compile_seconds"])
        suite.check(seconds[0] > 4 * max(seconds[1:]), f"seconds of compiling: {seconds}")


@suite.test
def the_cache_loses_what_was_used_least_recently():
    with folder() as at:
        cache, hour = at / "millrace", 3600

        def age(name, seconds):
            os.utime(cache / name, (time.time() - seconds,) * 2)

        def names_after(job):
            ran = millrace("run", job, *settings(total=3), env=os.environ | {"XDG_CACHE_HOME": str(at)})
            suite.check(ran.returncode == 0, told(ran))
            return {file.name for file in cache.iterdir()}

        cache.mkdir()
        gone = {"1" * 32 + ".so": 9 * hour, "2" * 32 + ".so": 8 * hour, "6" * 32 + ".99.fused.o": 2 * hour}
        kept = {"3" * 32 + ".so": 7 * hour, "4" * 32 + ".so": hour / 2, "5" * 32 + ".99.c": hour / 2, "a friend's.so": 9 * hour}
        for name, seconds in {**gone, **kept}.items():
            (cache / name).touch()
            os.truncate(cache / name, 30 << 20)
            age(name, seconds)
        job = job_in(at, fresh(SQUARES))
        mine = names_after(job) - set(kept)
        suite.check_equal(len(mine - set(gone)), 1)
        suite.check_equal(mine & set(gone), set())
        age(*mine, 9 * hour)
        names_after(job)  # found, and so used again
        suite.check(mine | set(kept) < names_after(job_in(at, fresh(SQUARES))), "one that was used just now is gone")


@suite.test
def a_file_that_is_no_compiled_job_is_refused():
    with folder() as at:
        for content in (b"", b"\x7fELF" + bytes(100), b"text"):
            (at / "job.so").write_bytes(content)
            ran = millrace("run", at / "job.so")
            suite.check(ran.returncode in (1, 3), told(ran))
            suite.check(b"job.so" in ran.stderr, told(ran))


# ---- how soon --------------------------------------------------------------------------------------------------------

def first_row_after(job):
    start = time.monotonic()
    with started("run", job, stdin=subprocess.DEVNULL) as process:
        process.stdout.readline()
        return time.monotonic() - start


def soon(limit, times):
    suite.check(min(times) < limit, f"limit {limit} s, took {', '.join(f'{t:.3f}' for t in times)} s")


@suite.test
def the_first_row_comes_within_500_ms_cold_and_60_ms_from_the_cache():
    with folder() as at:
        soon(0.5, [first_row_after(job_in(at, fresh(SQUARES))) for _ in range(3)])
        soon(0.06, [first_row_after(at / "job.flow") for _ in range(7)])


@suite.test
def a_check_takes_less_than_50_ms():
    times = []
    for _ in range(7):
        start = time.monotonic()
        millrace("check", ROOT / "jobs" / "sensor_averages.flow")
        times.append(time.monotonic() - start)
    soon(0.05, times)


suite.run("running")
