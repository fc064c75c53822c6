#!/usr/bin/env python3
"""`millrace test`: what it tells, how rows are compared, and that it finds what is wrong. MILLRACE_WRONG names a program
whose sources begin at their start again when a job is restored."""

import contextlib
import os
import pathlib
import sys
import tempfile
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from tests.support import suite  # noqa: E402
from tests.support import program  # noqa: E402
from tests.support.program import millrace, told  # noqa: E402

OK, FAILED, USAGE, REFUSED, NOT_FOUND = 0, 1, 2, 3, 5
SENSORS = """type Reading { sensor: string, value: f64, time: timestamp }
source readings: Reading = file(path: "-", format: csv) time time watermark lag 10s;
stream sums = readings |> key by sensor |> window tumbling 1m late into stragglers |> aggregate n = count(), total = sum(value);
"""


@contextlib.contextmanager
def files(**texts):
    """A folder with these .flow files."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in texts.items():
            pathlib.Path(folder, name + ".flow").write_text(text)
        yield pathlib.Path(folder)


def tested(text, status, *words):
    """What `millrace test` prints of a job, and its process."""
    with files(job=text) as folder:
        ran = millrace("test", "job.flow", *words, cwd=folder)
        suite.check(ran.returncode == status, f"status {status} is wanted:", told(ran), ran.stdout.decode())
        return ran.stdout.decode()


def passes(text, *words):
    """In fewer ways than by default: those of tests/lang and tests/jobs are run in all."""
    out = tested(text, OK, "--crash", *(words or ("-p", "1", "-p", "3", "--seed", "2")))
    suite.check(", 0 failed\n" in out and not out.startswith("0 "), out)


@suite.test
def an_expected_row_gives_way_to_one_that_fits_nothing_else():
    passes("""source s = sequence(total: 1);
        stream t = s |> select a = n / 10, b = n % 10;
        test "matching" { given s [ { n = 12 }, { n = 13 }, { n = 14 } ]; expect t [ { a = 1 }, { b = 3 }, { b = 2 } ]; }""")


@suite.test
def values_of_every_type_are_compared_as_they_are_written():
    passes(r"""enum Unit { celsius, fahrenheit }
        type Row { b: bool, i: i8, u: u64, f: f32, d: f64, s: string, e: Unit, t: timestamp, p: duration, n: i64? }
        source rows: Row = file(path: "-", format: csv);
        stream copies = rows |> where true;
        test "all" {
            given rows [ { true, -128, 18446744073709551615, 1.5, -1e300, "tab\t, line\n, \"quote\", \u{1F600}, nul\0", "fahrenheit",
                           @1969-12-31T23:59:59.999999999Z, 26h, 3 }, {} ];
            expect ordered copies [ { b = not false, i = -128, u = 18446744073709551615, f = 1.5, d = -1e300,
                s = concat("tab\t", ", line\n, \"quote\", \u{1F600}, nul\0"), e = "fahrenheit",
                t = @1970-01-01T00:00:00Z - 1ns, p = 1h * 26, n = 3 },
                { false, 0, 0, 0.0, 0.0, "", "celsius", @1970-01-01T00:00:00Z, 0s, null } ];
        }""")


@suite.test
def rows_larger_than_the_slots_of_rings_and_many_rows_go_through():
    word = "x" * 1500
    rows = ", ".join(f'{{ "{i}{word}", {i}.0, @2024-01-01T00:00:{i % 60:02}Z }}' for i in range(30))
    passes(SENSORS + f'test "large" {{ given readings [ {rows} ]; end; expect sums [ '
           + ", ".join(f'{{ sensor = "{i}{word}", total = {i}.0 }}' for i in range(30)) + " ]; }", "--seed", "3")


@suite.test
def order_is_that_of_each_key_where_rows_name_it():
    rows = """given readings [ { "b", 1.0, @2024-01-01T00:00:00Z }, { "a", 2.0, @2024-01-01T00:00:30Z },
                               { "b", 3.0, @2024-01-01T00:01:00Z }, { "a", 4.0, @2024-01-01T00:02:00Z } ];"""
    keyed = ("expect ordered sums [ " + ", ".join(f'{{ sensor = "{s}", total = {t}.0 }}' for s, t in (("a", 2), ("a", 4), ("b", 1), ("b", 3)))
             + " ];")
    passes(SENSORS + f'test "t" {{ {rows} {keyed} }}')
    out = tested(SENSORS + f'test "t" {{ {rows} {keyed.replace("2.0", "9.0").replace("4.0", "2.0").replace("9.0", "4.0")} }}', FAILED)
    suite.check("came in another order" in out and 'expected   { sensor = "a", total = 4.0 }' in out, out)
    out = tested(SENSORS + f'test "t" {{ {rows} expect ordered sums [ {{ total = 4.0 }}, {{ total = 1.0 }}, {{ total = 2.0 }}, {{ total = 3.0 }} ]; }}', FAILED)
    suite.check("came in another order" in out, out)


@suite.test
def final_is_all_that_came_and_the_next_expect_begins_behind_it():
    passes(SENSORS + """test "t" {
        given readings [ { "a", 1.0, @2024-01-01T00:00:00Z } ];
        watermark readings @2024-01-01T00:01:00Z; expect sums [ { n = 1 } ];
        given readings [ { "a", 2.0, @2024-01-01T00:01:00Z } ];
        watermark readings @2024-01-01T00:02:00Z; expect final sums [ { total = 1.0 }, { total = 2.0 } ]; expect sums [];
    }""")


@suite.test
def of_panes_that_are_versions_final_keeps_the_last():
    passes(SENSORS.replace("1m late", "1m lateness 1h late") + """stream best = readings |> key by sensor |> window tumbling 1m |> top 1 by value desc;
        test "versions" {
            given readings [ { "a", 1.0, @2024-01-01T00:00:00Z }, { "a", 2.0, @2024-01-01T00:01:10Z },
                             { "a", 4.0, @2024-01-01T00:00:30Z }, { "b", 8.0, @2024-01-01T00:01:00Z } ];
            expect sums [ { pane = 0, total = 1.0 }, { pane = 1, timing = "late", total = 5.0 } ];
            expect final sums [ { total = 5.0 } ];
            end;
            expect sums [ { pane = 0, total = 2.0 }, { total = 8.0 } ];
            expect final sums [ { total = 5.0 }, { total = 2.0 }, { total = 8.0 } ];
        }
        test "the rows of each key in order" {
            given readings [ { "a", 1.0, @2024-01-01T00:00:00Z }, { "b", 2.0, @2024-01-01T00:00:00Z }, { "a", 4.0, @2024-01-01T00:00:30Z },
                             { "b", 8.0, @2024-01-01T00:01:00Z }, { "a", 7.0, @2024-01-01T00:01:00Z } ];
            expect ordered best [ { sensor = "b", value = 2.0 }, { sensor = "b", value = 8.0 }, { sensor = "a", value = 4.0 }, { sensor = "a", value = 7.0 } ];
        }""")


@suite.test
def a_failure_tells_missing_and_unexpected_rows_at_its_place():
    out = tested(SENSORS + """test "both" {
    given readings [ { "a", 1.0, @2024-01-01T00:00:00Z }, { "b", 2.0, @2024-01-01T00:00:00Z } ];
    expect sums [];
    end;
    expect sums [ { sensor = "a" },
                  { sensor = "c", n = 7 } ];
}
test "passes" { given readings []; expect sums []; }""", FAILED)
    suite.check_equal(out, """FAILED  both (1 worker)
