#!/usr/bin/env python3
"""A job that is killed, again and again, and in the end has written what an undisturbed run writes.

    crash.py PROGRAM points [--stride N]   killed at every call on a file and every numbered place, one after the other
    crash.py PROGRAM kills [--count N] [--seed S]   SIGKILL at random moments, in recovery too, until the job is done
    crash.py PROGRAM rescale               killed half-way at each -p, and gone on from at each other one, and back
    crash.py PROGRAM faults [--stride N]   every call fails: once, and for good from there on

PROGRAM is millrace with tests/crash/wrap.c. Each life has another -p. A line says how to repeat what failed."""

import argparse
import errno
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))
from tests.support import suite  # noqa: E402

OUTPUTS = ["tumbled.csv", "slid.json", "again.csv", "all_time.csv", "best.csv", "told.csv", "visits.csv", "moving.csv", "late/third=0", "late/third=1", "late/third=2", "bad.csv"]
PS = [1, 2, 3, 4, 7]


def write_rows(path, count, seed):
    """Rows that come late now and then, with words short and long, and a few that are no rows."""
    rng = random.Random(seed)
    words = [f"word{i}" + "x" * (i % 5 * 7) for i in range(400)]
    ms = 1_000_000
    with open(path, "w") as file:
        for _ in range(count):
            ms += rng.choice((0, 0, 0, 1, 2, 9))
            late = rng.choice((0,) * 50 + (700, 1600, 4000))
            file.write(f"{rng.choice(words)},{rng.randrange(1000)},{ms - late}\n")
            if rng.randrange(1000) == 0:
                file.write("no row at all\n")


def content(path):
    """Of a file, or of the parts in a folder, one after the other."""
    if path.is_dir():
        parts = sorted(path.iterdir(), key=lambda part: [int(n) for n in re.findall(r"-(\d+)", part.name)] + [part.name])
        return b"".join(part.read_bytes() for part in parts)
    return path.read_bytes() if path.exists() else b""


