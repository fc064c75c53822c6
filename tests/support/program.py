"""Runs the program under test: the one that MILLRACE names (meson says which), else build/millrace."""

import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("MILLRACE") or str(ROOT / "build" / "millrace")


def millrace(*words, timeout=60, stdin=subprocess.DEVNULL, prefix=(), **options):
    """The finished process, with stdout and stderr as bytes; one that hangs raises. `prefix` goes before the program."""
    options.setdefault("stdout", subprocess.PIPE)
    if "input" not in options:
        options["stdin"] = stdin
    command = [*prefix, PROGRAM, *map(str, words)]
    return subprocess.run(command, stderr=subprocess.PIPE, timeout=timeout, **options)


def settings(**values):
    """--set words: settings(input=path) is ["--set", "input=path"]."""
    return [word for name, value in values.items() for word in ("--set", f"{name}={value}")]


def told(process):
    """What a process said on stderr, for people who read a failure."""
    return f"exit status {process.returncode}\n{process.stderr.decode(errors='replace')}"