job.flow:8:5: other rows of `sums` came
  8 |     expect sums [ { sensor = "a" },
    |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  missing    { sensor = "c", n = 7 }
  unexpected { sensor = "b", n = 1 }
  1 row is as expected
ok      passes
1 passed, 1 failed
""")


@suite.test
def ways_can_be_chosen_and_are_named():
    wrong = 'source s = sequence(total: 1); stream t = s |> where true; test "t" { given s [ { n = 1 } ]; expect t []; }'
    for words, way in (((), "1 worker"), (("-p", "4"), "4 workers"), (("--seed", "7"), "seed 7")):
        suite.check(f"FAILED  t ({way})\n" in tested(wrong, FAILED, *words), way)
    for words in (("-p", "0"), ("-p", "x"), ("--seed", "0"), ("--sed", "1"), ("--junit",)):
        tested(wrong, USAGE, *words)


@suite.test
def files_without_tests_and_files_that_are_wrong_are_told():
    with files(none="source s = sequence(total: 1); s |> into print();", wrong="stream a = b;",
               used='source s = sequence(total: 1); test "not mine" { expect s [ {} ]; }',
               uses='use "used.flow"; test "mine" { given s [ { n = 1 } ]; expect s [ { 1 } ]; }') as folder:
        none = millrace("test", "none.flow", cwd=folder)
        suite.check(none.returncode == OK and b"none.flow has no tests" in none.stderr, told(none))
        both = millrace("test", "wrong.flow", "uses.flow", cwd=folder)
        suite.check(both.returncode == REFUSED and b"E0201" in both.stderr, told(both))
        suite.check_equal(both.stdout.decode(), "ok      mine\n1 passed, 0 failed\n")
        suite.check(millrace("test", "gone.flow", cwd=folder).returncode == NOT_FOUND)
        suite.check(millrace("test", cwd=folder).returncode == USAGE)


@suite.test
def params_are_given_on_the_command_line():
    job = 'param least: i64; source s = sequence(total: 1); stream t = s |> where n >= least;' \
          'test "t" { given s [ { n = 4 }, { n = 5 } ]; expect t [ { n = least } ]; }'
    tested(job, OK, "--set", "least=5")
    tested(job, USAGE)


@suite.test
def no_source_or_sink_is_touched():
    with files(job='source s = file(path: "nowhere", format: lines); table t: { a: string } key a = file(path: "nowhere", format: csv);'
                   's |> lookup t on t.a == line |> into file(path: "out.csv", format: csv); stream u = s |> where true;'
                   'test "t" { given s [ { "x" } ]; expect u [ { "x" } ]; }') as folder:
        ran = millrace("test", "job.flow", cwd=folder)
        suite.check(ran.returncode == OK, told(ran))
        suite.check_equal([path.name for path in folder.iterdir()], ["job.flow"])


@suite.test
def junit_is_xml_whatever_a_title_or_a_value_holds():
    with files(job=r'''source s = file(path: "-", format: lines); stream t = s |> where true;
            test "<a> & \"b\"\n\x1b[31m \u{FFFE} ü ]]>" { given s [ { "<&\"\x01\u{FFFF}]]>" } ]; expect t []; }
            test "fine" { given s []; expect t []; }''') as folder:
        ran = millrace("test", "job.flow", "--junit", "out.xml", cwd=folder)
        suite.check(ran.returncode == FAILED, told(ran))
        suite.check(b"\x1b" not in ran.stdout, ran.stdout)
        found = xml.etree.ElementTree.parse(folder / "out.xml").getroot()
        suite.check_equal((found[0].get("name"), found[0].get("tests"), found[0].get("failures")), ("job.flow", "2", "1"))
        wrong, fine = found[0]
        suite.check(wrong.get("name").startswith('<a> & "b"\n') and wrong.get("name").endswith("ü ]]>"), repr(wrong.get("name")))
        suite.check_equal(wrong[0].get("message"), "1 worker")
        suite.check('unexpected { line = "<&' in wrong[0].text, wrong[0].text)
        suite.check_equal((fine.get("classname"), fine.get("name"), len(fine)), ("job.flow", "fine", 0))
        ran = millrace("test", "job.flow", "--junit", "gone/out.xml", cwd=folder)
        suite.check(b"gone/out.xml" in ran.stderr, told(ran))


@suite.test
def the_clock_stands_still_unless_it_is_advanced():
    passes(SENSORS + """test "t" { given readings [ { "a", 1.0, @2024-01-01T00:00:00Z } ]; advance 240h; expect sums []; advance 0s; end;
        expect sums [ { n = 1 } ]; expect sums []; expect final sums [ { n = 1 } ]; }""")


@suite.test
def nothing_that_waits_for_the_clock_is_passed_over():
    passes("""source s: { k: string } = file(path: "-", format: csv) wall time watermark lag 1s;
        stream walls = s |> key by k |> window tumbling 10s wall |> aggregate n = count();
        stream lags = s |> window tumbling 10s |> aggregate n = count();
        test "windows by the clock" {
            given s [ { "a" } ]; advance 9s; given s [ { "a" }, { "b" } ]; expect walls [];
            advance 1s; expect ordered walls [ { k = "a", n = 2 }, { k = "b", n = 1 } ]; expect lags [];
            advance 1s; expect lags [ { n = 3, window_start = @2000-01-01T00:00:00Z } ];
            given s [ { "c" } ]; advance 9s; given s [ { "d" } ]; advance 1h;
            expect ordered walls [ { k = "c", window_start = @2000-01-01T00:00:10Z }, { k = "d", window_start = @2000-01-01T00:00:20Z } ];
        }""")
    passes("""type Row { v: i64, time: timestamp }
        source a: Row = file(path: "-", format: csv) time time watermark ascending idle 5s;
        source b: Row = file(path: "-", format: csv) time time watermark ascending ahead 1m;
        stream sums = a |> union b |> window tumbling 10s |> aggregate total = sum(v);
        test "a silent source holds nobody back for long" {
            given b [ { 1, @2000-01-01T00:00:00Z }, { 2, @2000-01-01T00:00:10Z } ]; expect sums [];
            advance 5s; expect sums [ { total = 1 } ];
            given b [ { 4, @2024-01-01T00:00:00Z } ]; expect sums [];
            given a [ { 8, @2000-01-01T00:00:11Z } ]; watermark b @2000-01-01T00:00:20Z; expect sums [];
            advance 10s; expect sums [ { total = 10 } ]; end; expect sums [ { total = 4 } ];
        }""")


@suite.test
def restarts_keep_rows_watermarks_and_what_was_expected_already():
    passes(SENSORS + """test "t" {
        restart;
        given readings [ { "a", 1.0, @2024-01-01T00:00:00Z } ];
        restart; restart;
        given readings [ { "a", 2.0, @2024-01-01T00:01:30Z } ];
        expect sums [ { "a", @2024-01-01T00:00:00Z, @2024-01-01T00:01:00Z, 1, 1.0 } ];
        restart;
        expect sums [];
        given readings [ { "a", 4.0, @2024-01-01T00:00:59Z } ];
        expect stragglers [ { value = 4.0, event_time = @2024-01-01T00:00:59Z } ];
        expect sums [ { total = 2.0 } ];
    }""")


@suite.test
def kills_find_what_a_run_without_them_does_not():
    wrong = os.environ.get("MILLRACE_WRONG")
    if not wrong:
        raise suite.Skip("no program is said that is wrong")
    job = SENSORS + """test "sum" { given readings [ { "a", 1.0, @2024-01-01T00:01:30Z }, { "a", 2.0, @2024-01-01T00:01:30Z } ];
        expect sums [ { total = 3.0 } ]; }"""
    right, program.PROGRAM = program.PROGRAM, wrong
    try:
        tested(job, OK)
        out = tested(job, FAILED, "--crash")
    finally:
        program.PROGRAM = right
    suite.check("FAILED  sum (1 worker, killed)\n" in out and "missing    { total = 3.0 }" in out, out)
    tested(job, OK, "--crash")


@suite.test
def nothing_is_left_behind():
    with files(job=SENSORS + 'test "t" { given readings []; restart; expect sums []; }') as folder:
        ran = millrace("test", "job.flow", "--crash", cwd=folder, env={**os.environ, "TMPDIR": str(folder)})
        suite.check(ran.returncode == OK, told(ran))
        suite.check_equal([path.name for path in folder.iterdir()], ["job.flow"])


suite.run("testing")
