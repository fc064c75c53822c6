"""Jobs that are more than a line, graphs/*.flow: their inputs, and the rows that they must write if no row is late.

Calm rows are behind by less than any source lags; late ones by more, which shows what only the order of everything
decides. Then no more is known than that all ways to run the job must agree."""

import collections
import datetime
import functools
import itertools
import json
import pathlib
import random

JOBS = sorted((pathlib.Path(__file__).resolve().parent / "graphs").glob("*.flow"))
SECOND = 1000  # ms, as all times here
ROWS = 600
CALM = [0, -10, -70, -400, -900]
LATE = [0, -10, -70, -400, -900, -3000, -9000, -20000]
NAMES = [("k1", 1, "one"), ("k1", 1, "uno"), ("k2", 5, "two"), ("0", 3, "none"), ("k999", 9, "never")]
BAD = ["k1,12,never", "k1,1.5,2026-01-01T00:00:05Z", ",,", '"k1,3,2026-01-01T00:00:05Z', "k1"]
Expected = collections.namedtuple("Expected", "format order rows")


def rows_of(seed, count, behind):
    """(key, value, time): most keys come seldom, a row every 40 ms."""
    r = random.Random(seed)
    keys = [int(r.expovariate(0.1)) for _ in range(count)]
    return [(f"k{k}/{k % 3}", r.randrange(1000), 10 * SECOND + i * 40 + r.choice(behind)) for i, k in enumerate(keys)]


