#!/usr/bin/env python3
"""The example jobs, and some graphs of their own, compiled and run in simulation: jobs.py SIM_JOB SEEDS, or
jobs.py CRASH_JOB SEEDS --crash [GRAPH...]"""
import os, pathlib, subprocess, sys, tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROW = 'type Row { k: string, v: i64, ms: i64 }\n'
SOURCE = 'source {0}: Row = file(path: "{0}.csv", format: csv)\n    time from_unix_ms(ms)\n    watermark lag {1};\n'
WINDOW = '|> key by {} |> window {} |> aggregate n = count(), s = sum(v), top = max(v)'
GRAPHS = {
    'two_windows': SOURCE.format('a', '1s')
    + f'stream first = a {WINDOW.format("k", "tumbling 1s late into late")};\n'
    + 'stream second = first |> key by n |> window tumbling 5s |> aggregate m = count(), t = sum(s);\n'
    + 'first |> into file(path: "1", format: csv);\nsecond |> into file(path: "2", format: json);\nlate |> into file(path: "3", format: csv);\n',
    'diamond': SOURCE.format('a', '3s')
    + f'stream sums = a {WINDOW.format("k", "tumbling 2s")};\n'
    + 'stream small = sums |> where n < 3 |> select k, n, s;\nstream large = sums |> where n >= 2 |> select k, n, s;\n'
    + 'small |> union large |> into file(path: "1", format: csv);\n',
    'union_of_window': SOURCE.format('a', '1s') + SOURCE.format('b', '2s')
    + 'stream both = a |> union b;\n'
    + f'stream sums = both {WINDOW.format("k", "tumbling 2s lateness 1s")};\n'
    + 'stream first = a |> select k, s = v;\nstream second = sums |> select k, s;\n'
    + 'first |> union second |> into file(path: "1", format: csv);\n',
    'clock': SOURCE.format('a', '1s') + SOURCE.format('b', '2s')
    + f'stream sums = a {WINDOW.format("k", "tumbling 2s lateness 3s late into late")};\n'
    + 'stream both = a |> union b |> let w = watermark();\n'
    + 'both |> select k, v, w |> into file(path: "1", format: csv);\n'
    + 'stream first = sums |> select k, s;\nstream second = b |> select k, s = v;\n'
    + 'first |> union second |> where watermark() is not null |> let w = watermark() |> into file(path: "2", format: csv);\n'
    + 'late |> select k, w = watermark() |> into file(path: "3", format: csv);\n'
    + 'stream early = a |> key by k |> window tumbling 4s emit early every 1s, early every 3 rows discarding |> aggregate n = count();\n'
    + 'early |> select k, n, w = watermark(), timing |> into file(path: "4", format: csv);\n',
    'hold': SOURCE.format('a', '1s') + SOURCE.format('b', '2s')
    + 'stream sorted = a |> hold until event_time + 1s late into late;\n'
    + f'stream sums = sorted {WINDOW.format("k", "tumbling 2s")};\n'
    + 'stream both = sums |> select k, s |> union (b |> select k, s = v) |> hold until event_time late into later;\n'
    + 'both |> select k, s, w = watermark() |> into file(path: "1", format: csv);\n'
    + f'stream again = both |> key by k |> window tumbling 3s lateness 1s |> aggregate n = count(), t = sum(s);\n'
    + 'again |> into file(path: "2", format: csv);\n'
    + 'late |> select k, v, w = watermark() |> into file(path: "3", format: csv);\nlater |> select k, s |> into file(path: "4", format: csv);\n',
    'hold_alone': SOURCE.format('a', '1s')
    + 'stream held = a |> where v > 10 |> hold until event_time + 1s late into late;\n'
    + f'stream sums = held {WINDOW.format("k", "tumbling 2s")};\n'
    + 'stream later = sums |> hold until event_time + 500ms;\n'
    + 'later |> select k, n, s |> into file(path: "1", format: csv);\nlate |> into file(path: "2", format: csv);\n',
    'relay': SOURCE.format('a', '1s')
    + f'stream sums = a |> break {WINDOW.format("k", "sliding 4s every 1s lateness 2s")};\n'
    + 'sums |> break |> where n > 1 |> into file(path: "1", format: csv);\n',
    'sessions': SOURCE.format('a', '1s') + SOURCE.format('b', '2s')
    + f'stream visits = a |> union b {WINDOW.format("k", "session 2s lateness 3s late into late emit early every 2s, early every 3 rows, late every 2 rows retracting")};\n'
    + f'stream plain = a {WINDOW.format("k", "session 3s")};\n'
    + 'stream busy = plain |> key by n |> window session 5s lateness 4s discarding |> aggregate m = count(), s = sum(s);\n'
    + 'stream newest = b |> key by k |> window session 1s lateness 2s |> last by v;\n'
    + 'visits |> into file(path: "1", format: csv);\nplain |> into file(path: "2", format: json);\n'
    + 'busy |> into file(path: "5", format: csv);\n'
    + 'late |> into file(path: "3", format: csv);\nnewest |> into file(path: "4", format: csv);\n',
    'so_many_rows': SOURCE.format('a', '1s') + SOURCE.format('b', '2s')
    + 'stream tens = a |> union b |> key by k |> window rows 10 |> aggregate n = count(), s = sum(v);\n'
    + 'stream moving = a |> key by k |> window rows 7 every 2 |> aggregate n = count(), s = sum(0.1 * v), top = max(v);\n'
    + 'stream best = b |> window rows 5 |> top 2 by v;\n'
    + 'stream again = moving |> key by n |> window tumbling 4s |> aggregate m = count(), x = sum(s);\n'
    + 'tens |> let at = event_time |> into file(path: "1", format: csv);\nmoving |> into file(path: "2", format: json);\n'
    + 'best |> into file(path: "3", format: csv);\nagain |> into file(path: "4", format: csv);\n',
    'panes': SOURCE.format('a', '1s') + SOURCE.format('b', '2s')
    + f'stream parts = a {WINDOW.format("k", "sliding 4s every 1s lateness 3s emit early every 700ms, early every 3 rows discarding")};\n'
    + f'stream exact = b {WINDOW.format("k", "tumbling 2s lateness 3s emit early every 300ms, late every 900ms retracting")};\n'
    + 'stream best = a |> key by part = v % 9 |> window tumbling 3s lateness 2s emit early every row retracting |> top 2 by v desc;\n'
    + 'stream summed = parts |> rename start = window_start, stop = window_end |> key by k |> window tumbling 9s |> aggregate n = sum(n);\n'
    + 'parts |> union exact |> where n != 2 |> select k, n, s, top, pane, timing |> into file(path: "1", format: csv);\n'
    + 'best |> select k, v, pane, timing |> into file(path: "2", format: json);\n'
    + 'summed |> into file(path: "3", format: csv);\n',
    'whole_rows': SOURCE.format('a', '1s') + SOURCE.format('b', '2s')
    + 'stream best = a |> union b |> key by part = v % 9 |> window sliding 4s every 1s lateness 2s |> top 3 with ties as r by v % 7 desc;\n'
    + 'stream newest = a |> key by k |> window tumbling 2s |> last;\n'
    + 'stream texts = a |> window tumbling 3s |> reduce k = if(length(acc.k) > 90, k, acc.k + k), v = acc.v + v;\n'
    + 'best |> select k, v, r, window_end, pane |> into file(path: "1", format: csv);\n'
    + 'newest |> union texts |> into file(path: "2", format: json);\n',
}

