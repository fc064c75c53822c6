"""Writes the simple case mappings of Unicode beyond ASCII for casing.c: rows { first, last, step, add }, in order: of
the characters first, first + step, ..., last, each maps to itself + add."""
import sys


def simple(c, upper):
    # Where the full mapping is several characters, the simple one is the title case if that is one.
    text = chr(c)
    for mapped in (text.upper(), text.title()) if upper else (text.lower(),):
        if len(mapped) == 1:
            return ord(mapped)
    return 0x69 if c == 0x130 and not upper else c


def rows(upper):
    out = []
    for c in range(0x80, 0x110000):
        if 0xd800 <= c < 0xe000 or simple(c, upper) == c:
            continue
        add = simple(c, upper) - c
        if out and out[-1][3] == add:
            first, last, step, _ = out[-1]
            if (first == last and c - last <= 2) or c - last == step:
                out[-1] = (first, c, c - last, add)
                continue
        out.append((c, c, 1, add))
    return out


with open(sys.argv[1], "w") as f:
    f.write("/* Made by casing.py. */\n")
    for name, upper in (("to_lower", False), ("to_upper", True)):
        f.write("static const struct case_range %s[] = {\n" % name)
        f.writelines("    { 0x%x, 0x%x, %d, %d },\n" % row for row in rows(upper))
        f.write("};\n")
