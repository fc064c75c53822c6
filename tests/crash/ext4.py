#!/usr/bin/env python3
"""The power goes under a job on a real ext4: as tests/crash/disk.h has it in a model, by a smaller run.

    ext4.py PROGRAM NOSYNC_SO [--states N] [--seed S]
    ext4.py PROGRAM NOSYNC_SO --without TEXT   syncs of paths with TEXT in them are left out; 0 if that was seen

An image in memory is a disk (nbdkit, ext4_disk.py, shown as a file by nbdfuse) that records its writes and flushes; it is
loop-mounted and tests/crash/job.flow runs there, its state and outputs on it, killed now and then. A state is what such a
disk may hold when power goes behind the n-th request: all that was written before the last flush, and of later writes
any blocks of 4 KiB. (A block is never torn: ext4 itself does not bear that in its superblock. disk.h tears, this does
not. Nor is a disk here that lies about a flush.) The kernel mounts each state and replays its journal; then the job runs
to its end and must have written what an undisturbed run writes. A snapshot that was told (--events) before the cut
must be there, and every one that is there be intact; an end that was told must be one.

Needs root, loop devices, nbdkit with its Python plugin, and nbdfuse; says so where they are not, with status 77."""

import argparse
import contextlib
import json
import mmap
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import crash
from crash import suite
from ext4_disk import FLUSH, HEAD, WRITE

HERE = pathlib.Path(__file__).resolve().parent
SIZE = 64 << 20
BLOCK = 4096
STATES_A_STORY = 50
TOOLS = ["nbdkit", "nbdfuse", "fusermount3", "mkfs.ext4", "mount", "umount"]
# What is made, and how it is mounted. auto_da_alloc would hide a missing sync before a rename.
LAYOUTS = [([], "noauto_da_alloc"), ([], "noauto_da_alloc,data=writeback"), ([], "noauto_da_alloc,commit=1"),
           (["-O", "fast_commit"], "noauto_da_alloc"), ([], "defaults"), ([], "noauto_da_alloc,nodelalloc")]


def sh(*words):
    subprocess.run([str(word) for word in words], check=True, stdout=subprocess.DEVNULL)


@contextlib.contextmanager
def mounted(image, folder, options):
    sh("mount", "-o", "loop," + options, image, folder)
    try:
        yield
    finally:
        sh("umount", folder)


class Disk:
    """The recording disk, as a file."""

    def __init__(self, folder, image):
        self.log, self.at = folder / "log", folder / "disk"
        self.at.mkdir(exist_ok=True)
        self.file = self.at / "image"
        self.process = subprocess.Popen(["nbdfuse", self.file, "--socket-activation", "nbdkit", "--exit-with-parent",
                                         "python", HERE / "ext4_disk.py", f"image={image}", f"log={self.log}"])
        for _ in range(200):
            if self.file.exists():
                return
            time.sleep(0.02)
        raise suite.Failure("nbdfuse shows no disk")

    def position(self):
        return self.log.stat().st_size

    def close(self):
        sh("fusermount3", "-u", self.at)
        self.process.wait()

    def requests(self):
        """Kind, offset, bytes, and the log's size behind each."""
        log, at = self.log.read_bytes(), 0
        while at < len(log):
            kind, offset, size = HEAD.unpack_from(log, at)
            data = log[at + HEAD.size:at + HEAD.size + size]
            at += HEAD.size + size
            yield kind, offset, data, at


class Story:
    """A job on the disk, from an empty folder to its end; what it told, and when."""

    def __init__(self, bench, rng, env):
        self.extra, self.options = rng.choice(LAYOUTS)
        folder = bench.folder
        self.base, image = folder / "base.img", folder / "image"
        self.base.unlink(missing_ok=True)
        with open(self.base, "wb") as file:
            file.truncate(SIZE)
        sh("mkfs.ext4", "-q", "-b", BLOCK, *self.extra, self.base)
        with mounted(self.base, bench.mount, "defaults"):
            bench.fresh()
        shutil.copyfile(self.base, image)
        disk = Disk(folder, image)
        self.told, self.ended = [], None  # (position, number); position
        try:
            with mounted(disk.file, bench.mount, self.options):
                self.kills = rng.randrange(3)
                for life in range(self.kills + 1):
                    self.live(bench, disk, rng, env, rng.uniform(0.1, 0.5) if life < self.kills else None)
                    if self.ended is not None:
                        break
                time.sleep(rng.choice((0, 0, 1.5)))
                self.last = disk.position()
        finally:
            disk.close()
        # What unmounting writes is no part of it.
        self.requests = [request for request in disk.requests() if request[3] <= self.last]

    def live(self, bench, disk, rng, env, kill_after):
        words = bench.command(rng.choice(crash.PS), True, "5ms") + ["--events", "-"]
        with subprocess.Popen(words, cwd=bench.run_folder, env=os.environ | env, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True) as process:
            timer = threading.Timer(60 if kill_after is None else kill_after, process.kill)
            timer.start()
            for line in process.stdout:
                event = json.loads(line)
                if event["event"] == "snapshot" and event["ok"]:
                    self.told.append((disk.position(), event["number"]))
            said = process.stderr.read()
            status = process.wait()
            timer.cancel()
        if status == 0:
            self.ended = disk.position()
        elif status != -signal.SIGKILL or kill_after is None:
            raise suite.Failure(f"the job on the disk: status {status}: {said[-600:]}")

    def states(self, rng, count, image):
        """Makes states in `image`, one after the other: the cut's place in the log, and what it is."""
        cuts = sorted(rng.randrange(1, len(self.requests) + 1) for _ in range(count))
        with open(self.base, "r+b") as file, mmap.mmap(file.fileno(), SIZE) as durable:
            flushed = 0  # requests that are in `durable`
            for cut in cuts:
                last = max((i + 1 for i in range(flushed, cut) if self.requests[i][0] == FLUSH), default=flushed)
                for kind, offset, data, _ in self.requests[flushed:last]:
                    if kind == WRITE:
                        durable[offset:offset + len(data)] = data
                flushed = last
                shutil.copyfile(self.base, image)
                percent = rng.choice((0, 10, 50, 50, 90, 100))
                with open(image, "r+b") as state:
                    for kind, offset, data, _ in self.requests[flushed:cut]:
                        for at in range(0, len(data), BLOCK):
                            if rng.randrange(100) < percent:
                                state.seek(offset + at)
                                state.write(data[at:at + BLOCK])
                yield self.requests[cut - 1][3], f"request {cut} of {len(self.requests)}, {percent} % of {cut - flushed}"


