#!/usr/bin/env python3
"""What the documents show is so. Every `flow` block of README.md and docs/*.md passes `millrace check`; one that is called
`flow run` prints, at several parallelisms, the `text` block that follows it; of `flow refused` that block is what check
says. Of `flow test` it is what `millrace test` says, and if there is none the tests pass. `csv NAME` and `json NAME` blocks are the files that the blocks of their document read."""

import pathlib
import re
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from tests.support import suite  # noqa: E402
from tests.support.program import millrace, told  # noqa: E402

BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.M | re.S)
REFUSED = 3


def blocks(document):
    """(line, language, word, text) of each, in order."""
    text = document.read_text()
    return [(text.count("\n", 0, m.start()) + 1, *m.groups()) for m in BLOCK.finditer(text)]


def hold(files, word, flow, expected):
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            pathlib.Path(folder, name).write_text(content)
        pathlib.Path(folder, "job.flow").write_text(flow)
        checked = millrace("check", "job.flow", cwd=folder)
        suite.check(checked.returncode == (REFUSED if word == "refused" else 0), told(checked))
        if word == "refused":
            suite.check_equal(checked.stderr.decode(), expected, "what check says")
        if word == "test":
            tested = millrace("test", "--crash", "job.flow", cwd=folder)
            suite.check(tested.returncode == ("\nFAILED" in "\n" + expected), told(tested))
            if expected:
                suite.check_equal(tested.stdout.decode(), expected, "what test says")
        for p in (1, 3) if word == "run" else ():
            ran = millrace("run", "job.flow", "-p", p, cwd=folder)
            suite.check(ran.returncode == 0, f"-p {p}:", told(ran))
            suite.check_equal(ran.stdout.decode(), expected, f"output at -p {p}")


def add_all(document):
    found = blocks(document)
    files = {word: text for _, language, word, text in found if language in ("csv", "json") and word}
    for i, (line, language, word, flow) in enumerate(found):
        after = found[i + 1][3] if i + 1 < len(found) and found[i + 1][1] == "text" else ""
        if language == "flow":
            suite.add(f"{document.relative_to(ROOT)}:{line} is so", lambda w=word, f=flow, e=after: hold(files, w, f, e))


for each in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
    add_all(each)
suite.run("docs")
