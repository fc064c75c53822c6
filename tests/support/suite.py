"""Tests in Python, told like those in C: names are sentences, failures are printed, the last line counts.

    @test
    def a_missing_file_is_named(): ...       # fails by raising; check() and check_equal() say what was wrong

    run("bad_input")                         # command line: [-v] [FILTER]"""

import difflib
import pathlib
import subprocess
import sys
import traceback

_tests = []


class Failure(Exception):
    """A check that did not hold; its text is all that a reader needs."""


class Skip(Exception):
    """The machine cannot run this test; its text says why."""


def test(function):
    _tests.append((function.__name__.replace("_", " "), function))
    return function


def add(sentence, function):
    """A test of a table: the sentence names it."""
    _tests.append((sentence, function))


def check(held, *told):
    if not held:
        raise Failure(" ".join(map(str, told)) or "does not hold")


def check_equal(got, expected, what="value"):
    """Texts of several lines are told as a difference."""
    if got == expected:
        return
    if isinstance(got, str) and isinstance(expected, str) and "\n" in got + expected:
        lines = difflib.unified_diff(expected.splitlines(), got.splitlines(), "expected", "got", lineterm="")
        raise Failure(f"{what} differs\n" + "\n".join(lines))
    raise Failure(f"{what} differs\n  expected {expected!r}\n  got      {got!r}")


def commit_seed():
    """A number that every commit changes; 0 where git is not to be asked."""
    here = pathlib.Path(__file__).resolve().parent
    try:
        ran = subprocess.run(["git", "-C", str(here), "rev-parse", "HEAD"], capture_output=True, text=True)
    except FileNotFoundError:
        return 0
    return int(ran.stdout[:7] or "0", 16)


def run(name, argv=None):
    argv = sys.argv[1:] if argv is None else argv
    words = [w for w in argv if w != "-v"]
    verbose = "-v" in argv
    chosen = [(s, f) for s, f in _tests if all(w.replace("_", " ") in s for w in words)]
    passed = failed = skipped = 0
    for sentence, function in chosen:
        if verbose:
            print(" ", sentence, flush=True)
        try:
            function()
            passed += 1
        except Skip as why:
            skipped += 1
            print(f"SKIPPED: {sentence}: {why}", flush=True)
        except Failure as failure:
            failed += 1
            print(f"FAILED: {sentence}\n    " + str(failure).replace("\n", "\n    "), flush=True)
        except Exception:
            failed += 1
            print(f"FAILED: {sentence}\n{traceback.format_exc()}", flush=True)
    print(f"{name}: {passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    sys.exit(1 if failed or not chosen else 0)