def look(bench, story, position, rng):
    """What is wrong with the state that is mounted."""
    store = bench.run_folder / "state"
    told = max((number for at, number in story.told if at <= position), default=0)
    there = sorted(int(path.name) for path in (store / "snapshots").glob("[0-9]*")) if store.exists() else []
    if told and (not there or there[-1] < told):
        return f"snapshot {told} was told, and there are {there}"
    if story.ended is not None and position >= story.ended and bench.outputs() != bench.want:  # a hidden file may be back
        return f"the job had ended: {bench.wrong()}"
    if told:
        check = subprocess.run([bench.program, "snapshot", "check", store], capture_output=True, text=True)
        if check.returncode:
            return f"snapshot check: {(check.stdout + check.stderr)[-400:]}"
    return bench.finish(rng.choice(crash.PS))


def cases(bench, args, rng):
    env = {"LD_PRELOAD": os.path.abspath(args.nosync), "NOSYNC": args.without} if args.without else {}
    image, done = bench.folder / "state.img", 0
    while done < args.states:
        story = Story(bench, rng, env)
        flushes = sum(request[0] == FLUSH for request in story.requests)
        print(f"story: {story.options} {' '.join(story.extra)}: {len(story.requests)} requests, {flushes} flushes, "
              f"{len(story.told)} snapshots told, {story.kills} kills", flush=True)
        for position, name in story.states(rng, min(STATES_A_STORY, args.states - done), image):
            done += 1
            try:
                with mounted(image, bench.mount, story.options):
                    wrong = look(bench, story, position, rng)
            except subprocess.CalledProcessError as error:
                wrong = f"{error}"
            yield f"state {done}: {name}, {story.options}", wrong


def missing():
    if os.geteuid() != 0:
        return "it takes root to mount"
    tools = [tool for tool in TOOLS if not shutil.which(tool)]
    if tools:
        return f"no {', '.join(tools)} (Debian: nbdkit nbdkit-plugin-python libnbd-bin fuse3 e2fsprogs)"
    if subprocess.run(["nbdkit", "--dump-plugin", "python"], capture_output=True).returncode:
        return "nbdkit has no Python plugin (Debian: nbdkit-plugin-python)"
    if subprocess.run(["losetup", "-f"], capture_output=True).returncode:
        return "no loop device"
    return None if os.path.exists("/dev/fuse") else "no /dev/fuse"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("nosync")
    parser.add_argument("--states", type=int, default=300)
    parser.add_argument("--rows", type=int, default=40000)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--without", default=None)
    args = parser.parse_args()
    why = missing()
    if why:
        print(f"crash ext4: this machine cannot run it: {why}")
        return 77
    seed = suite.commit_seed() if args.seed is None else args.seed
    print(f"seed {seed}")
    passed = failed = 0
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        bench = crash.Bench(os.path.abspath(args.program), folder, args.rows)
        bench.mount = bench.folder / "mount"
        bench.mount.mkdir()
        bench.run_folder = bench.mount / "run"
        for name, wrong in cases(bench, args, random.Random(seed)):
            passed += wrong is None
            if wrong is not None:
                failed += 1
                print(f"{'seen' if args.without else 'FAILED'} {name}: {wrong}", flush=True)
                if failed == (1 if args.without else 10):
                    break
    if args.without:
        print(f"without {args.without}: {'seen' if failed else 'NOT seen'} in {passed + failed} states")
        passed, failed = (1, 0) if failed else (0, 1)
    print(f"crash ext4: {passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
