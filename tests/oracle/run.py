#!/usr/bin/env python3
"""The rows that a job must write, at every parallelism, byte for byte the same.

    run.py windows                     the cases of windows/, confirmed by another engine
    run.py random [COUNT [SEED]]       COUNT random cases of reference/random_case.py, from SEED on (else from the commit)"""

import concurrent.futures
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))
from tests.oracle.reference import random_case  # noqa: E402
from tests.support import suite  # noqa: E402
from tests.support.program import millrace, settings, told  # noqa: E402

PARALLELISM = (1, 2, 4, 7)
SHAPES = ["tumbling", "sliding", "global"]


class Case:
    """A job, its input, and the files of expected rows; late is None where the job has no such stream."""

    def __init__(self, job, input, panes, late):
        self.job, self.input, self.panes, self.late = job, input, panes, late
        self.order = "key" if "window global" in job.read_text() else "key,window_start"


def execute(case, folder, p):
    """Runs the job of a case with p tasks a stage; the files that it wrote: [panes] or [panes, late rows]."""
    out = {"panes_out": folder / f"panes.p{p}.jsonl", "late_out": folder / f"late.p{p}.jsonl"}
    ran = millrace("run", case.job, "-p", p, *settings(input=case.input, **out))
    suite.check(ran.returncode == 0, f"-p {p}:", told(ran))
    return list(out.values()) if case.late else [out["panes_out"]]


def compare(expected, got, order):
    command = [sys.executable, str(HERE / "compare.py"), str(expected), str(got), "--ordered-by", order]
    ran = subprocess.run(command, capture_output=True, text=True)
    suite.check(ran.returncode == 0, ran.stdout + ran.stderr)


def hold(case):
    """The rows at the first parallelism are the expected ones, and at the others the bytes are the same."""
    with tempfile.TemporaryDirectory() as name:
        first, *others = [(p, execute(case, pathlib.Path(name), p)) for p in PARALLELISM]
        compare(case.panes, first[1][0], case.order)
        if case.late:
            compare(case.late, first[1][1], "key")
        for p, files in others:
            for ours, theirs in zip(files, first[1]):
                suite.check(ours.read_bytes() == theirs.read_bytes(),
                            f"at -p {p} the bytes differ from those at -p {first[0]}: {ours.name}")


def window_cases():
    for line in (HERE / "windows" / "cases.jsonl").read_text().splitlines():
        c = {k: HERE / "windows" / v if k in ("job", "input", "panes", "late") else v for k, v in json.loads(line).items()}
        yield c["case"], Case(c["job"], c["input"], c["panes"], c.get("late"))


def hold_random(seed):
    made = random_case.make(seed, SHAPES, plain=True)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        random_case.write(made, folder)
        late = folder / "late.jsonl" if made["late_into"] else None
        try:
            hold(Case(folder / "job.flow", folder / "input.csv", folder / "panes.jsonl", late))
        except suite.Failure as failure:
            raise suite.Failure(f"window {made['window']}; watermark {made['watermark']}\n{failure}\n"
                                f"again: tests/oracle/run.py random 1 {seed}") from None


def seed_of_commit():
    """A number that every commit changes; 0 where git is not to be asked."""
    try:
        ran = subprocess.run(["git", "-C", str(HERE), "rev-parse", "HEAD"], capture_output=True, text=True)
    except FileNotFoundError:
        return 0
    return int(ran.stdout[:7] or "0", 16)


def add_all(cases, run_one):
    """Cases run two at a time; each is a test of its own."""
    pool = concurrent.futures.ThreadPoolExecutor(2)
    for sentence, case in cases:
        suite.add(sentence, pool.submit(run_one, case).result)


def main():
    which, *numbers = sys.argv[1:] or ["windows"]
    if which == "windows":
        add_all(((f"{name} has the rows of the reference", case) for name, case in window_cases()), hold)
    else:
        count = int(numbers[0]) if numbers else 100
        first = int(numbers[1]) if len(numbers) > 1 else seed_of_commit()
        print(f"seeds {first} to {first + count - 1}", flush=True)
        add_all(((f"random case {s} has the rows of the reference", s) for s in range(first, first + count)), hold_random)
    suite.run(f"oracle_{which}", [])


if __name__ == "__main__":
    main()
