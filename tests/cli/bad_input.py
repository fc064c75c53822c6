#!/usr/bin/env python3
"""Bad input, of every kind: a clear message with the place and the cause, the right exit status, nothing dropped in
silence, and never a crash or a hang."""

import contextlib
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from tests.support import suite  # noqa: E402
from tests.support.program import PROGRAM, millrace, settings, told  # noqa: E402

OK, RUN_FAILED, USAGE, INVALID, NOT_FOUND = 0, 1, 2, 3, 5

LINES = """param input: string; param out: string;
source lines = file(path: input, format: lines{options}) {clause};
lines |> into file(path: out, format: json);
"""
ROWS = """param input: string; param out: string; param aside: string = "";
type Row {{ number: i64, name: string }}
source rows: Row = file(path: input, format: {format}) {clause};
rows |> into file(path: out, format: json);
"""
ASIDE = "rejected |> into file(path: aside, format: json);\n"


@contextlib.contextmanager
def folder():
    with tempfile.TemporaryDirectory() as name:
        yield pathlib.Path(name)


def put(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def says(ran, status, *parts):
    """It ended by itself with the status, and told each of the parts (a tuple: one of them)."""
    suite.check(ran.returncode == status, f"expected exit status {status}; {told(ran)}")
    text = ran.stderr.decode(errors="replace")
    for part in parts:
        any_of = part if isinstance(part, tuple) else (part,)
        suite.check(any(p.lower() in text.lower() for p in any_of), f"nothing of {part} is told; {told(ran)}")


def run_job(at, text, source, **options):
    """Runs a job on a file, with `out` and `aside` beside it; the process and the rows of `out`."""
    job, out = put(at / "job.flow", text), at / "out.jsonl"
    ran = millrace("run", job, *settings(input=source, out=out, **({"aside": at / "aside.jsonl"} if "aside" in text else {})),
                   "--stats", at / "stats.json", **options)
    return ran, rows_of(out)


def rows_of(path):
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line] if path.exists() else []


def stats_of(at):
    return json.loads((at / "stats.json").read_text())


def lines_job(clause="", options=""):
    return LINES.format(clause=clause, options=options)


def rows_job(clause="", form="csv"):
    return ROWS.format(clause=clause, format=form) + (ASIDE if "into" in clause else "")


# ---- the input is not there, or is none ------------------------------------------------------------------------------

@suite.test
def a_missing_input_file_is_named():
    with folder() as at:
        ran, _ = run_job(at, lines_job(), at / "nowhere.txt")
        says(ran, RUN_FAILED, "source `lines`: ", "nowhere.txt", "No such file")
        suite.check_equal(ran.stderr.count(b"`lines`"), 1, "the source is named once")


@suite.test
def a_missing_table_is_named_before_anything_runs():
    with folder() as at:
        text = rows_job().replace("source", 'table names: Row key number = file(path: "nowhere.csv", format: csv);\nsource') \
                         .replace("rows |>", "rows |> lookup names as n on n.number == number |> select number, n.name |>")
        ran, rows = run_job(at, text, put(at / "in.csv", "1,a\n"))
        says(ran, RUN_FAILED, "nowhere.csv", "No such file")


@suite.test
def a_directory_is_no_input():
    with folder() as at:
        says(run_job(at, lines_job(), at)[0], RUN_FAILED, str(at), "directory")


@suite.test
def an_unreadable_file_is_named_with_the_reason():
    with folder() as at:
        source = put(at / "secret.txt", "x\n")
        source.chmod(0)
        drop = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
        says(run_job(at, lines_job(), source, prefix=drop)[0], RUN_FAILED, "secret.txt", "Permission denied")


@suite.test
def a_file_that_opens_and_cannot_be_read_is_named():
    with folder() as at:
        says(run_job(at, lines_job(), "/proc/self/mem")[0], RUN_FAILED, "/proc/self/mem")


@suite.test
def an_empty_file_has_no_rows_and_is_no_error():
    with folder() as at:
        for text in (lines_job(), rows_job(), rows_job(form="json"), rows_job(form="binary").replace("name: string", "name: i64")):
            ran, rows = run_job(at, text, put(at / "empty", ""))
            says(ran, OK)
            suite.check_equal(rows, [])


