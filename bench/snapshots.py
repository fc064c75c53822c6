#!/usr/bin/env python3
"""What snapshots cost a running job, and how soon it is back: snapshots.py [--smoke] [--reps N] [--folder DIR]

-p 1 with the snapshot thread on another core, by survive_bench: 64 MB of state, all of it written all the time, with a
snapshot every second and ten a second; 1 GB with one every 10 s. Then -p 2, where the thread has no core of its own, by
`millrace run`, for a few seconds each. Ratios are to the same without snapshots, in turn."""

import argparse
import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
PROGRAM = os.environ.get("MILLRACE") or str(ROOT / "build" / "millrace")
SURVIVE = pathlib.Path(PROGRAM).parent / "bench" / "survive_bench"


def build(folder, name, *settings):
    job = str(folder / name)
    subprocess.run([PROGRAM, "build", ROOT / "bench" / "jobs" / "state.flow", "-o", job, *settings], check=True,
                   stdout=subprocess.DEVNULL)
    return job


def run_for(job, folder, seconds, every):
    """Rows a second at -p 2."""
    with tempfile.NamedTemporaryFile(suffix=".json") as stats:
        words = [PROGRAM, "run", job, "-p", "2", "--stats", stats.name]
        words += ["--state", str(folder), "--snapshot-every", every] if every else []
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
        if process.returncode:
            sys.exit(said)
        return json.loads(pathlib.Path(stats.name).read_text())["rows_per_second"]


def two_workers(job, folder, reps, seconds):
    kinds = [None, "1s", "100ms"]
    rates = {every: [] for every in kinds}
    for rep in range(reps):
        for every in kinds:
            rates[every].append(run_for(job, folder / f"two.{rep}.{every}", seconds, every))
    none = statistics.median(rates[None])
    for every in kinds:
        rate = statistics.median(rates[every])
        print(f"-p 2 {every or 'none':6} {rate / 1e6:8.2f} M rows/s  ratio {rate / none:.3f}", flush=True)


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--smoke", action="store_true", help="a little, to show that it runs")
    words.add_argument("--reps", type=int, default=7)
    words.add_argument("--folder", default=None, help="where snapshots go (a temporary folder)")
    o = words.parse_args()
    with tempfile.TemporaryDirectory(dir=o.folder) as name:
        folder = pathlib.Path(name)
        job = build(folder, "state.so")
        state = str(folder / "state")
        if o.smoke:
            subprocess.run([SURVIVE, job, state, "1000", "0.2", "1", "50"], check=True)
            print("snapshots: 1 passed, 0 failed")
            return
        print("64 MB of state", flush=True)
        subprocess.run([SURVIVE, job, state, "1000000", "4", str(o.reps), "1000", "100"], check=True)
        two_workers(job, folder, max(1, o.reps // 2), 4)
        print("1 GB of state", flush=True)
        large = build(folder, "large.so", "--set", "keys=16000000")
        subprocess.run([SURVIVE, large, state, "16000000", "25", str(max(1, o.reps // 3)), "10000"], check=True)


main()
