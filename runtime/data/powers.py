"""Writes the powers of ten that float.c reads and writes floats with: for each exponent from -342 to 324 the
128 highest bits of 10^e, rounded up where they are not all of it, as C rows { high, low }."""
import sys

LEAST, GREATEST = -342, 324


def top_bits(e):
    number, divisor = (10 ** e, 1) if e >= 0 else (1, 10 ** -e)
    shift = 127 - (number.bit_length() - divisor.bit_length())
    for s in (shift, shift + 1):
        high, low = (number << s, divisor) if s >= 0 else (number, divisor << -s)
        bits = -(-high // low)
        if (high // low).bit_length() == 128:
            return bits
    raise AssertionError(e)


with open(sys.argv[1], "w") as out:
    out.write("/* Made by powers.py. */\n")
    for e in range(LEAST, GREATEST + 1):
        bits = top_bits(e)
        out.write("{ 0x%016xull, 0x%016xull }, /* 1e%d */\n" % (bits >> 64, bits & (1 << 64) - 1, e))
