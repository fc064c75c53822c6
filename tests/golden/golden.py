#!/usr/bin/env python3
"""Golden files: what the compiler makes of a program, pass by pass, and what it says of a wrong one.

Beside NAME.flow stands any of NAME.ast .typed .logical .physical .placement .c (what `millrace explain --show` prints),
.err (what `millrace check` says of a refused program) and .json (the same for editors): a file that exists is an
expectation. A new one is made by `touch`, and MILLRACE_UPDATE=1 rewrites them all; the review is the diff.
A line `// explain PASS: WORDS` of the program gives more words to the command: the machine, say, of a placement."""

import os
import pathlib
import re
import shlex
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))
from tests.support import suite  # noqa: E402
from tests.support.program import millrace, told  # noqa: E402

PASSES = ["ast", "typed", "logical", "physical", "placement", "c"]
REFUSED, USAGE = 3, 2  # the exit statuses of a program that is invalid, and of one that lacks but a param


def words_for(flow, kind):
    found = re.search(rf"^// explain {kind}: (.*)$", flow.read_text(errors="replace"), re.M)
    return shlex.split(found.group(1)) if found else []


def output(flow, kind):
    """What the compiler prints now. It runs beside the file, so that the paths it prints are names."""
    if kind in PASSES:
        ran = millrace("explain", flow.name, "--show", kind, *words_for(flow, kind), cwd=flow.parent)
        suite.check(ran.returncode == 0, told(ran))
        return ran.stdout.decode()
    ran = millrace("check", *(["--json"] if kind == "json" else []), flow.name, cwd=flow.parent)
    said = (ran.stdout if kind == "json" else ran.stderr).decode()
    status = USAGE if set(re.findall(r"error\[(E\d+)\]", said)) == {"E0208"} else REFUSED
    suite.check(ran.returncode == status or (kind == "json" and ran.returncode == 0), told(ran))
    return said


def hold(flow, expectation):
    got = output(flow, expectation.suffix[1:])
    if os.environ.get("MILLRACE_UPDATE") == "1":
        expectation.write_text(got)
    suite.check_equal(got, expectation.read_text(), str(expectation.relative_to(HERE)))


def files_belong_together():
    """Everything here belongs to a program, and every program has an expectation."""
    flows = {f.with_suffix("") for f in HERE.rglob("*.flow")}
    parts = {f.with_suffix("") for f in HERE.rglob("*") if f.suffix[1:] in [*PASSES, "err", "json"]}
    used = {(f.parent / name).with_suffix("") for f in HERE.rglob("*.flow")
            for name in re.findall(r'^use "([^"]+)"', f.read_text(errors="replace"), re.M)}
    suite.check_equal(sorted(map(str, flows - parts - used)), [], "programs without an expectation")
    suite.check_equal(sorted(map(str, parts - flows)), [], "expectations without a program")


for program in sorted(HERE.rglob("*.flow")):
    for each in [*PASSES, "err", "json"]:
        beside = program.with_suffix("." + each)
        if beside.exists():
            suite.add(f"{beside.relative_to(HERE)} is what the compiler prints", lambda f=program, e=beside: hold(f, e))
suite.add("every golden file has a program and every program a golden file", files_belong_together)
suite.run("golden")