def write_rows(folder, crash):
    x = 12345
    for name, count in (('a', 60), ('b', 40)) if crash else (('a', 120), ('b', 80)):
        lines, ms = [], 0
        for _ in range(count):
            x = (x * 6364136223846793005 + 1442695040888963407) % 2**64
            r = x >> 33
            ms += (0, 0, 40, 300, 1500)[r % 5]
            lines.append(f'key{"x" * (r // 7 % 30)}{r // 5 % 6},{r // 11 % 100},{ms - (0, 0, 900, 6000)[r // 13 % 4]}\n')
        (folder / f'{name}.csv').write_text(''.join(lines))

def check(flow, folder, sim_job, seeds):
    job = folder / (flow.stem + '.so')
    built = subprocess.run([os.environ['MILLRACE'], 'build', flow, '-o', job], cwd=ROOT, capture_output=True, text=True)
    if built.returncode:
        print(f'FAILED {flow.name}: {built.stderr}')
        return False
    where = ROOT if flow.parent == ROOT / 'jobs' else folder
    state = [folder / 'state'] if '--crash' in sys.argv else []
    ran = subprocess.run([sim_job, job, *state, '--seeds', seeds], cwd=where, capture_output=True, text=True)
    print(ran.stdout + ran.stderr, end='')
    return ran.returncode == 0

def main():
    sim_job, seeds = os.path.abspath(sys.argv[1]), sys.argv[2]
    with tempfile.TemporaryDirectory(dir='/dev/shm' if os.path.isdir('/dev/shm') else None) as name:
        folder = pathlib.Path(name)
        write_rows(folder, '--crash' in sys.argv)
        flows = sorted(flow for flow in (ROOT / 'jobs').glob('*.flow') if flow.stem != 'word_count')  # much text for a record a morsel
        if sys.argv[4:]: flows = []
        for graph, text in GRAPHS.items():
            if graph not in (sys.argv[4:] or GRAPHS): continue
            flows.append(folder / f'{graph}.flow')
            flows[-1].write_text(ROW + text)
        good = [check(flow, folder, sim_job, seeds) for flow in flows]
    print(f'jobs in simulation: {sum(good)} passed, {len(good) - sum(good)} failed')
    return not all(good)

if __name__ == '__main__': sys.exit(main())
