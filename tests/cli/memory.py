#!/usr/bin/env python3
"""What a run keeps in memory does not grow with what it reads. What counts is RssAnon + RssShmem: pages of a mapped input
are the kernel's to drop.

    memory.py [long]          long: a word count over 10 GB, of a file and through a pipe"""

import pathlib
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from tests.support import suite  # noqa: E402
from tests.support.program import PROGRAM, settings  # noqa: E402

MB = 1_000_000
LICENCE = pathlib.Path("/usr/share/common-licenses/GPL-3")
WORDS = """param input: string;
source lines = file(path: input, format: lines);
lines |> explode word = regex_split(lower(line), r"\\W+") |> key by word |> window global |> aggregate n = count()
      |> into blackhole();
"""
COPY = """param input: string;
type Row { number: i64, name: string }
source rows: Row = file(path: input, format: csv);
rows |> where number >= 0 |> into file(path: "/dev/null", format: csv);
"""
NEW_KEYS = """param total: i64;
source numbers = sequence(total: total) time from_unix_ms(n) watermark ascending;
numbers |> key by n |> window tumbling 1s |> aggregate n_rows = count(), total = sum(n) |> into blackhole();
"""


def feed(pipe, block, size):
    with pipe:
        for _ in range(size // len(block) + 1):
            pipe.write(block)


def peak(text, p, piped=(), **values):
    """The most that a run of the job held, in bytes. piped: the block and the size of what comes by standard input."""
    with tempfile.TemporaryDirectory() as name:
        job = pathlib.Path(name, "job.flow")
        job.write_text(text)
        command = [PROGRAM, "run", str(job), "-p", str(p), *settings(**values)]
        most = 0
        stdin = subprocess.PIPE if piped else subprocess.DEVNULL
        with subprocess.Popen(command, stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
            if piped:
                threading.Thread(target=feed, args=(process.stdin, *piped)).start()
            while process.poll() is None:
                most = max(most, resident(process.pid))
                time.sleep(0.005)
            said = process.stderr.read().decode(errors="replace")
        suite.check(process.returncode == 0, f"exit status {process.returncode}\n{said}")
        return most


def resident(pid):
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:  # it has just ended
        return 0
    return sum(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith(("RssAnon", "RssShmem")))


def holds_no_more(little, much):
    """A tenth and some pages more is the noise of when rings and tables first fill."""
    suite.check(much <= little * 1.1 + 8 * MB, f"grew from {little / MB:.1f} to {much / MB:.1f} MB")


def repeat(path, block, size):
    with path.open("wb") as file:
        for _ in range(size // len(block) + 1):
            file.write(block)
    return path


def for_inputs(text, block, little, much):
    with tempfile.TemporaryDirectory() as name:
        at = pathlib.Path(name)
        for p in (1, 2):
            peaks = []
            for size in (little, much):
                path = repeat(at / "input", block, size)
                peaks.append(peak(text, p, input=path))
                path.unlink()
            holds_no_more(*peaks)


if sys.argv[1:] == ["long"]:
    def word_count_holds_no_more_for_10_gb():
        for_inputs(WORDS, LICENCE.read_bytes() * 30, 100 * MB, 10_000 * MB)
    def word_count_holds_no_more_for_10_gb_through_a_pipe():
        for p in (1, 2):
            holds_no_more(*(peak(WORDS, p, (LICENCE.read_bytes() * 30, size), input="-") for size in (100 * MB, 10_000 * MB)))
    suite.add("word count holds no more for 10 GB than for 100 MB", word_count_holds_no_more_for_10_gb)
    suite.add("word count holds no more for 10 GB through a pipe", word_count_holds_no_more_for_10_gb_through_a_pipe)
else:
    @suite.test
    def word_count_holds_no_more_for_an_input_ten_times_as_long():
        for_inputs(WORDS, LICENCE.read_bytes() * 30, 40 * MB, 400 * MB)

    @suite.test
    def a_csv_of_a_thousand_rings_is_read_in_the_memory_of_few():
        for_inputs(COPY, b"".join(b"%d,name number %d\n" % (i, i) for i in range(10_000)), 30 * MB, 300 * MB)

    @suite.test
    def a_stream_of_ever_new_keys_holds_no_more_than_its_open_windows():
        for p in (1, 2):
            holds_no_more(peak(NEW_KEYS, p, total=1_000_000), peak(NEW_KEYS, p, total=10_000_000))

suite.run("memory", [])
