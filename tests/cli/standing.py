#!/usr/bin/env python3
"""When nothing comes out: the input that holds time back is named."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from tests.support import suite  # noqa: E402
from tests.support.program import PROGRAM  # noqa: E402

JOB = """type Row { k: string, time: timestamp }
source fast: Row = file(path: "fast", format: csv) time time watermark ascending ahead never idle never;
source slow: Row = file(path: "slow", format: csv) time time watermark ascending ahead never idle %s;
stream counts = fast |> union slow |> key by k |> window tumbling 10s |> aggregate n = count();
counts |> into blackhole();
"""


class Run:
    """The job over two pipes, which are written to until it is stopped."""

    def __init__(self, idle, patience_ms=400):
        self.folder = tempfile.TemporaryDirectory()
        at = pathlib.Path(self.folder.name)
        (at / "job.flow").write_text(JOB % idle)
        os.mkfifo(at / "fast")
        os.mkfifo(at / "slow")
        self.heard = open(at / "heard", "w+")
        self.process = subprocess.Popen([PROGRAM, "run", "job.flow", "-p", "2", "--stats", "stats.json"], cwd=at, stderr=self.heard,
                                        env=os.environ | {"MILLRACE_PATIENCE_MS": str(patience_ms)})
        self.pipes = {name: os.open(at / name, os.O_WRONLY) for name in ("fast", "slow")}
        self.at = at

    def give(self, name, second):
        os.write(self.pipes[name], f"x,2024-01-01T00:00:{second:02}Z\n".encode())

    def told(self):
        self.heard.flush()
        return (self.at / "heard").read_text()

    def wait(self, what, seconds=20):
        end = time.monotonic() + seconds
        while what not in self.told():
            suite.check(time.monotonic() < end, f"waited for {what!r}; {self.told()}")
            time.sleep(0.05)

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)
        for pipe in self.pipes.values():
            os.close(pipe)
        stats = json.loads((self.at / "stats.json").read_text())
        self.folder.cleanup()
        return stats


@suite.test
def an_input_without_a_row_holds_time_back():
    run = Run("never")
    run.give("fast", 1)
    run.wait("`slow` holds time back: no row came from it")
    stats = run.stop()
    suite.check_equal(stats["holds_time_back"], "slow")
    suite.check_equal([s["state"] for s in stats["sources"]], ["active", "active"])
    suite.check_equal([s["watermark"] for s in stats["sources"]], ["2024-01-01T00:00:01Z", None])


@suite.test
def an_input_that_stands_is_named_with_its_time_once_until_it_gets_on():
    run = Run("never")
    run.give("slow", 7)
    run.give("fast", 30)
    run.wait("`slow` holds time back: its watermark stands at 2024-01-01T00:00:07Z")
    run.give("fast", 31)
    time.sleep(1.5)
    suite.check_equal(run.told().count("holds time back"), 1)
    run.give("slow", 40)
    run.give("fast", 32)
    run.give("slow", 41)
    time.sleep(1)
    run.give("slow", 42)
    run.wait("`fast` holds time back: its watermark stands at 2024-01-01T00:00:32Z")
    run.stop()


@suite.test
def idle_and_finished_inputs_are_told_as_such():
    run = Run("300ms")
    run.give("slow", 7)
    run.give("fast", 30)
    time.sleep(1)
    run.give("fast", 31)
    time.sleep(0.3)
    run.give("fast", 5)
    run.wait("`fast` holds time back: its watermark stands at 2024-01-01T00:00:31Z; `slow` is idle, at 2024-01-01T00:00:07Z")
    stats = run.stop()
    suite.check_equal([s["state"] for s in stats["sources"]], ["active", "idle"])
    run = Run("never")
    run.give("slow", 7)
    os.close(run.pipes.pop("slow"))
    run.give("fast", 3)
    time.sleep(0.5)
    run.give("fast", 2)
    run.wait("`fast` holds time back: its watermark stands at 2024-01-01T00:00:03Z; `slow` is finished, at 2024-01-01T00:00:07Z")
    suite.check_equal([s["state"] for s in run.stop()["sources"]], ["active", "finished"])


@suite.test
def who_gets_on_is_told_nothing():
    run = Run("never", patience_ms=1500)  # half of what it takes; a busy machine may keep us from writing for a while
    for second in range(12):
        run.give("slow", second)
        run.give("fast", second)
        time.sleep(0.25)
    suite.check("holds time back" not in run.told(), run.told())
    run.stop()


suite.run("standing")
