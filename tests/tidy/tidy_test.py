#!/usr/bin/env python3
"""Each rule of tidy.py must catch what it is for: small trees with one fault each, and one without any."""

import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from tests.support import suite  # noqa: E402
from tests.tidy import tidy  # noqa: E402

CLEAN = {
    "tests/tidy/layers.def": "runtime/base:\nruntime/edge: runtime/base\nio: runtime/base\nmutable runtime/base/error.c trail why\n",
    "runtime/base/base.h": "/* The idea. */\n#include <stdint.h>\nstruct str { const char *at; };\n",
    "runtime/base/error.c": "#include \"runtime/base/base.h\"\n#include <pcre2.h>\nstatic _Thread_local int trail;\n"
                            "static const char *const names[] = { \"a\", \"b\" };\nint f(int (*g)(void));\n"
                            "static struct str of(int n) {\n    static const int two = 2;\n    for (;;) { n += two; }\n}\n",
    "runtime/edge/ring.c": "#include \"runtime/base/base.h\"\n#include \"runtime/edge/ring.h\"\n",
    "runtime/edge/ring.h": "/* The idea. */\n#include \"runtime/base/base.h\"\n",
    "io/connectors.c": "const struct connector *const connectors[] = { &null_connector };\n",
    "io/null.c": "const struct connector null_connector = { 0 };\n",
    "tests/edge/ring_test.c": "static const struct test tests[] = { TEST(a_full_ring_says_no), {0} };\n",
    "tests/cli/cli_test.py": "@test\ndef a_missing_file_is_named():\n    pass\n",
    "README.md": "See http://localhost:8080 and https://example.org/x. A template: mkstemp XXXXXX.\n",
}

LONG_FUNCTION = "static int f(int a,\n             int b) {\n" + "    a++;\n" * 69 + "}\n"
TMP, TO_DO = "/" + "tmp/x", "TO" + "DO"
FAULTS = [  # what is wrong, the rule that must say so, the file, its text
    ("a call up the layers", tidy.layers_are_kept, "runtime/base/up.c", '#include "runtime/edge/ring.h"\n'),
    ("a connector that knows an edge", tidy.layers_are_kept, "io/file.c", '#include "runtime/edge/ring.h"\n'),
    ("a folder without a layer", tidy.layers_are_kept, "runtime/extra/x.c", "int x(void);\n"),
    ("an include from beside", tidy.includes_are_written_from_the_root, "runtime/edge/x.c", '#include "ring.h"\n'),
    ("a library in two files", tidy.an_outside_library_is_included_in_one_file_only, "runtime/edge/x.c",
     "#include <pcre2.h>\n"),
    ("801 lines", tidy.a_file_has_at_most_800_lines, "io/long.c", "\n" * 801),
    ("a function of 72 lines", tidy.a_function_has_at_most_70_lines, "io/long.c", LONG_FUNCTION),
    ("a long function after braces in text", tidy.a_function_has_at_most_70_lines, "io/long.c",
     "static const char *const s = \"{\"; /* { */\n#define X {\n" + LONG_FUNCTION),
    ("101 columns", tidy.a_line_has_at_most_100_columns, "io/wide.c", "/*" + "x" * 97 + "*/\n"),
    ("a header without its idea", tidy.a_header_opens_with_the_idea, "io/x.h", "#include <stdint.h>\n"),
    ("a header that needs another first", tidy.a_header_compiles_alone, "io/x.h", "/* It. */\nvoid f(u64 x);\n"),
    ("a variable", tidy.nothing_of_file_scope_changes, "io/x.c", "static int count;\n"),
    ("a variable with a value", tidy.nothing_of_file_scope_changes, "io/x.c", "struct x y = { .a = { 1 } };\n"),
    ("a pointer to what is const", tidy.nothing_of_file_scope_changes, "io/x.c", "static const char *name;\n"),
    ("an array", tidy.nothing_of_file_scope_changes, "io/x.c", "static char buffer[20] = { 0 };\n"),
    ("a pointer to a function", tidy.nothing_of_file_scope_changes, "io/x.c", "static int (*hook)(int);\n"),
    ("a variable after a function", tidy.nothing_of_file_scope_changes, "io/x.c", "int f(void) { return 1; }\nint n;\n"),
    ("a static that changes in a function", tidy.nothing_of_file_scope_changes, "io/x.c",
     "int f(void) {\n    static int calls;\n    return ++calls;\n}\n"),
    ("a listed name in another file", tidy.nothing_of_file_scope_changes, "io/x.c", "static _Thread_local int trail;\n"),
    ("a connector that nobody lists", tidy.every_connector_is_listed, "io/x.c",
     "const struct connector x_connector = { 0 };\n"),
    ("an object file", tidy.nothing_generated_is_in_git, "io/x.o", "\n"),
    ("a parser that bison made", tidy.nothing_generated_is_in_git, "dsl/p.c", "/* A Bison parser, made by GNU */\n"),
    ("a path of a machine", tidy.no_path_of_a_machine_is_written_down, "README.md", f"Look into {TMP}.\n"),
    ("a host of others", tidy.no_host_of_others_is_written_down, "README.md", "From https:" + "//elsewhere.com/x.\n"),
    ("something left to do", tidy.nothing_is_left_to_do, "io/x.c", f"/* {TO_DO}: all */\n"),
    ("a test in C with a label for a name", tidy.names_of_tests_are_sentences, "tests/edge/x_test.c", "TEST(push2)\n"),
    ("a test in Python with a label", tidy.names_of_tests_are_sentences, "tests/cli/x.py", "@test\ndef test_it_all_x():\n"),
]


def complaints(files, rule):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        return [path for path, _, _ in rule(tidy.Tree(root))]


def catches(rule, path, text):
    found = complaints({**CLEAN, path: text}, rule)
    suite.check(path in found, f"not caught; the rule complained of {found}")


for what, rule, path, text in FAULTS:
    suite.add(f"{what} is caught", lambda r=rule, p=path, t=text: catches(r, p, t))


@suite.test
def a_clean_tree_breaks_no_rule():
    for rule in tidy.RULES:
        suite.check_equal(complaints(CLEAN, rule), [], rule.__name__)


@suite.test
def every_rule_has_a_tree_that_breaks_it():
    suite.check_equal([r.__name__ for r in tidy.RULES if r not in {f[1] for f in FAULTS}], [])


suite.run("tidy_test")
