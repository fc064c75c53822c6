#!/usr/bin/env python3
"""Decisions of docs/language.md that no row of a job shows: exit statuses, warnings, what is bound when."""

import contextlib
import json
import os
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from tests.support import suite  # noqa: E402
from tests.support.program import millrace, settings, told  # noqa: E402

FAILED, USAGE, REFUSED, NOT_FOUND = 1, 2, 3, 5
PARAMS = """param rows: i64 = 2; param least: i64 = 0; param out: string;
source s = sequence(total: rows);
s |> where n >= least |> into file(path: out, format: csv);"""


@contextlib.contextmanager
def job(text):
    """The path of a job in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "job.flow")
        path.write_text(text)
        yield path


def ends(ran, status, *parts):
    said = (ran.stdout or b"").decode() + ran.stderr.decode()
    suite.check(ran.returncode == status, f"status {status} is wanted:", told(ran))
    for part in parts:
        suite.check(part in said, f"`{part}` is not told:", said)


def printed(text, *words):
    with job(text) as path:
        ran = millrace("run", path, *words)
        ends(ran, 0)
        return ran.stdout.decode()


@suite.test
def a_variable_of_env_that_is_not_set_stops_the_job_at_its_start():
    with job('source s = sequence(total: 1); s |> into file(path: env("MILLRACE_NOT_SET"), format: csv);') as path:
        ends(millrace("run", path), FAILED, "MILLRACE_NOT_SET")
        ends(millrace("run", path, env={**os.environ, "MILLRACE_NOT_SET": str(path.with_name("out"))}), 0)


@suite.test
def a_param_of_options_is_missed_at_start_and_one_of_expressions_when_compiled():
    with job(PARAMS) as path:
        ends(millrace("run", path), USAGE, "out")
        ends(millrace("check", path), 0)
    with job("param least: i64; source s = sequence(total: 1); s |> where n > least |> into print();") as path:
        ends(millrace("run", path), USAGE, "E0208", "least")
        ends(millrace("run", path, *settings(least=0)), 0)


@suite.test
def a_param_that_does_not_exist_is_refused():
    with job(PARAMS) as path:
        out = path.with_name("out")
        ends(millrace("run", path, *settings(out=out, lest=1)), USAGE, "lest", "least")
        ends(millrace("build", path, "-o", path.with_suffix(".so")), 0)
        ends(millrace("run", path.with_suffix(".so"), *settings(out=out, lest=1)), USAGE, "lest")
        ends(millrace("run", path.with_suffix(".so"), *settings(out=out, least=1)), USAGE, "`least`", "millrace build --set")


@suite.test
def a_compiled_job_takes_other_values_of_params_that_options_use():
    with job(PARAMS) as path:
        built, out = path.with_suffix(".so"), path.with_name("out")
        ends(millrace("build", path, "-o", built, *settings(least=1)), 0)
        ends(millrace("run", built, *settings(out=out, rows=4)), 0)
        suite.check_equal([line[0] for line in out.read_text().splitlines()], ["1", "2", "3"])


@suite.test
def a_lookup_without_equality_and_a_key_before_a_sink_warn():
    with job("""type T { v: i64 } table t: T key v = file(path: "t.csv", format: csv);
                source s = sequence(total: 2); s |> lookup t on t.v > n |> key by n |> into print();""") as path:
        ends(millrace("check", path), 0, "W0005", "W0006")


@suite.test
def numbers_of_a_sequence_depend_on_row_and_seed_alone():
    text = "source s = sequence(total: 100_000, seed: {}); s |> where random % 1000 == 0 |> into print();"
    once = printed(text.format(1), "-p", 1)
    suite.check_equal(printed(text.format(1), "-p", 3), once)
    suite.check(printed(text.format(2), "-p", 1) != once, "another seed gives the same numbers")


@suite.test
def paths_are_relative_to_the_working_directory_and_use_to_its_file():
    with job('use "part.flow"; s |> into print();') as path:
        path.with_name("part.flow").write_text('source s = file(path: "in.txt", format: lines);')
        with tempfile.TemporaryDirectory() as elsewhere:
            pathlib.Path(elsewhere, "in.txt").write_text("here\n")
            ran = millrace("run", path, cwd=elsewhere)
            ends(ran, 0)
            suite.check_equal(ran.stdout.decode(), "line=here\n")


@suite.test
def a_cast_that_does_not_fit_is_null_of_a_literal_too():
    out = printed("""source s = sequence(total: 1); s |> let x = if(n == 0, 9e99, 1.0)
                     |> select a = 9e99 as f32, b = x as f32, c = 1e10 as f32 |> into print();""")
    suite.check_equal(out, "a=null b=null c=10000000000.0\n")


@suite.test
def rows_that_a_blackhole_takes_are_rows_out():
    for p in (1, 2):
        with job("source s = sequence(total: 1000); s |> where n < 7 |> into blackhole(); s |> where n < 2 |> into print();") as path:
            stats = path.with_name("stats.json")
            ends(millrace("run", path, "-p", p, "--stats", stats), 0, "9 rows out")
            suite.check_equal(json.loads(stats.read_text())["rows_out"], 9)


@suite.test
def every_exit_status_is_given():
    with job("source s = sequence(total: 1); s |> into print();") as path:
        ends(millrace("run", path), 0)
        ends(millrace("run", path, "-p", "none"), USAGE)
        ends(millrace("run", path.with_name("other.flow")), NOT_FOUND)
        ends(millrace("check", path.with_name("other.flow")), NOT_FOUND)
        ends(millrace("run", path.with_name("other.so")), NOT_FOUND)
        path.write_text("source s = sequence(total: 1); s |> into prnt();")
        for command in (["run"], ["check"], ["explain"], ["build", "-o", path.with_suffix(".so")]):
            ends(millrace(*command, path), REFUSED, "E0501")
        path.write_text('source s = file(path: "nowhere", format: lines); s |> into print();')
        ends(millrace("run", path), FAILED, "nowhere")


suite.run("decisions")
