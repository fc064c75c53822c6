#!/usr/bin/env python3
"""Negative controls: the simulator must catch every wrong rule of the exchange. A control is the product's own file with
one rule made wrong (so nothing in the product is there for tests), built into a simulator of its own.

    controls.py --make NAME ROOT OUTPUT     writes the wrong file
    controls.py NAME=PROGRAM...             runs them until each is caught
"""
import os, re, subprocess, sys

CONTROLS = {  # name: what is wrong, file, (right, wrong)...
    'wait-inside': ('a task waits for room inside a morsel (R3)', 'runtime/exec/stage_task.c',
        ('if (t->inside ? !advance(t) : !start(t)) break;', 'if (task_is_full(t) || (t->inside ? !advance(t) : !start(t))) break;')),
    'overflow-at-start': ('a morsel is started while there is overflow (R3)', 'runtime/exec/stage_task.c',
        ('if (task_is_full(t)) return false;', '')),
    'no-sort': ('rows that one row caused are not sorted by shard', 'runtime/edge/outlet.c',
        ('else if (place < last) lane->unsorted = true;', '')),
    'no-merge-by-position': ('an inlet merges by input and lane alone', 'runtime/edge/inlet.c',
        ('if (a.position != b.position) return a.position < b.position;', '')),
    'running-max': ('a producer keeps its marks across morsels (R5)', 'runtime/exec/producer.c',
        ('    for (u32 i = 0; i <= source->time_count; i++) t->marked[i] = TIME_NEVER;\n', '')),
    'unrisen-mark': ('a mark is not forwarded where W did not rise (R4)', 'runtime/exec/stage_task.c',
        ('    for (u32 i = 0; i < t->write_count; i++)\n        outlet_send(&t->chain.outlets[t->writes[i]], mark.kind',
         '    for (u32 i = 0; i < t->write_count && (mark.rose || mark.kind == CONTROL_END); i++)\n        outlet_send(&t->chain.outlets[t->writes[i]], mark.kind')),
    'due-late': ('what rows caused is sent after what came due (R6)', 'runtime/exec/stage_task.c',
        ('    if (stage->keeper || gathered) send_due(t);\n    if (stage->keeper && (mark', '    if (stage->keeper && (mark'),
        ('    i64 payload = mark.kind', '    if (stage->keeper || gathered) send_due(t);\n    i64 payload = mark.kind')),
    'no-skip': ('inputs that do not descend from the source are not skipped (R2)', 'runtime/edge/inlet.c',
        ('if (!input->descends[source]) continue;', '')),
    'first-input': ('the watermark of a stage is that of its first input', 'runtime/edge/inlet.c',
        ('for (u32 i = 0; i < in->input_count; i++)\n        meet_input(', 'for (u32 i = 0; i < 1; i++)\n        meet_input(')),
    'any-ring': ('a reader reads the ring of producer 0, not of the taker (R1)', 'runtime/edge/inlet.c',
        ('= &lanes[taker];', '= &lanes[0];')),
    'no-window': ('tickets are given however far behind a task is (R1)', 'runtime/exec/sequence.c',
        ('    s->all_finished = least_unfinished(s);\n    return g - s->all_finished < s->window;', '    s->all_finished = least_unfinished(s);\n    return true;')),
    'ticket-now': ('the source is chosen by watermarks as of now', 'runtime/exec/sequence.c',
        ('        sequence_raise_seen(sequence_source(s, ticket->source), what->seen);',
         '        struct sequence_source *of = sequence_source(s, ticket->source);\n'
         '        if (of->watermark < what->exact) of->watermark = what->exact;')),
    'finished-early': ('the last mark of a source comes before its last rows are marked', 'runtime/exec/producer.c',
        ('    if (t->ticket.kind == TICKET_DATA)\n        source->morsel',
         '    if (t->ticket.last) mark(t, CONTROL_FINISHED);\n'
         '    if (t->ticket.kind == TICKET_DATA)\n        source->morsel'),
        ('        mark(t, CONTROL_FINISHED);\n    }', '    }')),
    'fused-due-first': ('fused: what came due goes before what rows caused', 'runtime/exec/fused.c',
        ('        hand_over(t, k);\n        bool rose', '        bool rose'),
        ('!stage->keeper) continue;', '!stage->keeper) { hand_over(t, k); continue; }')),
    'fine-by-seen': ('a fine stage fires at a mark up to the stamp that it saw last', 'runtime/exec/fine.c',
        ('f->floor = meet(', 'if (kind != CONTROL_END) exact = t->chain.stamp;\n    f->floor = meet(')),
    'fine-at-boundary': ('a fine stage fires up to the boundary that was marked only', 'runtime/exec/stage_task.c',
        ('stage->fine ? fine_rise(t, t->stage, mark.kind, mark.exact) : t->inlet.w',
         'stage->fine ? (fine_rise(t, t->stage, mark.kind, mark.exact), t->inlet.w) : t->inlet.w')),
    'fine-end-only': ('a fine stage fires at END only, not at marks', 'runtime/exec/stage_task.c',
        ('(mark.rose || stage->fine ||', '((stage->fine ? mark.kind == CONTROL_END : mark.rose) ||')),
    'fine-by-input': ('a fine stage keeps its prefix maxima by input, not by source', 'runtime/exec/fine.c',
        ('void fine_begin(', 'static u32 ways(const struct task *t, u32 k, u32 source) {\n'
         '    const struct job *job = t->run->job;\n    u32 n = 0;\n'
         '    for (u32 i = 0; i < job->stages[k].input_count; i++)\n'
         '        n += t->run->graph.edge_descends[job->stages[k].inputs[i] * job->source_count + source];\n'
         '    return n;\n}\n\nvoid fine_begin('),
        ('(s != source &&', '((s != source || ways(t, k, s) > 1) &&')),
    'fine-no-stamps': ('a row has the W of the end of the morsel before', 'runtime/exec/fine.c',
        ('(s != source && !t', '(!t')),
    'fine-no-merge': ('a fine stage handles a phase in canonical order', 'runtime/edge/gather.c',
        ('if (g->unsorted) qsort(g->rows, g->count,', 'qsort(g->rows, 0,')),
    'due-stamp': ('what came due carries the W that made it due', 'runtime/stage/window.c',
        ('.stamp = time_sub(end, 1),', '.stamp = w->w,')),
}

