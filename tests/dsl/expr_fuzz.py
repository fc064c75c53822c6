#!/usr/bin/env python3
"""Random expressions over all types, their values against Python's reading of language.md section 4. Many expressions make
one job, so that compiling is a small part; each job runs at -p 1 and 2.

    expr_fuzz.py [--seed N] [--jobs N]        a failure prints the seed and the expressions that differ"""

import argparse
import math
import pathlib
import random
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from tests.support.program import PROGRAM  # noqa: E402

SIGNED, UNSIGNED = ["i8", "i16", "i32", "i64"], ["u8", "u16", "u32", "u64"]
INTS, FLOATS = SIGNED + UNSIGNED, ["f32", "f64"]
BITS = {name: int(name[1:]) for name in INTS}
MEMBERS = ["red", "green", "blue", "x_9"]
TYPES = INTS + FLOATS + ["bool", "string", "timestamp", "duration", "Colour"]
I64_LOW, I64_HIGH = -2**63, 2**63 - 1
SECOND = 10**9


def low(t):
    return -2**(BITS[t] - 1) if t in SIGNED else 0


def high(t):
    return 2**(BITS[t] - 1) - 1 if t in SIGNED else 2**BITS[t] - 1


def wrap(t, v):
    v &= 2**BITS[t] - 1
    return v - 2**BITS[t] if v > high(t) else v


def i64(v):
    return wrap("i64", v)


def saturate(v):
    return max(I64_LOW, min(I64_HIGH, v))


# ---- floats ----

def to_f32(v):
    """The nearest f32; infinite where the value is too big."""
    try:
        return struct.unpack("f", struct.pack("f", v))[0]
    except OverflowError:
        return math.copysign(math.inf, v)


def int_to_f32(v):
    """Rounded once: by way of f64 it would be twice."""
    size = abs(v).bit_length()
    if size > 24:
        unit = 1 << (size - 24)
        down, rest = divmod(abs(v), unit)
        up = rest * 2 > unit or (rest * 2 == unit and down & 1)
        v = (down + up) * unit * (1 if v > 0 else -1)
    return float(v)


def as_float(t, v):
    return to_f32(v) if t == "f32" else v


def compare(t, a, b):
    if t in FLOATS and (a != a or b != b):
        return (a != a) - (b != b)
    if t == "string":
        a, b = a.encode(), b.encode()
    if t == "Colour":
        a, b = MEMBERS.index(a), MEMBERS.index(b)
    return (a > b) - (a < b)


def truncated(a, b):
    q = abs(a) // abs(b)
    return q if (a < 0) == (b < 0) else -q


# ---- values and literals ----

