#!/usr/bin/env python3
"""Runs the suites and closes with `N passed, N failed`, the sum of what all of them closed with.

    run.py [NAME...]      every suite in every build, or the named suites and tests in the release build

The release build runs everything. The sanitizers' builds run what is written in C: AddressSanitizer with
UndefinedBehaviorSanitizer all of it, ThreadSanitizer what has threads. `dev` calls this when build/ is built."""

import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
C_SUITES = ["support", "base", "data", "metrics", "snapshot", "edge", "state", "stage", "exec", "io", "dsl", "sim", "stress",
            "oracle", "crash", "lang"]
# The last ones are tests of sim and crash.
THREAD_SUITES = ["support", "base", "metrics", "state", "edge", "exec", "stress", "oracle", "threads", "kills"]
# Warnings are the release build's business: beside sanitizers gcc gives some that are none.
SANITIZED = ["--buildtype=debugoptimized", "-Db_lundef=false", "-Dwerror=false", "-Dwarning_level=0", "-Dc_args=-w"]
BUILDS = [  # directory, options of its configuration, suites (None: all but those kept for asking)
    ("build", None, None),
    ("build-asan", [*SANITIZED, "-Db_sanitize=address,undefined"], C_SUITES),
    ("build-tsan", [*SANITIZED, "-Db_sanitize=thread"], THREAD_SUITES),
]
CLOSING = re.compile(r"^(?:\S+: )?(\d+) passed, (\d+) failed(?:, \d+ skipped)?$", re.M)


def ready(build, options):
    """Configures and builds, unless `dev` has; False if that fails, which has then been printed."""
    if options is not None and not (build / "build.ninja").exists():
        command = ["meson", "setup", *options, str(build), str(ROOT)]
        if subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sys.stderr).returncode:
            return False
    return subprocess.run(["ninja", "--quiet", "-C", str(build)], stdin=subprocess.DEVNULL).returncode == 0


def known(build):
    """Of a build: the suites of each test, by its name."""
    tests = json.loads(subprocess.check_output(["meson", "introspect", "--tests", str(build)]))
    return {t["name"]: [s.split(":")[-1] for s in t["suite"]] for t in tests}


def choose(build, names):
    """What `meson test` is to run, once with suites and once with names: it takes no union of both."""
    tests = known(build)
    suites = set(sum(tests.values(), []))
    if names is None:
        return [[]]
    for name in names:
        if name not in suites and name not in tests:
            sys.exit(f"run.py: there is no suite or test {name}; suites: {', '.join(sorted(suites))}; "
                     f"tests: {', '.join(sorted(tests))}")
    by_suite = [w for n in names if n in suites for w in ("--suite", n)]
    by_name = [n for n in names if n not in suites]
    if by_name:  # without their suites, those that run only by name would be left out
        by_name += [w for n in by_name for s in tests[n] for w in ("--suite", s)]
    return [words for words in (by_suite, by_name) if words]


def count(record):
    """(passed, failed) of one test program; one that ends badly without saying so has failed once."""
    closing = CLOSING.findall(record.get("stdout", ""))
    passed, failed = map(int, closing[-1]) if closing else (0, 0)
    if record["result"] == "OK":
        return (passed, failed) if closing else (1, 0)
    return passed, max(failed, 1)


def run(build, words):
    command = ["meson", "test", "-C", str(build), "--no-rebuild", *words]
    log = build / "meson-logs" / "testlog.json"
    log.unlink(missing_ok=True)
    subprocess.run(command, stdin=subprocess.DEVNULL)
    sys.stdout.flush()
    if not log.exists():
        return 0, 1
    passed = failed = 0
    for record in map(json.loads, log.read_text().splitlines()):
        p, f = count(record)
        passed, failed = passed + p, failed + f
        if f:
            print(f"\n=== {build.name}: {record['name']}: {record['result']}")
            print(record.get("stdout", ""), record.get("stderr", ""), sep="", flush=True)
    return passed, failed


def main():
    names = sys.argv[1:] or None
    passed = failed = 0
    for directory, options, suites in BUILDS[:1] if names else BUILDS:
        build = ROOT / directory
        print(f"\n=== {directory}", flush=True)
        if not ready(build, options):
            print(f"{directory} does not build", flush=True)
            failed += 1
            continue
        if names is None and suites is not None:
            tests = known(build)
            existing = set(tests).union(*tests.values())
            choices = choose(build, [s for s in suites if s in existing])
        else:
            choices = choose(build, names)
        for words in choices:
            p, f = run(build, words)
            passed, failed = passed + p, failed + f
    print(f"\n{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


main()