@suite.test
def a_summary_tells_what_was_skipped_and_not_what_stopped_the_job():
    with folder() as at:
        source = put(at / "rows.csv", "1,a\nx,b\n")
        says(run_job(at, rows_job("malformed skip"), source)[0], OK, "1 malformed row of `rows` was left out", "1 row out")
        ran, _ = run_job(at, rows_job(), source)
        says(ran, RUN_FAILED, "malformed record")
        suite.check(b"left out" not in ran.stderr, told(ran))


@suite.test
def a_preloaded_file_counts_as_memory_and_is_refused_over_the_limit():
    with folder() as at:
        source, job = put(at / "lines.txt", "x" * 1023 + "\n"), put(at / "job.flow", lines_job(options=", preload: true"))
        put(source, source.read_bytes() * (8 << 10))
        words = [*settings(input=source, out=at / "out"), "-p", "1", "--stats", at / "stats.json"]
        says(millrace("run", job, *words, "--memory", "64MiB"), OK)
        suite.check(8 << 20 <= stats_of(at)["memory_bytes"]["preload"] < 9 << 20, stats_of(at))
        (at / "out").unlink()
        says(millrace("run", job, *words, "--memory", "4MiB"), RUN_FAILED, "lines.txt", "preload", "4 MiB")
        suite.check(not (at / "out").exists(), "the output was opened")


# ---- the input is not what the job says ------------------------------------------------------------------------------

def garbage():
    return random.Random(7).randbytes(200_000)


@suite.test
def binary_garbage_as_csv_stops_at_its_first_record():
    with folder() as at:
        says(run_job(at, rows_job(), put(at / "garbage.csv", garbage()))[0], RUN_FAILED, "garbage.csv", ("row 1", "line 1", ":1:"))


@suite.test
def binary_garbage_that_is_skipped_is_counted():
    with folder() as at:
        ran, rows = run_job(at, rows_job("malformed skip"), put(at / "garbage.csv", garbage()))
        says(ran, OK, "malformed")
        suite.check(stats_of(at)["malformed"] > 0, stats_of(at))


@suite.test
def good_rows_between_garbage_arrive_and_the_rest_goes_aside_with_its_place():
    with folder() as at:
        source = put(at / "mixed.csv", b"1,a\n\xff\xfe\n2,b\nx,c\n3\n4,d,more\n5,e\n")
        ran, rows = run_job(at, rows_job("malformed into rejected"), source)
        says(ran, OK)
        aside = rows_of(at / "aside.jsonl")
        suite.check_equal([r["number"] for r in rows if r["number"] != 4], [1, 2, 5])
        suite.check_equal(len(rows) + len(aside), 7, "rows in and aside")
        suite.check(all(r["reason"] and r["source"] for r in aside), aside)
        suite.check_equal([r["position"] for r in aside], sorted(r["position"] for r in aside))


@suite.test
def a_wrong_type_is_told_with_file_row_and_column():
    with folder() as at:
        source = put(at / "rows.csv", "1,a\n2,b\nthree,c\n4,d\n")
        says(run_job(at, rows_job(), source)[0], RUN_FAILED, "rows.csv", ("row 3", "line 3", ":3:"), "number", "malformed")


@suite.test
def a_wrong_type_in_json_is_told_with_file_row_and_column():
    with folder() as at:
        source = put(at / "rows.json", '{"number": 1, "name": "a"}\n{"number": "x", "name": "b"}\n')
        says(run_job(at, rows_job(form="json"), source)[0], RUN_FAILED, "rows.json", ("row 2", "line 2", ":2:"), "number")


@suite.test
def a_number_that_does_not_fit_is_malformed_and_not_wrapped():
    with folder() as at:
        source = put(at / "rows.csv", "9223372036854775807,a\n9223372036854775808,b\n")
        ran, rows = run_job(at, rows_job("malformed skip"), source)
        says(ran, OK)
        suite.check_equal([r["number"] for r in rows], [9223372036854775807])
        suite.check_equal(stats_of(at)["malformed"], 1)


