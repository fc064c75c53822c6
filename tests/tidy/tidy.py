#!/usr/bin/env python3
"""The rules of the house, as tests: each reads the tree and yields what breaks it.

    tidy.py [-v] [FILTER]          the rules that hold for this tree
    tidy_test.py proves that each rule catches what it is for."""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from tests.support import suite  # noqa: E402

CODE = {".c", ".h", ".l", ".y", ".def"}
LINES_MAX, FUNCTION_MAX, COLUMNS_MAX = 800, 70, 100
OURS = ("runtime/", "io/", "dsl/", "cli/")  # the product; tests and benchmarks are looser
GIVEN = ("bench/limit/", "tests/oracle/reference/", "tests/oracle/windows/", "tests/golden/")  # as they came

# What a C compiler and the kernel bring; any other <header> is an outside library.
SYSTEM = set("""assert.h ctype.h dirent.h errno.h fcntl.h float.h fnmatch.h getopt.h glob.h immintrin.h inttypes.h limits.h locale.h math.h
 poll.h pthread.h pwd.h sched.h semaphore.h setjmp.h signal.h spawn.h stdalign.h stdarg.h stdatomic.h stdbool.h stddef.h
 stdint.h stdio.h stdlib.h stdnoreturn.h string.h strings.h termios.h time.h ucontext.h unistd.h x86intrin.h""".split())

BUILT = re.compile(r"^(build[^/]*|\.git)/|__pycache__/")  # not in git, if somebody looks without it


class Tree:
    """The files that are, or would be, committed: path from the root -> text, or None for what is no text."""

    def __init__(self, root):
        self.root = root
        names = git_files(root) or [str(p.relative_to(root)) for p in root.rglob("*")]
        self.text = {n: read(root / n) for n in sorted(set(names)) if n and not BUILT.search(n) and (root / n).is_file()}

    def code(self, folders=("",), kinds=CODE):
        for path, text in self.text.items():
            if text is not None and path.startswith(tuple(folders)) and not path.startswith(GIVEN) \
                    and pathlib.PurePath(path).suffix in kinds:
                yield path, text


def git_files(root):
    """None where there is no git, or it will not look into this folder; then every file counts but what a build made."""
    try:
        command = ["git", "-C", str(root), "ls-files", "-z", "-co", "--exclude-standard"]
        ran = subprocess.run(command, capture_output=True) if (root / ".git").exists() else None
    except FileNotFoundError:
        ran = None
    return ran.stdout.decode().split("\0") if ran and ran.returncode == 0 else None


def read(path):
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def blank(match):
    return re.sub(r"[^\n]", " ", match.group())


def bare(text):
    """C without comments, directives and what is inside literals, all lines kept."""
    text = re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text, flags=re.S)
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", blank, text, flags=re.M)


def line_of(text, at):
    return text.count("\n", 0, at) + 1


def top_level(text):
    """The declarations of a C file: (line, text before the first brace or semicolon, line of the end, is it a body)."""
    text, depth, start, head = bare(text), 0, 0, None
    for m in re.finditer(r"[{};]", text):
        if m.group() == "{":
            if depth == 0 and head is None:
                head = text[start:m.start()]
            depth += 1
        elif m.group() == "}":
            depth -= 1
            if depth == 0 and head.rstrip().endswith(")"):  # a function's body ends without a semicolon
                yield line_of(text, start + leading(head)), head.strip(), line_of(text, m.start()), True
                start, head = m.end(), None
        elif depth == 0:
            whole = text[start:m.start()]
            yield line_of(text, start + leading(whole)), flat(whole), line_of(text, m.start()), False
            start, head = m.end(), None


def leading(text):
    return len(text) - len(text.lstrip())


def flat(text):
    """A declaration without what stands in its braces: `struct x {} y = {}`."""
    while "{" in text and (shorter := re.sub(r"\{[^{}]*\}", "<>", text)) != text:
        text = shorter
    return " ".join(text.split())


def includes(text):
    for m in re.finditer(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)', text, re.M):
        yield line_of(text, m.start()), m.group(1), m.group(2)


def definitions(tree):
    """layers.def: [(folder or file, what it may include)], {(file, variable)}."""
    layers, mutable = [], set()
    for line in tree.text["tests/tidy/layers.def"].splitlines():
        if line.startswith("mutable "):
            mutable.add(tuple(line.split()[1:3]))
        elif line and not line.startswith("#"):
            folder, may = line.split(":")
            layers.append((folder, may.split()))
    return layers, mutable


