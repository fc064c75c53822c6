#!/usr/bin/env python3
"""What a careful and hostile user tries: objects that are cut off, a Ctrl-C at any moment, names that are none, inputs
that come late, in pieces or not at all."""

import contextlib
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from tests.support import suite  # noqa: E402
from tests.support.program import PROGRAM, millrace, settings, told  # noqa: E402

COUNT = """param total: i64 = 3;
source numbers = sequence(total: total);
numbers |> select n |> into stdout(format: csv);
"""
WRONG = "nothing |> into prin();\n"


@contextlib.contextmanager
def folder():
    with tempfile.TemporaryDirectory() as name:
        yield pathlib.Path(name)


def put(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def ends_with(ran, status, *parts):
    suite.check(ran.returncode == status, f"expected exit status {status}; {told(ran)}")
    for part in parts:
        suite.check(part in ran.stderr.decode(errors="replace"), f"nothing of `{part}` is told; {told(ran)}")


def caching(at):
    return {**os.environ, "XDG_CACHE_HOME": str(at)}


# ---- compiled jobs ---------------------------------------------------------------------------------------------------

@suite.test
def a_compiled_job_that_is_cut_off_anywhere_is_told():
    with folder() as at:
        ends_with(millrace("build", put(at / "job.flow", COUNT), "-o", at / "job.so"), 0)
        whole = (at / "job.so").read_bytes()
        for size in (0, 10, 64, 1000, 4096, 9000, len(whole) // 2, len(whole) - 1):
            ends_with(millrace("run", put(at / "cut.so", whole[:size])), 1, "cut.so")


@suite.test
def an_object_in_the_cache_that_is_cut_off_is_compiled_again():
    with folder() as at:
        job = put(at / "job.flow", COUNT)
        for size in (None, 0, 4096, 9000):
            for path in (at / "millrace").glob("*.so"):
                os.truncate(path, size)
            ran = millrace("run", job, env=caching(at))
            ends_with(ran, 0)
            suite.check_equal(ran.stdout, b"0\n1\n2\n")


@suite.test
def an_interrupt_while_it_compiles_ends_well_and_leaves_nothing_behind():
    with folder() as at:
        job = put(at / "job.flow", COUNT)
        process = subprocess.Popen([PROGRAM, "run", str(job)], env=caching(at), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, start_new_session=True)
        while process.poll() is None and not list(at.glob("millrace/*.c")):
            time.sleep(0.001)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the whole group
        said = process.communicate(timeout=60)[1].decode()
        suite.check(process.returncode == 0 and "bug" not in said, f"status {process.returncode}: {said}")
        suite.check_equal({path.suffix for path in at.glob("millrace/*")}, {".so"})


@suite.test
def two_that_compile_the_same_job_at_once_both_run_it():
    with folder() as at:
        job = put(at / "job.flow", COUNT)
        both = [subprocess.Popen([PROGRAM, "run", str(job)], env=caching(at), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
                for _ in range(2)]
        for process in both:
            suite.check_equal(process.communicate(timeout=60)[0], b"0\n1\n2\n")


@suite.test
def a_home_that_is_missing_or_no_folder_is_no_hindrance():
    with folder() as at:
        job = put(at / "job.flow", COUNT)
        for home in ({}, {"HOME": "/dev/null", "XDG_CACHE_HOME": "/dev/null"}, {"HOME": "relative"}):
            ends_with(millrace("run", job, env={"PATH": os.environ["PATH"], **home}), 0)


@suite.test
def a_build_does_not_write_over_its_job():
    with folder() as at:
        job = put(at / "job.flow", COUNT)
        ends_with(millrace("build", job, "-o", job), 2, ".so")
        suite.check_equal(job.read_text(), COUNT)


@suite.test
def a_job_is_run_whatever_its_file_is_called():
    """The name stands in generated C and in diagnostics."""
    names = [b'q"uote', b"new\nline", b"back\\slash", b"??tri", b"star*", b"per%s%n", b"", b"\xff", b"a" * 240, b"$(id)", b"x.so", b"#if 0\n"]
    with folder() as at:
        for name in names:
            path = bytes(at) + b"/" + name + b".flow"
            pathlib.Path(os.fsdecode(path)).write_text(COUNT)
            ran = subprocess.run([os.fsencode(PROGRAM), b"run", path], capture_output=True, env=caching(at), timeout=60)
            ends_with(ran, 0)
            suite.check_equal(ran.stdout, b"0\n1\n2\n", f"of {name}")
            pathlib.Path(os.fsdecode(path)).write_text(WRONG)
            ran = subprocess.run([os.fsencode(PROGRAM), b"check", b"--json", path], capture_output=True, timeout=60)
            suite.check(json.loads(ran.stdout.decode(errors="strict")), "no diagnostics")


# ---- signals ---------------------------------------------------------------------------------------------------------

TENTHS = """param out: string;
source s = sequence(total: 1_000_000_000) time from_unix_ms(n) watermark ascending;
s |> where n % 10 == 0 |> select n, m = n * 2 |> into file(path: out, format: csv);
stream counts = s |> key by k = n % 100 |> window tumbling 1s |> aggregate c = count();
counts |> into blackhole();
"""


@suite.test
def whenever_the_first_signal_comes_rows_are_whole_and_none_is_missing():
    random.seed(3)
    with folder() as at:
        job, out = put(at / "job.flow", TENTHS), at / "out.csv"
        ends_with(millrace("build", job, "-o", at / "job.so"), 0)
        for turn in range(8):
            out.unlink(missing_ok=True)
            process = subprocess.Popen([PROGRAM, "run", str(at / "job.so"), "-p", str(turn % 2 + 1), *settings(out=out)],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            while not out.exists():  # handlers stand before anything is opened
                time.sleep(0.001)
            time.sleep(random.random() * 0.15)
            process.send_signal(random.choice([signal.SIGINT, signal.SIGTERM]))
            said = process.communicate(timeout=60)[1].decode()
            suite.check(process.returncode == 0, f"exit status {process.returncode}: {said}")
            rows = out.read_bytes()
            suite.check(rows == b"".join(b"%d,%d\n" % (i * 10, i * 20) for i in range(rows.count(b"\n"))), "rows are missing or cut")


# ---- what the compiler has to say ------------------------------------------------------------------------------------

@suite.test
def diagnostics_of_several_files_are_one_json_array():
    with folder() as at:
        wrong, right = put(at / "wrong.flow", WRONG), put(at / "right.flow", COUNT)
        one = len(json.loads(millrace("check", "--json", wrong).stdout))
        suite.check(one > 0)
        for files, count in (([right], 0), ([right, right], 0), ([wrong, wrong], 2 * one), ([wrong, right], one),
                             ([right, wrong, right, wrong], 2 * one), ([at / "none", right], 0), ([at / "none"], 0)):
            for words in (["--json", *files], [*files, "--json"]):
                suite.check_equal(len(json.loads(millrace("check", *words).stdout)), count, f"diagnostics of {words}")


@suite.test
def what_cannot_be_written_to_stdout_is_told():
    with folder() as at, open("/dev/full", "w") as full:
        job = put(at / "job.flow", COUNT)
        for words in (["explain", job], ["explain", "E0101"], ["functions"], ["--help"], ["check", "--json", job]):
            ends_with(millrace(*words, stdout=full), 1, "standard output")


# ---- values ----------------------------------------------------------------------------------------------------------

VALUES = """type Row { x: i64?, a: f32, b: f32 }
source rows: Row = stdin(format: csv);
rows |> select both = x > 0 and x < -5, neither = not (x > 0 and x < -5), sum = a + a * b |> into stdout(format: csv);
"""


@suite.test
def a_null_left_of_and_leaves_the_right_side_as_it_is():
    """What comes behind `and` may be null as well: then all of it is."""
    with folder() as at:
        ran = millrace("run", put(at / "job.flow", VALUES), input=b",1,1\n7,1,1\n")
        suite.check_equal(ran.stdout, b",,2.0\nfalse,true,2.0\n", told(ran))


@suite.test
def a_product_is_rounded_before_it_is_added():
    with folder() as at:
        ran = millrace("run", put(at / "job.flow", VALUES), input=b"7,-981.16656,-1.5\n")
        suite.check_equal(ran.stdout, b"false,true,490.5833\n", told(ran))


# ---- input of every shape --------------------------------------------------------------------------------------------

ROWS = """param input: string;
type Row { a: i64, b: string }
source rows: Row = file(path: input, format: FORMAT) malformed into bad;
rows |> select a, b |> into stdout(format: csv);
bad |> select position, reason |> into file(path: "/dev/stderr", format: csv);
"""


@suite.test
def a_record_is_one_wherever_a_piece_of_the_input_ends():
    """Fields that no column wants make records of many sizes, with many quotes and commas in them."""
    random.seed(1)
    with folder() as at:
        for form in ("json", "csv"):
            text, good, bad = b"", b"", 0
            for i in range(300):
                more = ["y" * random.randrange(900) for _ in range(random.randrange(12))]
                if form == "json":
                    text += json.dumps({"a": i, "b": "x", **{f"z{k}": v for k, v in enumerate(more)}}).encode() + b"\n"
                else:
                    text += ",".join([str(i), "x", *more]).encode() + b"\n"
                if form == "json" or not more:
                    good += b"%d,x\n" % i
                else:
                    bad += 1
            ran = millrace("run", put(at / "job.flow", ROWS.replace("FORMAT", form)), "-p", 1,
                           *settings(input=put(at / "input", text)))
            ends_with(ran, 0)
            suite.check_equal(ran.stdout.decode(), good.decode(), form)
            suite.check_equal(ran.stderr.count(b"fields\n"), bad, "malformed rows")


@suite.test
def a_byte_order_mark_at_the_start_is_no_text():
    texts = {"csv": b"1,x\n2,y\n", "json": b'{"a":1,"b":"x"}\n{"a":2,"b":"y"}\n'}
    with folder() as at:
        for form, text in texts.items():
            job = put(at / f"{form}.flow", ROWS.replace("FORMAT", form))
            source = put(at / "input", b"\xef\xbb\xbf" + text)
            for path, given in ((source, None), ("-", source.read_bytes())):
                ran = millrace("run", job, *settings(input=path), **({"input": given} if given else {}))
                suite.check_equal(ran.stdout, b"1,x\n2,y\n", f"{form} of {path}: {told(ran)}")
            for few in (b"", b"\xef", b"\xef\xbb", b"\xef\xbb\xbf"):
                ran = millrace("run", job, *settings(input="-"), input=few)
                ends_with(ran, 0)
                suite.check_equal(ran.stdout, b"")


suite.run("hostile")
