#!/usr/bin/env python3
"""Every job of jobs/ prints what jobs/data/NAME.out says, at any parallelism, and is a line of jobs/README.md."""

import collections
import pathlib
import re
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from tests.support import suite  # noqa: E402
from tests.support.program import millrace, settings, told  # noqa: E402

JOBS = ROOT / "jobs"
LICENCES = ["GPL-3", "Apache-2.0", "MPL-2.0"]  # their text is the machine's, so the expectation is counted here


def printed(job, p, **values):
    ran = millrace("run", job.relative_to(ROOT), "-p", p, *settings(**values), cwd=ROOT)
    suite.check(ran.returncode == 0, f"-p {p}:", told(ran))
    return ran.stdout.decode()


def prints_what_is_expected(job):
    expected = (JOBS / "data" / f"{job.stem}.out").read_text()
    with tempfile.TemporaryDirectory() as folder:
        for p in (1, 4):
            late = {"late": f"{folder}/late{p}"} if "param late:" in job.read_text() else {}
            suite.check_equal(printed(job, p, **late), expected, f"output at -p {p}")


for each in sorted(JOBS.glob("*.flow")):
    if each.stem != "word_count":
        suite.add(f"{each.name} prints what is expected", lambda job=each: prints_what_is_expected(job))


@suite.test
def word_count_counts_the_words_of_the_licences():
    text = "\n".join(pathlib.Path("/usr/share/common-licenses", name).read_text() for name in LICENCES)
    words = collections.Counter(re.findall(r"\w+", text.lower(), re.ASCII))
    expected = sorted(f"word={word} n={n}" for word, n in words.items() if n >= 500)
    for p in (1, 2):
        suite.check_equal(sorted(printed(JOBS / "word_count.flow", p, least=500).splitlines()), expected)


@suite.test
def a_late_reading_goes_to_its_file_as_it_came():
    with tempfile.TemporaryDirectory() as folder:
        late = pathlib.Path(folder, "late.jsonl")
        printed(JOBS / "sensor_averages.flow", 2, late=late)
        suite.check_equal(late.read_text(), '{"sensor":"attic","temperature":20.0,"time":"2026-03-01T10:00:59Z","why":"late"}\n')


@suite.test
def very_late_events_go_to_a_file_for_each_day():
    with tempfile.TemporaryDirectory() as folder:
        late = pathlib.Path(folder, "late")
        printed(JOBS / "very_late.flow", 2, late=late)
        found = {day.name: sorted(line for file in day.iterdir() for line in file.read_text().splitlines()) for day in late.iterdir()}
        suite.check_equal(found, {
            "day=2026-03-01": ['{"type":"wind","amount":2,"time":"2026-03-01T23:30:00Z"}', '{"type":"wind","amount":8,"time":"2026-03-01T22:58:00Z"}'],
            "day=2026-03-02": ['{"type":"sun","amount":4,"time":"2026-03-02T00:10:00Z"}']})


@suite.test
def the_tests_of_every_job_pass_and_survive_kills():
    jobs = sorted(JOBS.glob("*.flow"))
    ran = millrace("test", "--crash", *jobs)
    suite.check(ran.returncode == 0, told(ran))
    suite.check(f"\n{sum(len(re.findall(r'^test ', job.read_text(), re.M)) for job in jobs)} passed, 0 failed\n" in ran.stdout.decode(), told(ran))
    for job in jobs:
        suite.check(re.search(r"^test ", job.read_text(), re.M), f"{job.name} has no test")


@suite.test
def every_job_is_a_line_of_the_readme():
    told_of = set(re.findall(r"^\| `(\w+\.flow)`", (JOBS / "README.md").read_text(), re.M))
    suite.check_equal(told_of, {job.name for job in JOBS.glob("*.flow")})


suite.run("jobs")