@suite.test
def what_comes_before_an_error_is_written_at_every_parallelism():
    with folder() as at:
        source = put(at / "rows.csv", "".join(f"{i},n\n" for i in range(50_000)) + "bad,n\n" + "7,n\n" * 50_000)
        for p in (1, 2, 4):
            job, out = put(at / "job.flow", rows_job()), at / f"out{p}.jsonl"
            ran = millrace("run", job, "-p", p, *settings(input=source, out=out))
            says(ran, RUN_FAILED, ("row 50001", "line 50001", ":50001:"))
            suite.check_equal([r["number"] for r in rows_of(out)], list(range(50_000)), f"rows at -p {p}")


@suite.test
def text_that_is_not_utf8_is_malformed():
    with folder() as at:
        ran, rows = run_job(at, lines_job("malformed skip"), put(at / "latin1.txt", b"good\nstra\xdfe\nalso good\n"))
        says(ran, OK)
        suite.check_equal([r["line"] for r in rows], ["good", "also good"])
        suite.check_equal(stats_of(at)["malformed"], 1)


@suite.test
def a_line_of_100_mb_is_malformed_and_the_lines_around_it_arrive():
    with folder() as at:
        source = at / "long.txt"
        with source.open("wb") as file:
            file.write(b"before\n")
            for _ in range(100):
                file.write(b"x" * 1_000_000)
            file.write(b"\nafter\n")
        says(run_job(at, lines_job(), source)[0], RUN_FAILED, "long.txt", ("row 2", "line 2", ":2:"))
        ran, rows = run_job(at, lines_job("malformed skip"), source)
        says(ran, OK)
        suite.check_equal([r["line"] for r in rows], ["before", "after"])
        suite.check_equal(stats_of(at)["malformed"], 1)


@suite.test
def the_raw_of_a_long_record_has_no_newline_as_no_other_has():
    cut = b"x" * 2000
    with folder() as at:
        job = put(at / "job.flow", lines_job("malformed into rejected", ", max_record: 1KiB") + ASIDE.replace("aside", "out2")
                  + "param out2: string;\n")
        for end in (b"\n", b"\r\n"):
            content = cut + end + b"short" + end + cut
            for source in (put(at / "long.txt", content), "-"):
                words = settings(input=source, out=at / "out", out2=at / "aside")
                says(millrace("run", job, *words, **({"input": content} if source == "-" else {})), OK, "3 rows out")
                suite.check_equal([r["line"] for r in rows_of(at / "out")], ["short"])
                aside = rows_of(at / "aside")
                suite.check_equal([r["position"] for r in aside], [0, 2000 + 2 * len(end) + 5])
                suite.check(all(set(r["raw"]) == {"x"} for r in aside), aside)


@suite.test
def a_last_line_without_its_newline_is_a_row():
    with folder() as at:
        ran, rows = run_job(at, rows_job(), put(at / "rows.csv", "1,a\n2,b"))
        says(ran, OK)
        suite.check_equal(rows, [{"number": 1, "name": "a"}, {"number": 2, "name": "b"}])


@suite.test
def a_truncated_last_line_is_told_and_not_dropped():
    rest = {"csv": (b"1,a\n2", b'1,a\n2,"b'), "json": (b'{"number": 1, "name": "a"}\n{"number": 2, "na',)}
    for form, contents in rest.items():
        for content in contents:
            with folder() as at:
                says(run_job(at, rows_job(form=form), put(at / "cut", content))[0], RUN_FAILED, "cut", ("row 2", "line 2", ":2:"))


@suite.test
def a_truncated_last_row_of_a_binary_file_is_told_and_not_dropped():
    with folder() as at:
        text = rows_job(form="binary").replace("name: string", "name: i64")
        says(run_job(at, text, put(at / "cut.bin", bytes(16) * 3 + bytes(5)))[0], RUN_FAILED, "cut.bin")