CRASH_CONTROLS = {  # the same for crash_job
    'barrier-counts': ('a barrier counts where sources are chosen', 'runtime/exec/sequence.c',
        ('    sequence_cut(s, out->morsel + 1);\n', '    s->ordinal++;\n    sequence_cut(s, out->morsel + 1);\n')),
    'under-way-unknown': ('what was under way at a barrier is not known to the snapshot', 'runtime/exec/sequence_save.c',
        ('if (last[i].ordinal < ordinal)', 'if (false)')),
    'watermarks-lost': ('watermarks are not restored', 'runtime/exec/snapshot_restore.c',
        ('set_times(t, k, w, inputs, input_count);', 'set_times(t, k, TIME_NEVER + 0 * w, inputs, 0);')),
    'prefixes-lost': ('what sources reached is not restored', 'runtime/exec/snapshot_restore.c',
        ('&& reached > task_prefix(t, k)[s])', '&& reached == TIME_FOREVER)')),
    'given-up-forgotten': ('what a snapshot held that was given up does not join the next', 'runtime/exec/barrier.c',
        ('region_saved(region, snapshotter_was_durable(s))', 'region_saved(region, true)')),
    'always-finished': ('a snapshot of a stopped job says that it has finished', 'runtime/exec/snapshotter.c',
        ('s->kind == SNAPSHOT_LAST && s->order.close', 's->order.number > 0')),
    'swept-at-once': ('the manifest does not wait for sweeps', 'runtime/exec/barrier.c',
        ('    if (!t->sweeping || !t->ahead) return 0;\n    u32 done = task_sweep(t);',
         '    if (t->sweeping && t->ahead) snapshotter_swept(t->run->snapshotter, 0, true);\n    t->sweeping = false;\n    u32 done = 0;')),
}

TEST_CONTROLS = {  # for tests in the language, tests/cli/testing.py
    'read-again': ('a source begins at its start again when a job is restored', 'runtime/exec/sequence_save.c',
        ('if (cut.open && to->ops->seek &&', 'if (!cut.open && to->ops->seek &&')),
}

def make(name, root, output):
    _, path, *changes = (CONTROLS | CRASH_CONTROLS | TEST_CONTROLS)[name]
    text = open(f'{root}/{path}').read()
    for right, wrong in changes:
        places = re.findall(r'\s+'.join(map(re.escape, right.split())), text)  # however the file is formatted
        if len(places) != 1: sys.exit(f'control {name}: {path} has not one place with\n{right}')
        text = text.replace(places[0], wrong)
    open(output, 'w').write(text)

def caught(program):
    for seed in range(0, 1000, 100):
        run = subprocess.run([program, '100', str(seed)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
        if run.returncode:
            lines = [line for line in run.stdout.splitlines() if line.startswith('FAILED') or 'ensure' in line.lower()]
            return (lines or run.stdout.splitlines() or ['?'])[0]
    return None

def caught_crashing(program):
    jobs = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'jobs.py')
    for seeds, graph in (30, 'clock'), (30, 'relay'), (90, 'union_of_window'), (300, 'two_windows'), (900, 'union_of_window'):
        run = subprocess.run([sys.executable, jobs, program, str(seeds), '--crash', graph], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, timeout=300)
        for line in run.stdout.splitlines():
            if line.startswith('FAILED') or 'internal error' in line: return line
    return None

def main():
    if sys.argv[1] == '--make': return make(*sys.argv[2:])
    failed = 0
    for arg in sys.argv[1:]:
        name, program = arg.split('=', 1)
        how = caught_crashing(program) if name in CRASH_CONTROLS else caught(program)
        failed += how is None
        print(f'control {name:20} {"caught" if how else "NOT CAUGHT"}: {(CONTROLS | CRASH_CONTROLS)[name][0]}; {how or ""}')
    print(f'controls: {len(sys.argv) - 1 - failed} passed, {failed} failed')
    return failed != 0

if __name__ == '__main__': sys.exit(main())
