"""Writes the vectors of a test of tests/data, from what Python knows: vectors.py KIND FILE. Each is a row of C."""
import datetime, random, re, struct, sys

rng = random.Random(11)
EPOCH = datetime.datetime(1970, 1, 1)


def quoted(text):
    """A C string; no escape runs into the character behind it."""
    data = text.encode() if isinstance(text, str) else text
    return '"' + "".join(chr(b) if 32 <= b < 127 and b not in b'"\\?' else "\\%03o" % b for b in data) + '"'


def splits():
    patterns = [r"\W+", r"\s+", r"[\x00-\x20]+", ",", "ab", "x*", "a|b", r"\b", "(?<=a)", "a?", r"\d+|-", "[aé]"]
    texts = ["", "a", ",", "a,b", ",a,,b,", "  hello, wörld! ", "abab", "xaxbc", "aab", "é", "aéa b-12-c\tx\r", "xx xx", "::", "日本 語"]
    for pattern in patterns:
        for text in texts:
            if "|" in text:
                continue
            pieces = re.split(pattern, text, flags=re.ASCII)
            yield quoted(pattern), "true", quoted(text), quoted("|".join(pieces))
    for separator in [",", "ab", "::", "aa", "é"]:
        for text in texts + ["aaaaa", "a::b::", "::::"]:
            yield quoted(separator), "false", quoted(text), quoted("|".join(text.split(separator)))


def floats():
    values = [0.0, -0.0, 1.0, 0.1, 1e16, 1e15, 9999999999999998.0, 123456789012345680.0, 1e-4, 1e-5, 5e-324, 2.2250738585072014e-308,
              2.225073858507201e-308, 1.7976931348623157e308, 1e22, 1e23, 9007199254740993.0, 0.3, 2.5, 100.0, 1e100, float("inf"), float("-inf")]
    values += [2.0 ** e for e in range(-1074, 1024)]
    values += [struct.unpack("<d", struct.pack("<Q", rng.getrandbits(64)))[0] for _ in range(4000)]
    values += [rng.randrange(10 ** rng.randrange(1, 18)) / 10 ** rng.randrange(0, 20) for _ in range(2000)]
    for value in values:
        if value == value:
            yield "0x%016xull" % struct.unpack("<Q", struct.pack("<d", value))[0], quoted(repr(value))


def times():
    LEAST, GREATEST = -2 ** 63, 2 ** 63 - 1
    instants = [0, 1, -1, 10 ** 9, -10 ** 9, LEAST, GREATEST, 951782400 * 10 ** 9, 1709164800 * 10 ** 9, -2203891200 * 10 ** 9]
    instants += [rng.randint(LEAST, GREATEST) for _ in range(1500)]
    instants += [rng.randint(-10 ** 10, 2 * 10 ** 10) * 10 ** rng.choice([0, 3, 6, 9]) % GREATEST for _ in range(500)]
    for ns in instants:
        seconds, part = divmod(ns, 10 ** 9)
        t = EPOCH + datetime.timedelta(seconds=seconds)
        digits = "%09d" % part
        for _ in range(3):
            digits = digits[:-3] if digits.endswith("000") else digits
        text = t.strftime("%Y-%m-%dT%H:%M:%S") + ("." + digits if digits else "") + "Z"
        form = t.strftime("%Y %m %d %H %M %S %j %y %e %F %T %D %R %a %A %b %B %p %I %u %w %%") + " %d %09d" % (seconds, part)
        yield "INT64_MIN" if ns == LEAST else "%dll" % ns, quoted(text), quoted(form)


def offsets():
    """Texts of instants as others write them."""
    for _ in range(1500):
        t = datetime.datetime(rng.randint(1700, 2250), rng.randint(1, 12), rng.randint(1, 28), rng.randint(0, 23), rng.randint(0, 59), rng.randint(0, 59))
        fraction = "".join(rng.choice("0123456789") for _ in range(rng.randint(0, 9)))
        minutes = rng.choice([0, 60, -60, 330, -570, 1439, -1439])
        zone = rng.choice("Zz") if minutes == 0 else "%s%02d:%02d" % ("-" if minutes < 0 else "+", *divmod(abs(minutes), 60))
        text = t.strftime("%Y-%m-%d") + rng.choice("Tt ") + t.strftime("%H:%M:%S") + ("." + fraction if fraction else "") + zone
        seconds = (t - EPOCH) // datetime.timedelta(seconds=1) - minutes * 60
        yield quoted(text), "%dll" % (seconds * 10 ** 9 + int(fraction.ljust(9, "0")))


def cases():
    for c in range(0x110000):
        if not 0xd800 <= c < 0xe000:
            lower, upper = chr(c).lower(), chr(c).upper()
            title = chr(c).title()
            upper = upper if len(upper) == 1 else title if len(title) == 1 else chr(c)
            lower = lower if len(lower) == 1 else "i" if c == 0x130 else chr(c)
            if c < 0x600 or lower != chr(c) or upper != chr(c) or c % 97 == 0:
                yield hex(c), hex(ord(lower)), hex(ord(upper))


KINDS = {"splits": splits, "floats": floats, "times": times, "offsets": offsets, "cases": cases}
with open(sys.argv[2], "w") as out:
    for row in KINDS[sys.argv[1]]():
        out.write("{ %s },\n" % ", ".join(row))
