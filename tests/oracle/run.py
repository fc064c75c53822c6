#!/usr/bin/env python3
"""The rows that a job must write, and the same bytes however it is run (cases.c does the running).

    run.py windows                     the cases of windows/, confirmed by another engine
    run.py graphs                      the jobs of graphs/
    run.py random [COUNT [SEED]]       COUNT random cases of reference/random_case.py, from SEED on (else from the commit)
    run.py long [COUNT [SEED]]         the same, compiled as the product does, with all threads: a second and a half each
    run.py few                         some of each, for builds with sanitizers
    run.py kills [COUNT]               the cases of windows/ with snapshots, COUNT seeds of crashes and disk faults each
    run.py controls [NAME=PROGRAM...]  wrong outputs and wrong engines, which must all be seen"""

import collections
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))
from tests.oracle import compare, graphs  # noqa: E402
from tests.oracle.reference import random_case  # noqa: E402
from tests.support import suite  # noqa: E402

CASES = os.environ.get("CASES") or str(HERE.parents[1] / "build" / "tests" / "oracle" / "cases")
MILLRACE = os.environ.get("MILLRACE") or str(HERE.parents[1] / "build" / "millrace")
CRASH_JOB = os.environ.get("CRASH_JOB") or str(HERE.parents[1] / "build" / "tests" / "sim" / "crash_job")
SANITIZE = os.environ.get("CASES_FLAGS", "")
SHAPES = ["tumbling", "sliding", "global", "calendar", "session", "rows"]
SIMS = {"windows": 10, "graphs": 20, "random": 8, "long": 13, "few": 3}  # simulated runs a case: 2,000 in CI
COUNTS = {"random": 150, "long": 1000, "few": 5}
AT_ONCE = 6  # cases in one process

# make(folder) makes job.flow and its inputs and returns what is expected: NAME -> Known. words: for cases.c, as sizes.
Case = collections.namedtuple("Case", "kind name make sizes words")
Known = collections.namedtuple("Known", "format order file")  # order: columns whose equal rows come in this order


def compiled(flags):
    """Beside the product's flags, of which the last ones count."""
    return "--flags", f"{flags} {SANITIZE}"


def run_cases(folders, root, *words, program=CASES):
    """What is wrong with each case; "" if nothing is."""
    ran = subprocess.run([program, *map(str, words), *map(str, folders)], capture_output=True, text=True,
                         errors="replace", env=os.environ | {"XDG_CACHE_HOME": str(root / "cache")})
    ended = f"{pathlib.Path(program).name} ended with {ran.returncode}\n{ran.stdout}{ran.stderr}"
    told = dict.fromkeys(folders, ended)
    for what, path, text in re.findall(r"^(ok|FAILED) (\S+?):? ?((?<= ).*(?:\n    .*)*)?$", ran.stdout, re.M):
        told[pathlib.Path(path)] = text if what == "FAILED" else ""
    if ran.returncode and not any(told.values()):  # a sanitizer's word counts for more
        return dict.fromkeys(folders, ended)
    return told


def differs(folder, expected):
    """What differs from the expected rows in the files that the first run left."""
    wrong = []
    for name, known in expected.items():
        lines = compare.compare(str(known.file), str(folder / name), known.order.split(","), force=known.format)
        wrong += [f"{name}:", *lines] if lines else []
    return "\n".join(wrong)


def made(case, folder):
    folder.mkdir(parents=True)
    return case.make(folder)


def hold(cases, root, seed, sims):
    """(does it hold, what is wrong) of each case; they are alike in sizes and words."""
    folders = [root / case.kind / case.name for case in cases]
    expected = [made(case, folder) for case, folder in zip(cases, folders)]
    told = run_cases(folders, root, "--sims", sims, "--seed", seed, "--sizes", cases[0].sizes, *cases[0].words)
    answers = []
    for case, folder, known in zip(cases, folders, expected):
        wrong = told[folder] or differs(folder, known)
        if "graph" in case.kind and not wrong:
            wrong = "\n".join(graphs.related(case.name, folder))
        answers.append((not wrong, wrong))
    return answers


def add_all(pool, root, seed, sims, cases):
    """Two processes at a time; a case is a test of its own."""
    alike = collections.defaultdict(list)
    for case in cases:
        alike[case.sizes, case.words].append(case)
    for these in alike.values():
        for at in range(0, len(these), AT_ONCE):
            answers = pool.submit(hold, these[at:at + AT_ONCE], root, seed, sims)
            for i, case in enumerate(these[at:at + AT_ONCE]):
                suite.add(f"{case.kind} {case.name}", lambda i=i, answers=answers: suite.check(*answers.result()[i]))


# ---- the cases

def windowed(job, panes, late):
    order = "key" if re.search("window (global|rows)", job) else "key,window_start"
    return {"panes": Known("jsonl", order, panes)} | ({"late": Known("jsonl", "key", late)} if late else {})


def sizes(window):
    """Which sessions come due together, and so in what order of keys, is a matter of the size of morsels."""
    return "lines" if window.startswith("session") else "bytes"


def window_cases():
    for line in (HERE / "windows" / "cases.jsonl").read_text().splitlines():
        case = json.loads(line)

        def make(folder, case=case):
            at = {k: HERE / "windows" / case[k] for k in ("job", "input", "panes", "late") if k in case}
            (folder / "job.flow").symlink_to(at["job"])
            (folder / "input.csv").symlink_to(at["input"])
            return windowed(at["job"].read_text(), at["panes"], at.get("late"))
        yield Case("window", case["case"], make, sizes(case["window"]), compiled(""))