def within(path, place):
    return path == place or path.startswith(place + "/")


def layers_are_kept(tree):
    layers, _ = definitions(tree)
    for path, text in tree.code(OURS):
        rule = next((r for r in layers if within(path, r[0])), None)
        if rule is None:
            yield path, 1, "no line of layers.def names its folder"
            continue
        for line, kind, name in includes(text):
            if kind == '"' and "/" in name and not any(within(name, m) for m in [rule[0], *rule[1]]):
                yield path, line, f"{rule[0]} may not include {name}"


def includes_are_written_from_the_root(tree):
    for path, text in tree.code():
        for line, kind, name in includes(text):
            made = [name] + [re.sub(of, by, name) for of, by in ((r"\.[ch]$", ".y"), (r"\.[ch]$", ".l"), (r"\.inc$", ".py"))]
            if kind == '"' and not any(m in tree.text for m in made):
                yield path, line, f'no file "{name}" when read from the root'


def an_outside_library_is_included_in_one_file_only(tree):
    users = {}
    for path, text in tree.code():
        for line, kind, name in includes(text):
            if kind == "<" and name not in SYSTEM and not name.startswith(("sys/", "linux/", "netinet/", "arpa/")):
                users.setdefault(name.split("/")[0], {})[path] = line
    for library, places in users.items():
        for path, line in list(places.items())[1:]:
            yield path, line, f"<{library}> is already included in {next(iter(places))}"


def a_file_has_at_most_800_lines(tree):
    for path, text in tree.code(kinds=CODE | {".py"}):
        if text.count("\n") > LINES_MAX:
            yield path, LINES_MAX + 1, f"{text.count(chr(10))} lines; split it by the questions it answers"


def a_function_has_at_most_70_lines(tree):
    for path, text in tree.code(kinds={".c", ".h"}):
        for line, head, end, is_body in top_level(text):
            if is_body and end - line + 1 > FUNCTION_MAX:
                yield path, line, f"{end - line + 1} lines: {head.splitlines()[0]}"


def a_line_has_at_most_100_columns(tree):
    for path, text in tree.code(kinds={".c", ".h"}):
        for number, line in enumerate(text.splitlines(), 1):
            if len(line) > COLUMNS_MAX:
                yield path, number, f"{len(line)} columns; ./dev format"


def a_header_opens_with_the_idea(tree):
    for path, text in tree.code(kinds={".h"}):
        if not text.startswith("/*"):
            yield path, 1, "a header opens with a comment that says its idea"


def a_header_compiles_alone(tree):
    for path, text in tree.code(kinds={".h"}):
        command = ["cc", "-std=gnu11", "-D_GNU_SOURCE", "-fsyntax-only",
                   f"-I{tree.root}", f"-I{tree.root}/build", "-x", "c", "-"]
        ran = subprocess.run(command, cwd=tree.root, input=f'#include "{path}"\n', capture_output=True, text=True)
        if ran.returncode:
            yield path, 1, "does not compile alone: " + next(
                (l.split("error:")[1].strip() for l in ran.stderr.splitlines() if "error:" in l), ran.stderr)


def may_change(declaration):
    """The name of the variable that a declaration of file scope declares, if it is one that may change."""
    d = re.sub(r"__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)|_?[aA]lignas\s*\([^()]*\)", " ", declaration)
    if re.match(r"\s*(typedef|extern|_Static_assert|static_assert)\b", d):
        return None
    d = d.split("=")[0]
    pointer_to_function = re.search(r"\(\s*\*\s*(\w*)", d)
    if "(" in d:
        first = re.search(r"\(", d).start()
        if not pointer_to_function or pointer_to_function.start() != first or not pointer_to_function.group(1):
            return None  # a prototype, or the use of a macro
        return None if re.search(r"\(\s*\*\s*const\b", d) else pointer_to_function.group(1)
    d = re.sub(r"\[[^\]]*\]", "", d)
    name = re.search(r"(\w+)\s*$", d)
    if not name or re.match(r"\s*(struct|union|enum)(\s+\w+)?\s*$", d):
        return None  # only a type
    return None if re.search(r"\bconst\b", d.rsplit("*", 1)[-1]) else name.group(1)