def inputs(job, late):
    """What the job reads: NAME -> lines."""
    behind = LATE if late else CALM
    one, two = ([f"{k},{v},{stamp(t)}" for k, v, t in rows_of(*which, behind)] for which in ((1, ROWS), (2, ROWS // 3)))
    if job == "malformed":
        r = random.Random(3)
        one = [line for row in one for line in ([r.choice(BAD[:3] + BAD[4:]), row] if r.random() < 0.1 else [row])]
    return {"rows": one, "one": one, "two": two, "names": [",".join(map(str, n)) for n in NAMES]}


def stamp(ms):
    moment = datetime.datetime.fromtimestamp(ms // 1000, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + f".{ms % 1000:03}Z"


def groups(rows, size, every):
    """(key, start) -> the values, in order of arrival."""
    found = collections.defaultdict(list)
    for k, v, t in rows:
        for start in range(t // every * every, t - size, -every):
            found[k, start].append(v)
    return found


def window(rows, size, every=None, key="k", **folds):
    """A row for each key and window, of what the folds make of its values."""
    return [{key: k, "window_start": stamp(start), "window_end": stamp(start + size)} |
            {name: fold(values) for name, fold in folds.items()}
            for (k, start), values in groups(rows, size, every or size).items()]


def panes(*args, **folds):
    return Expected("jsonl", "k,window_start", window(*args, **folds))


def passed_on(rows, size, fold, every=None):
    """What a window hands to the next stage: (key, value, event time)."""
    return [(k, fold(values), start + size - 1) for (k, start), values in groups(rows, size, every or size).items()]


def two_windows(one, two):
    coarse = window(passed_on(one, SECOND, sum), 10 * SECOND, n=len, v=max)
    counts = collections.Counter(row["n"] for row in coarse)
    return {"coarse": Expected("jsonl", "k,window_start", coarse), "late": Expected("jsonl", "k", []),
            "counts": Expected("jsonl", "n", [{"n": n, "keys": keys} for n, keys in counts.items()])}


def diamond(one, two):
    return {"panes": panes([(k, v % 500, t) for k, v, t in one], 10 * SECOND, n=len, v=sum)}


def loop(one, two):
    sums = passed_on(one + two, 2 * SECOND, sum)
    return {"sums": panes(one + two, 2 * SECOND, v=sum), "panes": panes(one + sums, 10 * SECOND, n=len, v=sum)}


def meet(one, two):
    first, second = passed_on(one, 2 * SECOND, sum), passed_on(two, 4 * SECOND, sum, 2 * SECOND)
    fine = [(time, {"k": k, "v": v, "from": of}) for of, rows in ((1, first), (2, second)) for k, v, time in rows]
    fine.sort(key=lambda row: row[0])
    return {"panes": panes(first + second, 10 * SECOND, n=len, v=sum), "late": Expected("jsonl", "k", []),
            "fine": Expected("csv", "k,from", [row for _, row in fine])}


def relay(one, two):
    doubled = [(k, v * 2, t) for k, v, t in one if v % 3]
    raw = [{"k": k, "w": w, "time": stamp(t)} for k, w, t in doubled]
    return {"panes": panes(doubled, 6 * SECOND, 4 * SECOND, n=len, w=sum), "raw": Expected("csv", "k", raw)}


def late_side(one, two):
    return {"mixed": Expected("csv", "k", [{"k": k, "v": v, "what": "pane"} for k, v, _ in
                                           sorted(passed_on(one, 2 * SECOND, sum), key=lambda row: row[2])])}


def words(one, two):
    split = [(word, v, t) for k, v, t in one for word in k.split("/")]
    parts = [row | {"part": part} for row in window(one, 3 * SECOND, n=len) for part in row["k"].split("/")]
    found = [{"word": word, "name": name, "v": v} for word, v, _ in split for id, _, name in NAMES if id == word]
    called = [(name, v, t) for word, v, t in split
              for name in [name for id, digit, name in NAMES if id == word and digit == v % 10] or ["none"]]
    return {"words": Expected("jsonl", "word,window_start", window(split, 5 * SECOND, key="word", n=len, v=max)),
            "parts": Expected("jsonl", "k,window_start", parts), "found": Expected("csv", "word", found),
            "called": Expected("jsonl", "name,window_start", window(called, 4 * SECOND, 3 * SECOND, key="name", n=len, v=min))}


def same(one, two):
    windows, busy, every = collections.defaultdict(dict), [], []
    for (k, start), values in groups(one, 9 * SECOND, 4 * SECOND).items():
        windows[start][k] = values
    for start, keys in sorted(windows.items()):
        most, ends = max(map(len, keys.values())), {"window_start": stamp(start), "window_end": stamp(start + 9 * SECOND)}
        busy += [{"k": k, "n": most} | ends for k in keys if len(keys[k]) == most]
        every.append(ends | {"keys": len(keys), "n": sum(map(len, keys.values())), "v": sum(map(sum, keys.values()))})
    day = {"window_start": "1969-12-31T23:00:00Z", "window_end": "1970-01-01T23:00:00Z"}
    return {"busy": Expected("jsonl", "k,window_start", busy), "all": Expected("jsonl", "window_start", every),
            "days": Expected("jsonl", "window_start", [day | {"keys": len({k for k, _, _ in one}), "n": len(one)}])}


def malformed(one, two):
    return {"panes": panes(one, 10 * SECOND, n=len, v=sum)}


def islands(one, two):
    sevenths = [{"digit": d, "n": len(range(d, 2000, 7)), "last": range(d, 2000, 7)[-1]} for d in range(7)]
    return {"first": panes(one, 10 * SECOND, n=len, v=sum), "third": Expected("jsonl", "digit", sevenths),
            "second": panes(two, 10 * SECOND, 3 * SECOND, n=len, v=min)}


def floats(one, two):
    thirds = [(k, v / 3 + 0.1, t) for k, v, t in one]
    mean = lambda values: sum(values) / len(values)
    least = min(x for _, x, _ in thirds)
    return {"panes": panes(thirds, 9 * SECOND, 4 * SECOND, n=len, x=sum, mean=mean),
            "all": Expected("jsonl", "x", [{"x": sum(x for _, x, _ in thirds), "least": least}])}


def session_sums(rows, gap):
    """(key, start, end, sum)"""
    found, by_key = [], collections.defaultdict(list)
    for k, v, t in rows:
        by_key[k].append((t, v))
    for k, all_of in by_key.items():
        start = end = total = None
        for t, v in sorted(all_of):
            if end is not None and t > end:
                found.append((k, start, end, total))
                start = None
            start, end, total = (t, t + gap, v) if start is None else (start, t + gap, total + v)
        found.append((k, start, end, total))
    return found


def same_session(one, two):
    rows = [({"k": k, "window_start": stamp(a), "window_end": stamp(b), "n": 1, "v": v}, v % 2) for k, a, b, v in session_sums(one, 2 * SECOND)]
    return {"visits": Expected("jsonl", "k,window_start", [row for row, _ in rows]),
            "both": Expected("jsonl", "k,window_start", [row | {"odd": odd} for row, odd in rows])}


def noted(rows):
    """Whole rows, in order of arrival: by column, and `at`, the time."""
    note = lambda k, v: None if v % 5 == 0 else k if v % 3 == 0 else f"{k} has a tail of {v}"
    return [{"k": k, "v": v, "time": stamp(t), "digit": v % 7, "note": note(k, v), "at": t} for k, v, t in rows]


def whole(rows, keys, size, every, make):
    """What `make` gives of the rows of each key and window, with the window behind or, `None`, as it is."""
    found = collections.defaultdict(list)
    for row in rows:
        for start in range(row["at"] // every * every, row["at"] - size, -every):
            found[(tuple(row[k] for k in keys), start)].append(row)
    return [{name: v for name, v in row.items() if name != "at"} | {"window_start": stamp(start), "window_end": stamp(start + size)}
            for (_, start), some in found.items() for row in make(some)]


def low(note):
    return (note is not None, (note or "").encode())


def top(rows, most):
    """By digit, falling; of equals the earlier one; with ties."""
    ranks = [sum(other["digit"] > row["digit"] for other in rows) + 1 for row in rows]
    return [row | {"place": rank} for rank, row in sorted(zip(ranks, rows), key=lambda pair: pair[0]) if rank <= most]


def reduced(rows, width):
    """Slice by slice, and within one in order of arrival."""
    step = lambda a, b: b | {"v": a["v"] + b["v"], "note": b["note"] if a["note"] is None else a["note"]}
    slices = collections.defaultdict(list)
    for row in rows:
        slices[row["at"] // width].append(row)
    return [functools.reduce(step, [functools.reduce(step, slices[n]) for n in sorted(slices)])]


def sessions(rows, gap, make):
    """What `make` gives of the rows of each key and session, in order of arrival."""
    found = collections.defaultdict(list)
    for place, row in enumerate(rows):
        found[row["k"]].append((row["at"], place))
    for times in found.values():
        times.sort()
        cuts = [0] + [i for i in range(1, len(times)) if times[i][0] > times[i - 1][0] + gap] + [len(times)]
        for first, behind in zip(cuts, cuts[1:]):
            some = [rows[place] for place in sorted(place for _, place in times[first:behind])]
            bounds = {"window_start": stamp(times[first][0]), "window_end": stamp(times[behind - 1][0] + gap)}
            yield {name: v for name, v in make(some).items() if name != "at"} | bounds


def whole_rows(one, two):
    rows = noted(one)
    texts = lambda some, which: [row["note"].encode() for row in some if row["note"] is not None and which(row)]
    least = lambda notes, pick: pick(notes).decode() if notes else None
    wide = lambda row: row["digit"] > 2 or row["v"] > 500
    kinds = [row | {"long": None if row["note"] is None else len(row["note"]) > 15} for row in rows]
    kind = lambda some: list({(row["k"], row["digit"], row["long"]): {name: row[name] for name in ("k", "digit", "long")}
                              for row in some}.values())
    last = lambda some: [max(enumerate(some), key=lambda pair: (low(pair[1]["note"]), pair[1]["digit"], pair[0]))[1]]
    extremes = lambda some: [{"digit": some[0]["digit"], "n": len(some), "low": least(texts(some, lambda row: True), min),
                              "high": least(texts(some, wide), max)}]
    first = {row["digit"]: row for row in reversed(rows)}
    return {"tops": Expected("jsonl", "k,window_start", whole(rows, ["k"], 6 * SECOND, 2 * SECOND, lambda some: top(some, 2))),
            "late": Expected("jsonl", "k", []),
            "lasts": Expected("jsonl", "k,window_start", whole(rows, ["k"], 5 * SECOND, 5 * SECOND, last)),
            "firsts": Expected("jsonl", "digit", [{k: v for k, v in row.items() if k != "at"} for row in first.values()]),
            "kinds": Expected("jsonl", "k,digit,long,window_start", whole(kinds, ["k"], 4 * SECOND, 4 * SECOND, kind)),
            "sums": Expected("jsonl", "k,window_start",
                             whole(rows, ["k"], 6 * SECOND, 3 * SECOND, lambda some: reduced(some, 3 * SECOND))),
            "texts": Expected("jsonl", "digit,window_start", whole(rows, ["digit"], 7 * SECOND, 2 * SECOND, extremes))}


def fine_time(one, two):
    tops = itertools.accumulate((t for _, _, t in one), max)
    before = [None] + [stamp(top - SECOND) for top in tops][:-1]
    told = [{"all": 0, "k": k, "v": v, "w": w} for (k, v, _), w in zip(one, before)]
    rows = [{"all": 0, "k": k, "v": v, "time": stamp(t)} for k, v, t in sorted(one, key=lambda row: row[2])]
    over = lambda start: stamp(start + 6 * SECOND)
    held = [{"k": k, "window_start": stamp(start), "window_end": stamp(start + 4 * SECOND), "n": len(values),
             "v": sum(values), "at": over(start), "w": over(start)}
            for (k, start), values in groups(one, 4 * SECOND, 4 * SECOND).items()]
    return {"told": Expected("jsonl", "all", told), "sorted": Expected("jsonl", "all", rows),
            "panes": Expected("jsonl", "k,window_start", held), "late": Expected("jsonl", "all", [])}


def stays(one, two):
    last = lambda some: max(enumerate(some), key=lambda pair: (pair[1]["digit"], pair[0]))[1]
    return {"stays": Expected("jsonl", "k,window_start", list(sessions(noted(one), 2 * SECOND, last)))}


def modes(one, two):
    return {}  # what holds late or not: related, below


def expected(job):
    """What the job must write of calm rows: NAME -> Expected. For a file that is not named, nothing is known."""
    return globals()[job](rows_of(1, ROWS, CALM), rows_of(2, ROWS // 3, CALM))


def sizes(job, late):
    """What must be alike at different sizes of morsels (cases --sizes). Sources come together in another order at
    another size. Rows that are late by their own source's watermark may not be by the least of two, which depends on
    that order: so where such rows meet before the first window, nothing is left to compare. Sessions of different keys
    come out where marks are."""
    if job == "same_session":  # which sessions come due together is a matter of the size
        return "lines"
    if job not in ("loop", "meet", "stays"):
        return "bytes"
    return "apart" if late and job == "loop" else "lines"


# ---- rows that another file of the same run tells of

def by_window(folder, name):
    """(digit, start) -> its panes, as they came."""
    found = collections.defaultdict(list)
    for line in (folder / name).read_text().splitlines():
        row = json.loads(line)
        found[row["digit"], row["window_start"]].append(row)
    return found


def taken_back(rows, what):
    """The rows that stand in the end, and all that ever did, in order; what was taken back must be there, as it was."""
    standing, ever, wrong = [], [], []
    for row in rows:
        row = dict(row)
        op = row.pop("op")
        if op in ("+I", "+U"):
            standing.append(row)
            ever.append(row)
        elif row in standing:
            standing.remove(row)
        else:
            wrong.append(f"{what}: nothing to take back like {row}")
    return standing, ever, wrong


def added_up(parts):
    return {"n": sum(row["n"] for row in parts), "v": sum(row["v"] for row in parts), "low": min(row["low"] for row in parts)}


def versions(panes):
    """Results, without those that say what the one before said."""
    told = [{k: row[k] for k in ("n", "v", "low")} for row in panes]
    return [row for i, row in enumerate(told) if not i or row != told[i - 1]]


def modes_related(folder, prefix, hidden):
    acc, disc, retr = (by_window(folder, prefix + name) for name in ("acc", "disc", "retr"))
    wrong = [f"{prefix}disc: other windows than {prefix}acc"] if acc.keys() != disc.keys() else []
    for window, panes in acc.items():
        parts = disc[window]
        sums = [added_up(parts[:i + 1]) for i in range(len(parts))]
        if sums != versions(panes):
            wrong.append(f"{prefix}disc {window}: {sums}, not {versions(panes)}")
        standing, ever, lost = taken_back(retr[window], f"{prefix}retr {window}")
        wrong += lost
        shown = [row for row in panes if row["n"] != hidden]
        if ever != shown or standing != [row for row in panes[-1:] if row["n"] != hidden]:
            wrong.append(f"{prefix}retr {window}: {ever}, at the end {standing}, not {shown}")
    return wrong


def related(job, folder):
    """What is wrong between the files that a run of the job wrote."""
    if job != "modes":
        return []
    wrong = modes_related(folder, "", 3) + modes_related(folder, "sliding_", None)
    tops = [taken_back(rows, "tops") for rows in by_window(folder, "tops").values()]
    wrong += [line for _, _, lost in tops for line in lost]
    wrong += [f"tops: {standing} at the end" for standing, _, _ in tops if not 1 <= len(standing) <= 2]
    total = lambda name: sum(row["n"] for rows in by_window(folder, name).values() for row in rows)
    return wrong + ([f"again: {total('again')} rows, not {total('disc')}"] if total("again") != total("disc") else [])
