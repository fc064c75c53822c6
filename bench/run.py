#!/usr/bin/env python3
"""millrace beside the hand-written programs of bench/limit: the same bytes, the same cores, in turn.

    run.py [--json FILE] [--gib N] [--reps N] [--smoke] [JOB...]

A limit program writes its input (LIMIT_DUMP), which both then have in huge pages before the clock starts. Rates are
medians, in millions of events a second; `ratio` is millrace at -p 1 over the limit on one core, `-p 2` is millrace on
both cores, and the limit's own two copies, one a core, show what the machine gives to two. An event is a row, in wc a
word. --smoke runs everything on a little input, to show that it still runs."""

import argparse
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
PROGRAM = os.environ.get("MILLRACE") or str(ROOT / "build" / "millrace")
WORK = pathlib.Path(PROGRAM).parent / "bench-limit"  # the limit programs and their inputs


class Job:
    """`limit` is the limit program's command, GIB and REPS standing for numbers; its best line that `line` finds
    counts. `least` and `least_two` are what the ratio and -p 2 over -p 1 must reach. `gib` is the limit program's own
    size of input: a smaller one would mostly measure how tables grow."""

    def __init__(self, name, limit, line, least, least_two, flow=None, words=False, gib=4):
        self.name, self.limit, self.line, self.least, self.least_two = name, limit.split(), line, least, least_two
        self.gib = gib
        self.flow, self.words = HERE / "jobs" / f"{flow or name}.flow", words


JOBS = [
    Job("ysb", "ysb 100 GIB 128 REPS", "row128", 0.6, 1.5),
    Job("q1", "q1 GIB REPS", "48B rows, output in cache", 0.6, 1.5),
    Job("q5-10k", "q5 10000 GIB REPS", "q5", 0.7, 1.2, flow="q5"),
    Job("q5-1m", "q5 1000000 GIB REPS", "q5", 0.6, 1.5, flow="q5"),
    Job("csv", "csv GIB REPS", "all 7 fields", 0.5, 1.5, gib=2),
    Job("json", "json GIB REPS", "all 7 fields", 0.4, 1.5, gib=2),
    Job("wc", "wc - GIB REPS", "words", 0.4, 1.2, words=True, gib=2),
]
RING = Job("ring", "ring", "8-byte items, batch  32", 0.9, None)  # no job: items between two threads


def build_limits():
    """False where the machine cannot run them: they are written for AVX-512."""
    WORK.mkdir(exist_ok=True)
    if "avx512bw" not in pathlib.Path("/proc/cpuinfo").read_text():
        return False
    for program in sorted({job.limit[0] for job in [*JOBS, RING]}):
        target, source = WORK / program, HERE / "limit" / f"{program}.c"
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            print(f"building bench/limit/{program}", file=sys.stderr)
            command = ["gcc", "-O3", "-march=native", "-o", str(target), str(source), "-lpthread"]
            subprocess.run(command, check=True)
    return True


def limit_command(job, gib, reps):
    words = [{"GIB": str(gib), "REPS": str(reps)}.get(w, w) for w in job.limit]
    return [str(WORK / words[0]), *words[1:]]