@suite.test
def a_file_that_shrinks_while_it_is_read_stops_the_job_and_is_named():
    with folder() as at:
        source, line = at / "shrinks.csv", b"1," + b"n" * 997 + b"\n"
        with source.open("wb") as file:
            for _ in range(128):
                file.write(line * 1000)
        job = put(at / "job.flow", rows_job().replace("file(path: out, format: json)", "stdout(format: csv)"))
        with subprocess.Popen([PROGRAM, "run", str(job), *settings(input=source, out="-"), "--memory", "64MiB"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL) as running:
            running.stdout.read(1)  # it runs; nobody reads on, so that it must wait with most of the file to come
            time.sleep(0.3)
            os.truncate(source, 4096)
            out, err = running.communicate(timeout=60)
        says(subprocess.CompletedProcess([], running.returncode, out, err), RUN_FAILED, "shrinks.csv", ("shr", "truncated", "smaller"))


# ---- the job is none -------------------------------------------------------------------------------------------------

@suite.test
def a_missing_job_is_not_found():
    says(millrace("run", "nowhere.flow"), NOT_FOUND, "nowhere.flow", "No such file")
    says(millrace("check", "nowhere.flow"), NOT_FOUND, "nowhere.flow", "No such file")


@suite.test
def a_directory_is_no_job():
    with folder() as at:
        ran = millrace("check", at)
        suite.check(ran.returncode in (INVALID, NOT_FOUND, RUN_FAILED), told(ran))
        says(ran, ran.returncode, str(at), "directory")


@suite.test
def random_bytes_are_refused_as_a_job():
    with folder() as at:
        for seed in range(20):
            content = random.Random(seed).randbytes(1 + 200 * seed * seed)
            says(millrace("check", put(at / "noise.flow", content)), INVALID, "noise.flow:", "error")


@suite.test
def words_in_random_order_are_refused_as_a_job():
    words = "source stream |> into where select key by window ( ) { } [ ] ; , : == 1 \"x\" 10s name = as case when end .".split()
    with folder() as at:
        for seed in range(50):
            r = random.Random(seed)
            text = " ".join(r.choice(words) for _ in range(r.choice([1, 5, 50, 2000])))
            says(millrace("check", put(at / "noise.flow", text)), INVALID, "noise.flow:", "error")


@suite.test
def a_job_that_is_cut_anywhere_is_answered():
    whole = (ROOT / "jobs" / "sensor_averages.flow").read_bytes()
    with folder() as at:
        for size in range(0, len(whole), 37):
            ran = millrace("check", put(at / "cut.flow", whole[:size]))
            suite.check(ran.returncode in (OK, INVALID), f"cut at {size}: {told(ran)}")


NESTED = {
    "parentheses": "where " + "(" * 10_000 + "true" + ")" * 10_000,
    "parentheses that never close": "where " + "(" * 10_000,
    "signs": "let x = " + "- " * 10_000 + "number",
    "nots": "where " + "not " * 10_000 + "true",
    "lists": "let x = " + "[" * 10_000 + "1" + "]" * 10_000,
    "ifs": "let x = " + "if(true, " * 10_000 + "1" + ", 2)" * 10_000,
    "calls": "let x = " + "abs(" * 10_000 + "number" + ")" * 10_000,
    "sums": "let x = " + "number + " * 10_000 + "number",
    "alternatives": "where " + "number == 1 or " * 10_000 + "false",
    "stages": "where true |> " * 10_000 + "where true",
}


def is_answered(stages):
    with folder() as at:
        text = rows_job().replace("rows |> into", f"rows |> {stages} |> into")
        ran = millrace("check", put(at / "deep.flow", text))
        suite.check(ran.returncode in (OK, INVALID), told(ran)[:2000])
        if ran.returncode == INVALID:
            says(ran, INVALID, "deep.flow:4:", "error")


for what, nested in NESTED.items():
    suite.add(f"10,000 nested {what} are answered", lambda s=nested: is_answered(s))


@suite.test
def ten_thousand_nested_pipelines_and_types_are_answered():
    with folder() as at:
        for text in ("(" * 10_000 + "rows" + ")" * 10_000 + " |> into print();",
                     "type T { x: " + "list<" * 10_000 + "i64" + ">" * 10_000 + " }",
                     "type T { x: " + "{ x: " * 10_000 + "i64" + " }" * 10_000 + " }"):
            ran = millrace("check", put(at / "deep.flow", rows_job() + text + "\n"))
            suite.check(ran.returncode in (OK, INVALID), told(ran)[:2000])


@suite.test
def a_cycle_of_use_is_told_with_its_files():
    with folder() as at:
        put(at / "a.flow", 'use "b.flow";\n' + rows_job())
        put(at / "b.flow", 'use "c.flow";\n')
        put(at / "c.flow", 'use "b.flow";\n')
        says(millrace("check", at / "a.flow"), INVALID, "c.flow:1:", "b.flow", ("cycle", "itself"))


@suite.test
def a_file_that_uses_itself_is_told():
    with folder() as at:
        says(millrace("check", put(at / "self.flow", 'use "self.flow";\n' + rows_job())), INVALID, "self.flow:1:")


@suite.test
def a_used_file_that_is_missing_is_told_at_its_use():
    with folder() as at:
        says(millrace("check", put(at / "a.flow", 'use "nowhere.flow";\n' + rows_job())), INVALID, "a.flow:1:", "nowhere.flow")


@suite.test
def two_streams_of_one_name_are_told_with_both_places():
    with folder() as at:
        text = rows_job() + "stream s = rows |> where true;\nstream s = rows |> where false;\ns |> into print();\n"
        says(millrace("check", put(at / "twice.flow", text)), INVALID, "twice.flow:6:", "`s`", "5 |")


@suite.test
def a_stream_that_depends_on_itself_is_told():
    with folder() as at:
        text = rows_job() + "stream a = rows |> union b;\nstream b = a |> where true;\nb |> into print();\n"
        says(millrace("check", put(at / "loop.flow", text)), INVALID, "loop.flow:", "itself")


# ---- the output ------------------------------------------------------------------------------------------------------

def many_rows(at):
    return put(at / "rows.csv", "".join(f"{i},name of {i}\n" for i in range(200_000)))


@suite.test
def a_full_disk_fails_the_job_and_names_the_file():
    with folder() as at:
        job = put(at / "job.flow", rows_job())
        ran = millrace("run", job, *settings(input=many_rows(at), out="/dev/full"))
        says(ran, RUN_FAILED, "/dev/full", "No space left")


@suite.test
def a_disk_that_fills_up_on_the_way_fails_the_job():
    if os.geteuid() != 0:
        raise suite.Skip("only root may mount a small disk")
    with folder() as at:
        disk, job = at / "disk", put(at / "job.flow", rows_job())
        disk.mkdir()
        source = many_rows(at)
        script = 'mount -t tmpfs -o size=256k tmpfs "$1" && shift && exec "$@"'
        mount = ["unshare", "--mount", "sh", "-c", script, "sh", str(disk)]
        if subprocess.run([*mount, "true"], capture_output=True).returncode:
            raise suite.Skip("this machine does not let mount a small disk")
        for p in (1, 2):
            ran = millrace("run", job, "-p", p, *settings(input=source, out=disk / "out.jsonl"), prefix=mount)
            says(ran, RUN_FAILED, "out.jsonl", "No space left")


@suite.test
def an_output_in_a_missing_folder_is_told_before_rows_are_read():
    with folder() as at:
        job = put(at / "job.flow", rows_job())
        says(millrace("run", job, *settings(input=many_rows(at), out=at / "nowhere" / "out.jsonl")), RUN_FAILED,
             "nowhere/out.jsonl", "No such file")


@suite.test
def an_output_that_the_job_reads_is_refused_and_left_alone():
    table = 'table names: Row key number = file(path: aside, format: csv);\nsource'
    lookup = "rows |> lookup names as n on n.number == number |> select number, n.name |>"
    with folder() as at:
        source, names = put(at / "rows.csv", "1,a\n"), put(at / "names.csv", "1,b\n")
        os.link(source, at / "link.csv")
        os.symlink(names, at / "symlink.csv")
        plain, joined = put(at / "plain.flow", rows_job()), put(at / "joined.flow", rows_job().replace("source", table).replace("rows |>", lookup))
        for job, out, kind in ((plain, source, "source `rows`"), (plain, at / "link.csv", "source `rows`"),
                               (joined, at / "symlink.csv", "table `names`"), (joined, at / "." / "names.csv", "table `names`")):
            says(millrace("run", job, *settings(input=source, out=out, aside=names)), RUN_FAILED, str(out), kind, "sink `")
        with source.open("rb") as stdin:
            says(millrace("run", plain, *settings(input="-", out=source), stdin=stdin), RUN_FAILED, str(source), "source `rows`")
        suite.check_equal((source.read_text(), names.read_text()), ("1,a\n", "1,b\n"))
        says(millrace("run", joined, *settings(input=source, out=at / "out", aside=source)), OK)


@suite.test
def one_output_for_two_sinks_is_refused_unless_it_can_be_shared():
    with folder() as at:
        source, job = put(at / "rows.csv", "1,a\n"), put(at / "job.flow", rows_job() + "rows |> into file(path: aside, format: csv);\n")
        for there in (False, True):
            says(millrace("run", job, *settings(input=source, out="out", aside="./out"), cwd=at), RUN_FAILED, "./out: sink `", "writes it and sink `")
            suite.check_equal((at / "out").exists(), there)
            put(at / "out", "")
        says(millrace("run", job, *settings(input=source, out="/dev/null", aside="/dev/null")), OK)
        says(millrace("run", job, *settings(input=source, out=at / "a", aside=at / "b")), OK)


def printing_job(at):
    return put(at / "job.flow", rows_job() + "rows |> into print();\n")


@suite.test
def standard_output_that_leads_to_a_file_of_the_job_is_refused():
    with folder() as at:
        source, job = put(at / "rows.csv", "1,a\n"), printing_job(at)
        for name, kind, verb in (("rows.csv", "source `rows`", "reads"), ("out.jsonl", "sink `", "writes")):
            with open(at / name, "ab") as stdout:
                ran = millrace("run", job, *settings(input=source, out=at / "out.jsonl"), stdout=stdout)
            says(ran, RUN_FAILED, "/dev/stdout: ", kind, verb)
        suite.check_equal((source.read_text(), (at / "out.jsonl").read_text()), ("1,a\n", ""))
        twice = put(at / "twice.flow", rows_job() + "rows |> into print();\nrows |> into stdout(format: csv);\n")
        with open(at / "both", "wb") as stdout:
            says(millrace("run", twice, *settings(input=source, out=at / "out.jsonl"), stdout=stdout), OK)
        suite.check_equal(sorted((at / "both").read_text().splitlines()), ["1,a", "number=1 name=a"])


@suite.test
def a_closed_stdout_is_told_and_its_rows_go_nowhere_else():
    with folder() as at:
        source, out = put(at / "rows.csv", "1,a\n2,b\n"), at / "out.jsonl"
        closed = ["sh", "-c", 'exec "$@" >&-', "sh"]
        ran = millrace("run", printing_job(at), *settings(input=source, out=out), prefix=closed)
        says(ran, RUN_FAILED, ("standard output", "stdout"))
        suite.check("number=1" not in (out.read_text() if out.exists() else ""), "rows of print() are in the other sink's file")


@suite.test
def all_three_standard_streams_closed_is_no_crash():
    with folder() as at:
        source, out = put(at / "rows.csv", "1,a\n"), at / "out.jsonl"
        closed = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"]
        ran = millrace("run", put(at / "job.flow", rows_job()), *settings(input=source, out=out), prefix=closed)
        suite.check(ran.returncode == OK, told(ran))
        suite.check_equal(out.read_text(), '{"number":1,"name":"a"}\n')


@suite.test
def a_full_stdout_fails_the_job():
    with folder() as at, open("/dev/full", "wb") as full:
        ran = millrace("run", printing_job(at), *settings(input=many_rows(at), out=at / "out.jsonl"), stdout=full)
        says(ran, RUN_FAILED, ("standard output", "stdout"), "No space left")


@suite.test
def a_reader_that_has_seen_enough_ends_the_job():
    with folder() as at:
        job = put(at / "job.flow", rows_job().replace("file(path: out, format: json)", "stdout(format: csv)"))
        with subprocess.Popen([PROGRAM, "run", str(job), *settings(input=many_rows(at), out="-")], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
            suite.check_equal(running.stdout.readline(), b"0,name of 0\n")
            running.stdout.close()
            err = running.stderr.read()
            status = running.wait(timeout=30)
        suite.check(status in (OK, RUN_FAILED), f"exit status {status}\n{err.decode()}")


# ---- the command line ------------------------------------------------------------------------------------------------

@suite.test
def wrong_usage_is_told_with_its_word():
    with folder() as at:
        job = put(at / "job.flow", rows_job())
        says(millrace(), USAGE)
        for words in (["runn", job], ["run"], ["run", job, "--bogus"], ["run", job, "-p"], ["run", job, "-p", "0"],
                      ["run", job, "-p", "many"], ["run", job, "--cores", "x"], ["run", job, "--memory", "lots"],
                      ["run", job, "--set", "input"], ["explain", job, "--show", "nothing"], ["check"]):
            ran = millrace(*words)
            suite.check(ran.returncode == USAGE and ran.stderr, f"{words}: {told(ran)}")


@suite.test
def a_param_that_is_missing_or_unknown_or_no_number_is_told():
    with folder() as at:
        job = put(at / "job.flow", "param least: i64 = 1;\n" + rows_job().replace("rows |> into", "rows |> where number > least |> into"))
        source, out = put(at / "rows.csv", "1,a\n"), at / "out.jsonl"
        for sets, word in ((settings(input=source), "out"), (settings(input=source, out=out, imput="x"), "imput"),
                           (settings(input=source, out=out, least="many"), "least")):
            ran = millrace("run", job, *sets)
            says(ran, USAGE, word)


# ---- hostile text ----------------------------------------------------------------------------------------------------

EVIL = ['EVIL"; system("EVIL"); //', "*/ EVIL /*", "EVIL\\", "EVIL??/", "%sEVIL%n", "#include EVIL", "EVIL'", "\u202eEVIL", "EVIL\u2028", "${EVIL}", "EVIL */ }"]


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def hostile_job():
    """Every place of a job that takes text from the user has some of it."""
    name = "`" + EVIL[0] + "`"
    values = ", ".join(f"v{i} = {quoted(e)}" for i, e in enumerate(EVIL))
    return f"""param input: string = {quoted(EVIL[1])}; param out: string = {quoted(EVIL[2])};
type `{EVIL[1]}` {{ {name}: string, `{EVIL[4]}`: i64 }}
enum `{EVIL[5]}` {{ `{EVIL[6]}`, `{EVIL[3]}` }}
source `{EVIL[10]}`: `{EVIL[1]}` = file(path: input, format: json);
stream `{EVIL[9]}` = `{EVIL[10]}`
    |> where {name} != {quoted(EVIL[1])} and not contains({name}, {quoted(EVIL[2])})
    |> explode part = split({name}, {quoted(EVIL[0])})
    |> explode piece = regex_split(part, r"EVIL[*]/|\\s+EVIL")
    |> select {name}, `{EVIL[4]}`, piece, {values};
`{EVIL[9]}` |> into file(path: out, format: json);
"""


@suite.test
def hostile_names_and_strings_come_out_as_they_went_in():
    with folder() as at:
        put(at / "in.json", json.dumps({EVIL[0]: "some text", EVIL[4]: 7}) + "\n")
        job, out = put(at / "job.flow", hostile_job()), at / "out.json"
        ran = millrace("run", job, *settings(input=at / "in.json", out=out))
        says(ran, OK)
        row, = rows_of(out)
        suite.check_equal([row[f"v{i}"] for i in range(len(EVIL))], EVIL)
        suite.check_equal((row[EVIL[0]], row[EVIL[4]]), ("some text", 7))


@suite.test
def hostile_text_reaches_generated_c_only_as_escaped_literals():
    with folder() as at:
        odd = at / 'EVIL"; system("x") */'
        odd.mkdir()
        ran = millrace("explain", put(odd / "EVIL\nEVIL.flow", hostile_job()), "--show", "c")
        says(ran, OK)
        literal = re.compile(rb'"((?:\\.|[^"\\\n])*)"')
        text, literals = literal.sub(b"", ran.stdout), literal.findall(ran.stdout)
        suite.check_equal([line for line in text.split(b"\n") if b"EVIL" in line], [], "C with the user's text")
        suite.check(any(b"EVIL" in l for l in literals), "the literals of C were not found")
        for each in literals:
            suite.check(not re.search(rb"[^\x20-\x7e]|\?|%s|\\\n", each) or b"EVIL" not in each, f"not escaped: {each}")


suite.run("bad_input")