def nothing_of_file_scope_changes(tree):
    _, listed = definitions(tree)
    for path, text in tree.code(OURS, {".c", ".h"}):
        for line, declaration, _, is_body in top_level(text):
            name = None if is_body else may_change(declaration)
            if name and (path, name) not in listed:
                yield path, line, f"`{name}` may change; give it an owner, or make it const"
        for m in re.finditer(r"^[ \t]+static\s+(?!inline\b)([^;={]*)", bare(text), re.M):
            name = may_change(m.group(1))
            if name and (path, name) not in listed:
                yield path, line_of(text, m.start()), f"static `{name}` may change between calls"


def every_connector_is_listed(tree):
    listed = tree.text.get("io/connectors.c") or ""
    for path, text in tree.code(("io/",), {".c"}):
        for m in re.finditer(r"^const struct connector (\w+)\s*=", text, re.M):
            if f"&{m.group(1)}" not in listed:
                yield path, line_of(text, m.start()), f"{m.group(1)} is not in the list of io/connectors.c"


def nothing_generated_is_in_git(tree):
    made = re.compile(r"\.(o|a|so|pyc|gcda|gcno)$|(^|/)(lex\.yy\.c|[^/]*\.tab\.[ch]|y\.output)$")
    said = re.compile(r"A Bison parser, made|A lexical scanner generated by|autom" + "atically generated", re.I)
    for path, text in tree.text.items():
        if made.search(path) or (text and path.endswith((".c", ".h")) and said.search(text)):
            yield path, 1, "is made by the build and does not belong in git"


def no_path_of_a_machine_is_written_down(tree):
    pattern = re.compile(r"(?<![\w.])/(work|tmp|home|root|mnt)/(?![\w.-]*X{6})[\w.]")  # but the names that mkstemp makes
    for path, text in tree.text.items():
        for m in pattern.finditer(text or ""):
            yield path, line_of(text, m.start()), f"{m.group()}...: a path of somebody's machine"


def no_host_of_others_is_written_down(tree):
    pattern = re.compile(r"\b(?:https?|ftp|git|ssh)://([^/\s\"'`)>]+)")
    fine = re.compile(r"localhost|127\.0\.0\.1|([\w-]+\.)*example(\.(com|org|net))?|%s|\{\w*\}|"
                      r"www\.nexmark\.com")  # the last is in the rows of the benchmark of this name
    for path, text in tree.text.items():
        if path.startswith(GIVEN):
            continue
        for m in pattern.finditer(text or ""):
            if not fine.fullmatch(m.group(1).split(":")[0]):
                yield path, line_of(text, m.start()), f"{m.group(1)}: a host of others"


def nothing_is_left_to_do(tree):
    pattern = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
    for path, text in tree.text.items():
        for m in pattern.finditer(text or ""):
            yield path, line_of(text, m.start()), f"{m.group()}: do it, or file an issue"


def names_of_tests_are_sentences(tree):
    for path, text in tree.code(("tests/",), {".c"}):
        for m in re.finditer(r"^[^\n#/*]*\bTEST\((\w+)\)", text, re.M):
            yield from sentence(path, line_of(text, m.start(1)), m.group(1))
    for path, text in tree.code(("tests/",), {".py"}):
        for m in re.finditer(r"^@(?:suite\.)?test\ndef (\w+)", text, re.M):
            yield from sentence(path, line_of(text, m.start(1)), m.group(1))


def sentence(path, line, name):
    if name.count("_") < 2 or name != name.lower() or name.startswith("test_"):
        yield path, line, f"{name}: say what holds, in words"


RULES = [
    layers_are_kept, includes_are_written_from_the_root, an_outside_library_is_included_in_one_file_only,
    a_file_has_at_most_800_lines, a_function_has_at_most_70_lines, a_line_has_at_most_100_columns,
    a_header_opens_with_the_idea, a_header_compiles_alone, nothing_of_file_scope_changes, every_connector_is_listed,
    nothing_generated_is_in_git, no_path_of_a_machine_is_written_down, no_host_of_others_is_written_down,
    nothing_is_left_to_do, names_of_tests_are_sentences,
]


def hold(rule, tree):
    broken = [f"{path}:{line}: {told}" for path, line, told in rule(tree)]
    suite.check(not broken, "\n".join(broken))


if __name__ == "__main__":
    here = Tree(ROOT)
    for each in RULES:
        suite.add(each.__name__.replace("_", " "), lambda rule=each: hold(rule, here))
    suite.run("tidy")