def input_of(job, gib):
    """The file with the job's input, made once, and how many events are in it (None: as many as rows)."""
    path = WORK / f"{job.name}.{gib}.input"
    if not path.exists():
        print(f"{job.name}: writing {gib} GiB of input", file=sys.stderr)
        part = path.with_suffix(".part")
        subprocess.run(limit_command(job, gib, 1), env={**os.environ, "LIMIT_DUMP": str(part)}, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for suffix in (".ads.csv", ""):
            if pathlib.Path(f"{part}{suffix}").exists():
                os.replace(f"{part}{suffix}", f"{path}{suffix}")
    words = int(subprocess.check_output(["wc", "-w", str(path)]).split()[0]) if job.words else None
    return path, words


def rates_in(job, text):
    rates = [float(m.group(1)) for line in text.splitlines() if job.line in line
             if (m := re.search(r"([\d.]+) M(?:ev| items)/s", line))]
    if not rates:
        sys.exit(f"{job.limit[0]} said: {text}")
    return rates


def run_limit(job, gib, reps, cores):
    """The rate of a copy on each of the cores, added up."""
    started = [subprocess.Popen(limit_command(job, gib, reps), env={**os.environ, "LIMIT_CPU": str(core)},
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) for core in cores]
    return sum(max(rates_in(job, process.communicate()[0])) for process in started)


def run_millrace(job, path, words, cores):
    """The rate, in millions of events a second, of a run with a worker on each of the cores."""
    settings = ["--set", f"input={path}"] + (["--set", f"ads={path}.ads.csv"] if job.name == "ysb" else [])
    with tempfile.NamedTemporaryFile(suffix=".json") as stats:
        command = [PROGRAM, "run", str(job.flow), "-p", str(len(cores)), "--cores", ",".join(map(str, cores)),
                   "--stats", stats.name, *settings]
        ran = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        if ran.returncode:
            sys.exit(f"{' '.join(command)}\nexit status {ran.returncode}\n{ran.stderr.decode(errors='replace')}")
        said = json.loads(pathlib.Path(stats.name).read_text())
    if said["rows_in"] == 0:
        sys.exit(f"{job.name}: no row was read")
    return said["rows_per_second"] * (words / said["rows_in"] if words else 1) / 1e6


def measure(job, gib, reps, cores, with_limit):
    """In turn, so that what the machine does meanwhile meets both alike."""
    path, words = input_of(job, gib)
    limit, one, two = [], [], []
    for i in range(reps):
        print(f"\r{job.name}: {i + 1} of {reps} ", end="", file=sys.stderr, flush=True)
        if with_limit:
            limit.append(run_limit(job, gib, 1, cores[:1]))
        one.append(run_millrace(job, path, words, cores[:1]))
        if len(cores) > 1:
            two.append(run_millrace(job, path, words, cores[:2]))
    print("\r" + " " * 40 + "\r", end="", file=sys.stderr, flush=True)
    limit_two = run_limit(job, gib, reps, cores[:2]) if with_limit and len(cores) > 1 else None
    median = lambda rates: statistics.median(rates) if rates else None
    return {"limit": median(limit), "limit_two": limit_two, "p1": median(one), "p2": median(two),
            "all": {"limit": limit, "p1": one, "p2": two}}


def measure_ring(reps, cores, with_limit):
    """The engine's ring beside the bare one, both between the same two cores; each program measures several times."""
    between = [str(core) for core in cores]
    ours = [str(pathlib.Path(PROGRAM).parent / "bench" / "ring_bench"), "1" if reps > 1 else "0", *between]
    limit, one = [], []
    for _ in range((reps + 2) // 3):
        if with_limit:
            limit += rates_in(RING, subprocess.check_output([str(WORK / "ring"), *between], text=True))
        for _ in range(3):
            one += rates_in(RING, subprocess.check_output(ours, text=True))
    median = lambda rates: statistics.median(rates) if rates else None
    return {"limit": median(limit), "limit_two": None, "p1": median(one), "p2": None, "all": {"limit": limit, "p1": one}}


def quotient(a, b):
    return a / b if a is not None and b else None


def row(name, got, job):
    number = lambda x, form="8.2f": format(x, form) if x is not None else "-"
    ratio, gain = quotient(got["p1"], got["limit"]), quotient(got["p2"], got["p1"])
    mark = lambda x, least: " " if x is None or x >= least else "<"
    return (f"{name:8} {number(got['limit']):>9} {number(got['p1']):>9} {number(ratio):>8}{mark(ratio, job.least)}"
            f"{job.least:8.2f} {number(got['p2']):>9} {number(gain):>8}{mark(gain, job.least_two)}{number(job.least_two)} "
            f"{number(got['limit_two']):>9}")


def machine():
    model = re.search(r"^model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    return {"cpu": model.group(1) if model else platform.machine(), "cores": len(os.sched_getaffinity(0)),
            "kernel": platform.release()}


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("jobs", nargs="*", metavar="JOB", help=", ".join(job.name for job in [*JOBS, RING]))
    words.add_argument("--json", metavar="FILE", help="the figures for programs")
    words.add_argument("--gib", type=float, help="size of each input (that of the limit programs: 4, text 2)")
    words.add_argument("--reps", type=int, default=7, help="runs whose median counts")
    words.add_argument("--smoke", action="store_true", help="a little of everything")
    o = words.parse_args()
    if unknown := set(o.jobs) - {job.name for job in [*JOBS, RING]}:
        words.error(f"no such job: {', '.join(unknown)}")
    if o.smoke:
        o.gib, o.reps = 0.004, 1

    with_limit = build_limits()
    cores = sorted(os.sched_getaffinity(0))[:2]
    results, jobs = {}, [job for job in JOBS if not o.jobs or job.name in o.jobs]
    if not with_limit:
        if not all((WORK / f"{job.name}.{o.gib or job.gib}.input").exists() for job in jobs):
            print("bench: the limit programs, which also make the inputs, need AVX-512; this machine has none")
            print("bench: 0 passed, 0 failed, 1 skipped")
            return
    print("millions of events a second; < is short of the target\n")
    print("job          limit  millrace    ratio   target       -p 2  -p 2/-p 1 target  limit x2")
    for job in jobs:
        results[job.name] = measure(job, o.gib or job.gib, o.reps, cores, with_limit)
        print(row(job.name, results[job.name], job), flush=True)
    if len(cores) > 1 and (not o.jobs or RING.name in o.jobs) and not o.smoke:
        results[RING.name] = measure_ring(o.reps, cores, with_limit)
        print(row(RING.name, results[RING.name], RING), flush=True)
    if o.json:
        told = {"machine": machine(), "gib": {job.name: o.gib or job.gib for job in jobs}, "reps": o.reps, "unit": "million events a second", "jobs": results}
        pathlib.Path(o.json).write_text(json.dumps(told, indent=1) + "\n")
    if o.smoke:
        print(f"bench: {len(jobs)} passed, 0 failed")


main()
