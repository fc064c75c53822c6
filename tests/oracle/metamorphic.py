#!/usr/bin/env python3
"""What must not matter does not: the input as one file or as several, more workers, smaller morsels, a stream that
nobody reads. Each clause of CLAUSES is a stream of one job; no row is late, so the rows that come out are the same."""

import itertools
import os
import pathlib
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
from tests.support import suite  # noqa: E402

MILLRACE = os.environ["MILLRACE"]
CLAUSES = {
    "tumbling": "window tumbling 10s",
    "sliding": "window sliding 10s every 3s",
    "session": "window session 2s",
    "day": 'window tumbling day zone "Europe/Berlin"',
    "counted": "window rows 7",
    "moving": "window rows 9 every 4",
    "all": "window global",
    "held": "window tumbling 10s lateness 1h emit late every row retracting",
}
ITEMS = "n = count(), total = sum(value), low = min(value), high = max(value)"
ROWS, KEYS, DISORDER_MS = 3000, 12, 4000


def lines_of(seed):
    """CSV lines by key: a key's rows are in one file, so that they keep their order. Values are unlike, so that a row
    that comes twice or not at all is seen."""
    r = random.Random(seed)
    ms, lines = 1_767_225_600_000, []
    for n in range(ROWS):
        ms += r.choice([0, 0, 1, 20, 300, 3000])
        key = r.randrange(KEYS)
        lines.append((key, f"k{key},{n * 7919 % 10007},{ms - r.choice([0, 0, 5, 700, DISORDER_MS])}"))
    return lines


def source(name):
    return (f'source {name}: Row = file(path: "{name}.csv", format: csv)\n'
            f"    time from_unix_ms(ms) watermark lag {DISORDER_MS}ms;\n")


def job(names, more=""):
    """Reads the files of these names, as one stream."""
    text = "type Row { key: string, value: i64, ms: i64 }\n" + "".join(map(source, names))
    text += f"stream rows = {' |> union '.join(names)};\n" if len(names) > 1 else f"stream rows = {names[0]};\n"
    for name, clause in CLAUSES.items():
        text += f"stream of_{name} = rows |> key by key |> {clause} |> aggregate {ITEMS};\n"
        text += f'of_{name} |> into file(path: "{name}.out", format: json);\n'
    return text + more


def run(folder, text, *words):
    """Each clause's lines, sorted: between keys the order may be another."""
    (folder / "job.flow").write_text(text)
    done = subprocess.run([MILLRACE, "run", "job.flow", *words], cwd=folder, capture_output=True, text=True)
    suite.check(done.returncode == 0, done.stderr)
    out = {name: sorted((folder / f"{name}.out").read_text().splitlines()) for name in CLAUSES}
    for name in CLAUSES:
        suite.check(out[name], "nothing came out of", name)
        (folder / f"{name}.out").unlink()
    return out


def write(folder, lines, names, which):
    files = {name: [] for name in names}
    for n, (key, line) in enumerate(lines):
        files[names[which(n, key)]].append(line)
    for name, part in files.items():
        (folder / f"{name}.csv").write_text("".join(line + "\n" for line in part))


def compare(want, got, what):
    for name in CLAUSES:
        wrong = [f"{sign} {line}" for line, sign in itertools.chain(
            ((x, "-") for x in set(want[name]) - set(got[name])), ((x, "+") for x in set(got[name]) - set(want[name])))]
        suite.check(want[name] == got[name], f"{name}: {what}:", *wrong[:6])


def metamorphic(seed):
    lines, names = lines_of(seed), ["a", "b", "c"]
    with tempfile.TemporaryDirectory() as root:
        folder = pathlib.Path(root)
        write(folder, lines, ["a"], lambda n, key: 0)
        want = run(folder, job(["a"]), "-p", "1")
        for words in (["-p", "2"], ["-p", "7"]):
            compare(want, run(folder, job(["a"]), *words), " ".join(words))
        unread = "stream nobody = rows |> key by value |> window tumbling 1s |> aggregate n = count();\n"
        compare(want, run(folder, job(["a"], unread), "-p", "2"), "beside a stream that nobody reads")
        split = job(names)
        write(folder, lines, names, lambda n, key: key % 3)
        for workers in ("1", "3"):
            compare(want, run(folder, split, "-p", workers), f"in three files, -p {workers}")
        write(folder, lines, names, lambda n, key: 2 if key else 0)
        compare(want, run(folder, split, "-p", "2"), "in three files, of which one is empty and one has a key")


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else suite.commit_seed()
    print(f"seed {seed}", flush=True)
    suite.add("files, workers and streams that nobody reads change nothing", lambda: metamorphic(seed))
    suite.run("metamorphic", [])


if __name__ == "__main__":
    main()