def value_of(rnd, t):
    if t in INTS:
        edge = [low(t), high(t), 0, 1, 2, 3, 7, low(t) + 1, high(t) - 1, high(t) // 2, BITS[t], BITS[t] - 1] + [-1] * (t in SIGNED)
        return rnd.choice(edge) if rnd.random() < 0.6 else rnd.randint(low(t), high(t))
    if t in FLOATS:
        edge = [0.0, -0.0, 1.0, -1.5, math.nan, math.inf, -math.inf, 0.1, 5e-324, 1e300, -2.0**63, 2.0**63, 2.0**64, 127.9, -128.5,
                16777217.0, 3.4e38, 1e10]
        return as_float(t, rnd.choice(edge) if rnd.random() < 0.6 else rnd.uniform(-1000, 1000))
    if t == "bool":
        return rnd.random() < 0.5
    if t == "string":
        return rnd.choice(["", "a", "b", "ab", "A b ", "12", "-7", "1.5", "nan", "true", "red", "é€😀", "a,b\"c", "  x\t", "zzz" * 9,
                           "2024-01-15T10:00:00Z", "300", "9223372036854775808"])
    if t == "Colour":
        return rnd.choice(MEMBERS)
    return rnd.choice([I64_LOW, I64_HIGH, 0, 1, -1, 10**9, -10**9 - 1, 1705312800 * 10**9, rnd.randint(I64_LOW, I64_HIGH)])


def quoted(text):
    """A string literal of the language."""
    plain = {'"': '\\"', "\\": "\\\\", "\t": "\\t", "\n": "\\n"}
    return '"' + "".join(plain.get(c, c) for c in text) + '"'


def literal(rnd, t):
    """Text and value, or None where there is no literal of that type. The literal takes the type that it meets."""
    if t in INTS:
        v = value_of(rnd, t)
        return (str(v), v) if v > I64_LOW and v <= I64_HIGH else ("3", 3)
    if t == "f64":
        v = rnd.choice([0.0, 1.5, 2.0, 0.1, 1e300, 3.25, 1e-300])
        return (repr(v) if "e" in repr(v) or "." in repr(v) else repr(v) + ".0", v)
    if t == "f32":
        v = rnd.choice([0.0, 1.5, 2.0, 0.25])
        return repr(v), v
    if t == "bool":
        return rnd.choice([("true", True), ("false", False)])
    if t == "string":
        v = value_of(rnd, t)
        return quoted(v), v
    if t == "Colour":
        v = rnd.choice(MEMBERS)
        return quoted(v), v
    if t == "duration":
        return rnd.choice([("1s", SECOND), ("1ns", 1), ("1h30m", 5400 * SECOND), ("100d", 8640000 * SECOND)])
    return rnd.choice([("@2024-01-15T10:00:00Z", 1705312800 * SECOND), ("@1960-01-01T00:00:00Z", -315619200 * SECOND)])


# ---- expressions: (text, function of a row, may it be null) ----

def null_in_null_out(f, *args):
    def run(row):
        values = [a(row) for a in args]
        return None if any(v is None for v in values) else f(*values)
    return run


class Maker:
    def __init__(self, rnd, columns):
        self.rnd, self.columns = rnd, columns

    def column(self, t):
        name, nullable = self.rnd.choice([(c, n) for c, (k, n) in self.columns.items() if k == t])
        return name, lambda row: row[name], nullable

    def operand(self, t, depth):
        """Like expr, or a literal, which must not stand alone."""
        if self.rnd.random() < 0.2:
            text, v = literal(self.rnd, t)
            return text, lambda row: v, False
        return self.expr(t, depth)

    def expr(self, t, depth):
        if depth <= 0:
            return self.column(t)
        forms = [self.column, self.choice, self.case, self.otherwise, self.least]
        if t in INTS:
            forms += [self.integer] * 8 + [self.cast_to_int] * 3 + [self.widened]
        elif t in FLOATS:
            forms += [self.floating] * 6 + [self.cast_to_float] * 2
        elif t == "bool":
            forms += [self.compared] * 6 + [self.logic] * 5 + [self.is_null, self.between, self.among, self.same, self.text_test]
        elif t == "string":
            forms += [self.text] * 6 + [self.as_text] * 2
        elif t == "timestamp":
            forms += [self.instant] * 3
        elif t == "duration":
            forms += [self.span] * 5
        form = self.rnd.choice(forms)
        return form(t) if form == self.column else form(t, depth - 1)

    # of any type

    def choice(self, t, depth):
        (c, fc, _), (a, fa, na), (b, fb, nb) = self.expr("bool", depth), self.expr(t, depth), self.operand(t, depth)
        return f"if({c}, {a}, {b})", lambda row: fa(row) if fc(row) else fb(row), na or nb

    def case(self, t, depth):
        whens = [(self.expr("bool", depth - 1), self.expr(t, depth)) for _ in range(self.rnd.randint(1, 3))]
        other = self.operand(t, depth) if self.rnd.random() < 0.7 else None
        text = "case" + "".join(f" when {c[0]} then {v[0]}" for c, v in whens) + (f" else {other[0]}" if other else "") + " end"

        def run(row):
            for c, v in whens:
                if c[1](row):
                    return v[1](row)
            return other[1](row) if other else None
        return text, run, not other or other[2] or any(v[2] for _, v in whens)

    def otherwise(self, t, depth):
        (a, fa, na), (b, fb, nb) = self.expr(t, depth), self.operand(t, depth)
        if not na:
            return a, fa, na
        return f"({a} ?? {b})", lambda row: fb(row) if fa(row) is None else fa(row), nb

    def least(self, t, depth):
        (a, fa, na), (b, fb, nb) = self.expr(t, depth), self.expr(t, depth)
        name = self.rnd.choice(["min_of", "max_of"])

        def run(row):
            x, y = fa(row), fb(row)
            if x is None or y is None:
                return y if x is None else x
            order = compare(t, x, y)
            return (x if order <= 0 else y) if name == "min_of" else (x if order >= 0 else y)
        return f"{name}({a}, {b})", run, na and nb

    # numbers

    def integer(self, t, depth):
        op = self.rnd.choice(["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", "neg", "~", "abs"])
        a, fa, na = self.expr(t, depth)
        if op == "neg":
            return (f"(- {a})", null_in_null_out(lambda x: wrap(t, -x), fa), na) if t in SIGNED else (a, fa, na)
        if op == "~":
            return f"(~{a})", null_in_null_out(lambda x: wrap(t, ~x), fa), na
        if op == "abs":
            return f"abs({a})", null_in_null_out(lambda x: wrap(t, abs(x)), fa), na
        b, fb, nb = self.operand(t, depth)

        def run(x, y):
            if op in "/%":
                if y == 0:
                    return None
                q = truncated(x, y)
                return wrap(t, q if op == "/" else x - q * y)
            if op in ("<<", ">>"):
                return 0 if not 0 <= y < BITS[t] else wrap(t, x << y if op == "<<" else x >> y)
            return wrap(t, {"+": x + y, "-": x - y, "*": x * y, "&": x & y, "|": x | y, "^": x ^ y}[op])
        return f"({a} {op} {b})", null_in_null_out(run, fa, fb), na or nb or op in "/%"

    def widened(self, t, depth):
        """u8 and i8 meet in i16."""
        narrower = [k for k in INTS if BITS[k] < BITS[t] and (k in UNSIGNED or t in SIGNED)]
        if not narrower:
            return self.expr(t, depth)
        (a, fa, na), (b, fb, nb) = self.expr(t, depth), self.expr(self.rnd.choice(narrower), depth)
        return f"({a} * {b})", null_in_null_out(lambda x, y: wrap(t, x * y), fa, fb), na or nb

    def cast_to_int(self, t, depth):
        of = self.rnd.choice(INTS + FLOATS + ["string", "bool"])
        a, fa, _ = self.expr(of, depth)

        def run(x):
            if of == "string":
                digits = x[1:] if x[:1] in ("-", "+") else x
                if not (digits.isascii() and digits.isdigit()):
                    return None
                x = int(x)
            elif of in FLOATS:
                if not math.isfinite(x):
                    return None
                x = math.trunc(x)
            x = int(x)
            return x if low(t) <= x <= high(t) else None
        return f"({a} as {t})", null_in_null_out(run, fa), True

    def floating(self, t, depth):
        op = self.rnd.choice(["+", "-", "*", "/", "%", "neg", "abs", "floor"])
        a, fa, na = self.expr(t, depth)
        if op == "neg":
            return f"(- {a})", null_in_null_out(lambda x: -x, fa), na
        if op == "abs":
            return f"abs({a})", null_in_null_out(abs, fa), na
        if op == "floor":
            if t == "f32":
                return a, fa, na
            name = self.rnd.choice(["floor", "ceil"])
            whole = lambda x: math.copysign(float(getattr(math, name)(x)), x) if math.isfinite(x) else x  # noqa: E731
            return f"{name}({a})", null_in_null_out(whole, fa), na
        b, fb, nb = self.operand(t, depth)

        def run(x, y):
            if op in "/%" and y == 0:
                return None
            if op == "%":
                return math.nan if x != x or y != y or math.isinf(x) else math.fmod(x, y)
            try:
                return as_float(t, {"+": lambda: x + y, "-": lambda: x - y, "*": lambda: x * y, "/": lambda: x / y}[op]())
            except OverflowError:
                return None
        return f"({a} {op} {b})", null_in_null_out(run, fa, fb), na or nb or op in "/%"

    def cast_to_float(self, t, depth):
        of = self.rnd.choice(INTS + FLOATS)
        a, fa, na = self.expr(of, depth)

        def run(x):
            if of in INTS:
                return int_to_f32(x) if t == "f32" else float(x)
            y = as_float(t, x)
            return None if math.isinf(y) and not math.isinf(x) else y
        return f"({a} as {t})", null_in_null_out(run, fa), na or (of, t) == ("f64", "f32")

    # conditions

    def compared(self, t, depth):
        of = self.rnd.choice(TYPES)
        op = self.rnd.choice(["==", "!=", "<", "<=", ">", ">="])
        (a, fa, na), (b, fb, nb) = self.expr(of, depth), self.operand(of, depth)

        def run(x, y):
            if op in ("==", "!="):
                return (x == y) == (op == "==")
            order = compare(of, x, y)
            return {"<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[op]
        return f"({a} {op} {b})", null_in_null_out(run, fa, fb), na or nb

    def logic(self, t, depth):
        op = self.rnd.choice(["and", "or", "not"])
        a, fa, na = self.expr("bool", depth)
        if op == "not":
            return f"(not {a})", null_in_null_out(lambda x: not x, fa), na
        b, fb, nb = self.expr("bool", depth)

        def run(row):
            x, y, decides = fa(row), fb(row), op == "or"
            if decides in (x, y):
                return decides
            return None if x is None or y is None else not decides
        return f"({a} {op} {b})", run, na or nb

    def is_null(self, t, depth):
        a, fa, na = self.expr(self.rnd.choice(TYPES), depth)
        no = self.rnd.random() < 0.5
        return f"({a} is {'not ' * no}null)", lambda row: (fa(row) is None) != no, False

    def between(self, t, depth):
        of = self.rnd.choice(TYPES)
        no = self.rnd.random() < 0.3
        (a, fa, na), (b, fb, nb), (c, fc, nc) = self.expr(of, depth), self.operand(of, depth), self.operand(of, depth)

        def run(row):
            x, y, z = fa(row), fb(row), fc(row)
            above = None if x is None or y is None else compare(of, x, y) >= 0
            below = None if x is None or z is None else compare(of, x, z) <= 0
            r = False if above is False or below is False else None if above is None or below is None else True
            return None if r is None else r != no
        return f"({a} {'not ' * no}between {b} and {c})", run, na or nb or nc

    def among(self, t, depth):
        of = self.rnd.choice([k for k in TYPES if k not in FLOATS])
        no = self.rnd.random() < 0.3
        a, fa, na = self.expr(of, depth)
        members = [self.operand(of, depth - 1) for _ in range(self.rnd.randint(1, 5))]

        def run(row):
            x, ys = fa(row), [m[1](row) for m in members]
            if x is None:
                return None
            r = True if x in [y for y in ys if y is not None] else None if None in ys else False
            return None if r is None else r != no
        return f"({a} {'not ' * no}in ({', '.join(m[0] for m in members)}))", run, na or any(m[2] for m in members)

    def same(self, t, depth):
        of = self.rnd.choice([k for k in TYPES if k not in FLOATS])
        (a, fa, _), (b, fb, _) = self.expr(of, depth), self.expr(of, depth)
        return f"same({a}, {b})", lambda row: fa(row) == fb(row), False

    def text_test(self, t, depth):
        name = self.rnd.choice(["contains", "starts_with", "ends_with"])
        (a, fa, na), (b, fb, nb) = self.expr("string", depth), self.operand("string", depth)
        run = {"contains": lambda x, y: y in x, "starts_with": str.startswith, "ends_with": str.endswith}[name]
        return f"{name}({a}, {b})", null_in_null_out(run, fa, fb), na or nb

    # text

    def text(self, t, depth):
        name = self.rnd.choice(["+", "lower", "upper", "trim", "substring", "replace", "split_index", "concat"])
        a, fa, na = self.expr("string", depth)
        if name in ("lower", "upper"):
            return f"{name}({a})", null_in_null_out(getattr(str, name), fa), na
        if name == "trim":
            return f"trim({a})", null_in_null_out(lambda x: x.strip(" \t\n\r\v\f"), fa), na
        b, fb, nb = self.operand("string", depth)
        if name == "+":
            return f"({a} + {b})", null_in_null_out(lambda x, y: x + y, fa, fb), na or nb
        if name == "concat":
            return f"concat({a}, {b}, {a})", null_in_null_out(lambda x, y: x + y + x, fa, fb), na or nb
        if name == "replace":
            return f'replace({a}, "a", {b})', null_in_null_out(lambda x, y: x.replace("a", y), fa, fb), na or nb
        n, fn, nn = self.expr("i64", depth - 1)
        if name == "split_index":
            return (f'split_index({a}, "b", {n} % 3)', null_in_null_out(
                lambda x, i: (lambda at, i: at[i] if 0 <= i < len(at) else None)(x.split("b"), i - truncated(i, 3) * 3), fa, fn), True)
        size = self.rnd.randint(0, 5)
        return (f"substring({a}, {n} & 7, {size})", null_in_null_out(lambda x, i: x[i & 7:(i & 7) + size], fa, fn), na or nn)

    def as_text(self, t, depth):
        of = self.rnd.choice(INTS + ["bool", "Colour"])
        a, fa, na = self.expr(of, depth)
        return f"({a} as string)", null_in_null_out(lambda x: str(x).lower() if of == "bool" else str(x), fa), na

    # time

    def instant(self, t, depth):
        (a, fa, na), (b, fb, nb) = self.expr("timestamp", depth), self.operand("duration", depth)
        form = self.rnd.choice(["+", "-", "trunc", "from_unix_ms"])
        if form == "trunc":
            unit = self.rnd.choice([("1s", SECOND), ("1h", 3600 * SECOND), ("7ns", 7)])
            return f"trunc({a}, {unit[0]})", null_in_null_out(lambda x: saturate(x // unit[1] * unit[1]), fa), na
        if form == "from_unix_ms":
            n, fn, nn = self.expr("i64", depth)
            return f"from_unix_ms({n})", null_in_null_out(lambda x: saturate(x * 10**6), fn), nn
        return f"({a} {form} {b})", null_in_null_out(lambda x, y: saturate(x + y if form == "+" else x - y), fa, fb), na or nb

    def span(self, t, depth):
        form = self.rnd.choice(["-", "+d", "-d", "%", "*", "/", "neg"])
        if form == "-":
            (a, fa, na), (b, fb, nb) = self.expr("timestamp", depth), self.expr("timestamp", depth)
            return f"({a} - {b})", null_in_null_out(lambda x, y: saturate(x - y), fa, fb), na or nb
        a, fa, na = self.expr("duration", depth)
        if form == "neg":
            return f"(- {a})", null_in_null_out(lambda x: i64(-x), fa), na
        b, fb, nb = self.operand("i64" if form in "*/" else "duration", depth)

        def run(x, y):
            if form in "%/":
                if y == 0:
                    return None
                q = truncated(x, y)
                return i64(q if form == "/" else x - q * y)
            return i64(x * y if form == "*" else x + y if form == "+d" else x - y)
        return f"({a} {form[0]} {b})", null_in_null_out(run, fa, fb), na or nb or form in "%/"


# ---- a job ----

def shown(t, text):
    """Times are shown as their nanoseconds."""
    if t == "timestamp":
        return f"({text} - @1970-01-01T00:00:00Z) / 1ns"
    return f"{text} / 1ns" if t == "duration" else text


def field(t, v):
    """A field of a CSV file."""
    if v is None:
        return ""
    if t == "bool":
        return "true" if v else "false"
    if t in FLOATS:
        return repr(v)
    text = str(v)
    return '"' + text.replace('"', '""') + '"' if t == "string" else text


def timestamp_text(v):
    """RFC 3339 that Python's own dates cannot say for all of the range: whole seconds and a fraction."""
    days, rest = divmod(v, 86400 * SECOND)
    y, doy = 1970, days
    z = days + 719468  # civil from days, proleptic Gregorian
    era = z // 146097
    doe = z - era * 146097
    yoe = (doe - doe // 1460 + doe // 36524 - doe // 146096) // 365
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    mp = (5 * doy + 2) // 153
    m = mp + 3 if mp < 10 else mp - 9
    y = yoe + era * 400 + (m <= 2)
    s = rest // SECOND
    return f"{y:04d}-{m:02d}-{doy - (153 * mp + 2) // 5 + 1:02d}T{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}.{rest % SECOND:09d}Z"


def agrees(t, v, got):
    if t in FLOATS and v is not None and got:
        g = float(got)
        return (g != g and v != v) or (as_float(t, g) == v and math.copysign(1, g) == math.copysign(1, v))
    return got == ("" if v is None else field(t, v))


def fields_of(line):
    """Fields as they stand, quotes included: "" is no null."""
    out, at, inside = [], "", False
    for c in line:
        if c == '"':
            inside = not inside
        if c == "," and not inside:
            out.append(at)
            at = ""
        else:
            at += c
    return [*out, at]


def written(t, text):
    """A string field comes with quotes only where it needs them."""
    return text if t != "string" or text == "" or text.startswith('"') else f'"{text}"'


def one_job(seed, at, expressions=40, rows=60):
    rnd = random.Random(seed)
    columns = {f"{t.lower()}{'_n' if nullable else '_c'}": (t, nullable) for t in TYPES for nullable in (False, True)}
    maker = Maker(rnd, columns)
    made = []
    while len(made) < expressions:
        t = rnd.choice(TYPES)
        text, run, _ = maker.expr(t, rnd.randint(1, 4))
        if len(text) < 600:
            made.append((t, text, run))
    where = maker.expr("bool", 2)
    table = [{c: None if nullable and rnd.random() < 0.25 else value_of(rnd, t) for c, (t, nullable) in columns.items()}
             for _ in range(rows)]
    job, source = at / "job.flow", at / "input.csv"
    job.write_text(
        "param input: string;\nenum Colour { " + ", ".join(MEMBERS) + " }\n"
        + "type Row { n: i64, " + ", ".join(f"{c}: {t}{'?' * nullable}" for c, (t, nullable) in columns.items()) + " }\n"
        + "source rows: Row = file(path: input, format: csv);\n"
        + "rows |> where " + where[0] + "\n    |> select n,\n"
        + ",\n".join(f"        e{i} = {shown(t, text)}" for i, (t, text, _) in enumerate(made))
        + "\n    |> into stdout(format: csv);\n")
    put = {"timestamp": lambda v: timestamp_text(v), "duration": lambda v: f"{v}ns"}
    source.write_text("".join(
        ",".join([str(i), *(("" if row[c] is None else put[t](row[c])) if t in put else field(t, row[c])
                            for c, (t, _) in columns.items())]) + "\n" for i, row in enumerate(table)))
    expected = [(i, row) for i, row in enumerate(table) if where[1](row)]
    outputs = []
    for p in (1, 2):
        ran = subprocess.run([PROGRAM, "run", str(job), "-p", str(p), "--set", f"input={source}"], stdin=subprocess.DEVNULL,
                             capture_output=True, timeout=120)
        if ran.returncode:
            said = "\n".join(line for line in ran.stderr.decode(errors="replace").split("\n") if "warning" not in line)
            return [f"exit status {ran.returncode}\n{said[-3000:]}"]
        outputs.append(ran.stdout.decode())
    if outputs[0] != outputs[1]:
        return ["-p 1 and -p 2 differ"]
    lines = outputs[0].split("\n")[:-1]
    if [int(line.split(",")[0]) for line in lines] != [i for i, _ in expected]:
        return [f"where {where[0]}\n  rows {[line.split(',')[0] for line in lines]}\n  not {[i for i, _ in expected]}"]
    wrong = []
    for line, (n, row) in zip(lines, expected):
        got = fields_of(line)[1:]
        for (t, text, run), g in zip(made, got):
            as_type = "i64" if t in ("timestamp", "duration") else t
            v = run(row)
            if not agrees(as_type, v, written(as_type, g)):
                wrong.append(f"{t}: {text}\n  row {n}: {g!r}, not {v!r}\n  "
                             + ", ".join(f"{c}={row[c]!r}" for c in columns if c in text))
    return wrong


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--seed", type=int, default=1)
    args.add_argument("--jobs", type=int, default=4)
    args = args.parse_args()
    passed = failed = 0
    with tempfile.TemporaryDirectory() as name:
        for seed in range(args.seed, args.seed + args.jobs):
            wrong = one_job(seed, pathlib.Path(name))
            passed, failed = passed + (not wrong), failed + bool(wrong)
            if wrong:
                print(f"FAILED: --seed {seed} --jobs 1: {len(wrong)} values differ\n" + "\n".join(wrong[:5]), flush=True)
    print(f"expr_fuzz: {passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