class Bench:
    """A folder with the job, its input, and what an undisturbed run writes."""

    def __init__(self, program, folder, rows):
        self.program, self.folder = program, pathlib.Path(folder)
        self.run_folder = self.folder / "run"
        self.job = self.folder / "job.so"
        subprocess.run([program, "build", HERE / "job.flow", "-o", self.job], check=True, stdout=subprocess.DEVNULL)
        write_rows(self.folder / "rows.csv", rows, 1)
        write_rows(self.folder / "more.csv", rows // 2, 2)
        self.fresh()
        self.run(p=1, snapshots=False)
        self.want = self.outputs()
        assert all(self.want[name] for name in OUTPUTS), {name: len(self.want[name]) for name in OUTPUTS}

    def fresh(self):
        shutil.rmtree(self.run_folder, ignore_errors=True)
        self.run_folder.mkdir()
        for name in ("rows.csv", "more.csv"):
            os.symlink(self.folder / name, self.run_folder / name)

    def command(self, p, snapshots, every):
        words = [self.program, "run", self.job, "-p", str(p)]
        return words + (["--state", "state", "--snapshot-every", every] if snapshots else [])

    def run(self, p, snapshots=True, every="5ms", kill_after=None, **orders):
        """The exit status, and what was said. kill_after: seconds."""
        env = os.environ | {f"CRASH_{key.upper()}": str(value) for key, value in orders.items()}
        process = subprocess.Popen(self.command(p, snapshots, every), cwd=self.run_folder, env=env,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace")
        try:
            _, said = process.communicate(timeout=60 if kill_after is None else kill_after)
        except subprocess.TimeoutExpired:
            process.kill()
            _, said = process.communicate()
            if kill_after is None:
                return "hung", said
        return process.returncode, said

    def outputs(self):
        return {name: content(self.run_folder / name) for name in OUTPUTS}

    def wrong(self):
        """What differs from the undisturbed run; None: nothing does, and nothing lies about."""
        got = self.outputs()
        for name in OUTPUTS:
            if got[name] != self.want[name]:
                at = next((i for i, (a, b) in enumerate(zip(got[name], self.want[name])) if a != b),
                          min(len(got[name]), len(self.want[name])))
                return f"{name}: {len(got[name])} bytes for {len(self.want[name])}, the first other one at {at}"
        left = [str(path) for path in self.run_folder.rglob(".*")]
        return f"left behind: {left}" if left else None

    def finish(self, p):
        """Runs on, undisturbed, to the end. What is wrong."""
        status, said = self.run(p)
        return self.wrong() if status == 0 else f"status {status}: {said[-600:]}"


def points(bench, args):
    """Killed at call n, for every n, and the run that goes on from there killed at another one."""
    bench.fresh()
    bench.run(p=2, count=bench.folder / "count")
    calls = int((bench.folder / "count").read_text())
    rng = random.Random(args.seed)
    for n in range(rng.randrange(args.stride), calls, args.stride):
        bench.fresh()
        p, q = rng.choice(PS), rng.choice(PS)
        m = rng.randrange(120) if n % 3 else None
        bench.run(p, kill=n)
        if m is not None:
            bench.run(q, kill=m)
        yield f"kill at {n} with -p {p}, then at {m} with -p {q}", bench.finish(rng.choice(PS))


def rescale(bench, args):
    """With snapshots of one -p, restored at another, for every pair; then at the first one again."""
    bench.fresh()
    bench.run(p=2, count=bench.folder / "count")
    calls = int((bench.folder / "count").read_text())
    for p in PS:
        for q in PS:
            bench.fresh()
            ends = [bench.run(p, kill=calls // 3)[0], bench.run(q, kill=calls // 3)[0]]
            newest = max((int(path.name) for path in (bench.run_folder / "state" / "snapshots").iterdir()), default=0)
            wrong = bench.finish(p)
            yield f"-p {p}, then {q}, then {p} (ends {ends}, snapshots {newest})", wrong if newest else "no snapshot"


def kills(bench, args):
    """SIGKILL after a random time until the job is done; a case is a kill that hit."""
    rng = random.Random(args.seed)
    bench.fresh()
    began = time.monotonic()
    bench.run(p=2)
    usual = time.monotonic() - began
    hit = 0
    while hit < args.count:
        bench.fresh()
        story = []
        while True:
            p, after = rng.choice(PS), rng.uniform(0.004, usual * 0.8)
            status, said = bench.run(p, kill_after=after if len(story) < 12 and hit < args.count else None)
            story.append(f"-p {p} {after * 1000:.0f} ms: {status}")
            if status != -signal.SIGKILL:
                break
            hit += 1
        wrong = bench.wrong() if status == 0 else f"status {status}: {said[-600:]}"
        for i in range(max(1, len(story) - 1)):
            yield "; ".join(story), wrong if i == 0 else None


def faults(bench, args):
    """Call n fails, once or from there on; then the job goes on, undisturbed."""
    bench.fresh()
    bench.run(p=2, count=bench.folder / "count")
    calls = int((bench.folder / "count").read_text())
    rng = random.Random(args.seed)
    for n in range(rng.randrange(args.stride), calls, args.stride):
        for ever in ("", ":ever"):
            bench.fresh()
            error = rng.choice((errno.EIO, errno.ENOSPC, errno.EROFS))
            p = rng.choice(PS)
            status, said = bench.run(p, fail=f"{n}:{error}{ever}")
            name = f"call {n} fails with {errno.errorcode[error]}{ever}, -p {p}"
            if status == 0:  # it was borne
                yield name, bench.wrong()
            elif status in (1, 2, 4, 5):
                yield name, bench.finish(rng.choice(PS)) if said.strip() else "it failed and said nothing"
            else:
                yield name, f"status {status}: {said[-600:]}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("what", choices=["points", "kills", "rescale", "faults"])
    parser.add_argument("--stride", type=int, default=1)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--rows", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=None)
    args = parser.parse_args()
    if args.seed is None:
        args.seed = suite.commit_seed()
    print(f"seed {args.seed}")
    passed = failed = 0
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as folder:
        bench = Bench(os.path.abspath(args.program), folder, args.rows)
        for name, wrong in {"points": points, "kills": kills, "rescale": rescale, "faults": faults}[args.what](bench, args):
            passed += wrong is None
            if wrong is not None:
                failed += 1
                print(f"FAILED {name}: {wrong}", flush=True)
                if failed == 10:
                    break
    print(f"crash {args.what}: {passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