def graph_cases():
    for job in graphs.JOBS:
        for late in (False, True):
            def make(folder, job=job, late=late):
                (folder / "job.flow").symlink_to(job)
                for name, lines in graphs.inputs(job.stem, late).items():
                    (folder / f"{name}.csv").write_text("".join(line + "\n" for line in lines))
                expected = {}
                for name, (form, order, rows) in ({} if late else graphs.expected(job.stem)).items():
                    expected[name] = Known(form, order, folder / f"{name}.expected.jsonl")
                    expected[name].file.write_text("".join(json.dumps(row) + "\n" for row in rows))
                return expected
            yield Case("late-graph" if late else "calm-graph", job.stem, make, graphs.sizes(job.stem, late), compiled(""))


def random_cases(count, first, words):
    for seed in range(first, first + count):
        made = random_case.make(seed, SHAPES)

        def make(folder, made=made):
            random_case.write(made, folder)
            return windowed(made["job"], folder / "panes.jsonl", made["late_into"] and folder / "late.jsonl")
        yield Case("random", str(seed), make, sizes(made["window"]), words)


# ---- the same with crashes: what is committed in the end is what a run without them writes, which `windows` compares

def built(root, job):
    """The job, compiled as the product does it."""
    so = root / f"{job.stem}.so"
    done = subprocess.run([MILLRACE, "build", job, "-o", so], capture_output=True, text=True)
    suite.check(done.returncode == 0, done.stderr)
    return so


def killed(root, so, case, seeds):
    outs = [f"--set={name}_out={name}" for name in ("panes", "late") if name in case]
    words = [word for out in outs for word in out.split("=", 1)]
    ran = subprocess.run([CRASH_JOB, so.result(), root / f"state-{case['case']}", "--seeds", str(seeds),
                          "--set", f"input={HERE / 'windows' / case['input']}", *words], capture_output=True, text=True)
    return ran.returncode == 0, ran.stdout + ran.stderr


def add_kills(pool, root, seeds):
    programs = {}
    for line in (HERE / "windows" / "cases.jsonl").read_text().splitlines():
        case = json.loads(line)
        if case["job"] not in programs:
            programs[case["job"]] = pool.submit(built, root, HERE / "windows" / case["job"])
    for line in (HERE / "windows" / "cases.jsonl").read_text().splitlines():
        case = json.loads(line)
        answer = pool.submit(killed, root, programs[case["job"]], case, seeds)
        suite.add(f"window {case['case']} with crashes", lambda answer=answer: suite.check(*answer.result()))


# ---- that it is seen if something is wrong

def spoiled(case, root, spoil, how):
    folder = root / spoil / case.name
    made(case, folder)
    told = run_cases([folder], root, "--sims", 1, "--sizes", case.sizes, *case.words, "--spoil", spoil)[folder]
    suite.check(how in told and "bytes, not" in told, "not seen, or otherwise than it should be:", told)


def caught(cases, root, name, program):
    for case in cases:
        folder = root / name / case.kind / case.name
        expected = made(case, folder)
        told = run_cases([folder], root, "--threads", "some", "--sims", 30, "--sizes", case.sizes, *compiled("-O0"),
                         program=program)
        if told[folder] or differs(folder, expected):
            return
    suite.check(False, "no graph shows it")


def add_controls(programs, root):
    cases = {(case.kind, case.name): case for case in graph_cases()}
    for spoil, case, how in (("byte", ("late-graph", "diamond"), "simulated"), ("order", ("calm-graph", "loop"), "simulated"),
                             ("line", ("calm-graph", "loop"), "in order of the lines")):
        suite.add(f"a wrong {spoil} is seen", lambda s=spoil, c=cases[case], h=how: spoiled(c, root, s, h))
    likely = [case for case in cases.values() if case.name in ("loop", "words", "late_side")]
    for name, program in (word.split("=", 1) for word in programs):
        suite.add(f"an engine with {name} is seen", lambda n=name, p=program: caught(likely, root, n, p))


def main():
    which, *words = sys.argv[1:] or ["windows"]
    shm = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(dir=shm) as name, concurrent.futures.ThreadPoolExecutor(2) as pool:
        root, seed = pathlib.Path(name), suite.commit_seed()
        if which == "controls":
            add_controls(words, root)
        quick = (*compiled("-O0"), "--threads", "some")
        if which == "windows":
            add_all(pool, root, seed, SIMS[which], window_cases())
        if which == "graphs":
            add_all(pool, root, seed, SIMS[which], graph_cases())
        if which == "few":
            some = list(window_cases())[::3] + [case for case in graph_cases() if case.kind == "late-graph"]
            add_all(pool, root, seed, SIMS[which], [case._replace(words=quick) for case in some])
        if which == "kills":
            add_kills(pool, root, int(words[0]) if words else 3)
        if which in ("random", "long", "few"):
            count = int(words[0]) if words else COUNTS[which]
            first = int(words[1]) if len(words) > 1 else seed
            print(f"random cases from {first} to {first + count - 1}; one alone: run.py {which} 1 SEED", flush=True)
            how = compiled("") if which == "long" else quick
            add_all(pool, root, 0, SIMS[which], random_cases(count, first, how))
        suite.run(f"oracle_{which}", [])


if __name__ == "__main__":
    main()
