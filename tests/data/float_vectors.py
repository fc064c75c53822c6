"""Floats as repr writes them: { bits, text }."""
import struct

from vectors import quoted, rng, write


def floats():
    values = [0.0, -0.0, 1.0, 0.1, 1e16, 1e15, 9999999999999998.0, 123456789012345680.0, 1e-4, 1e-5, 5e-324, 2.2250738585072014e-308,
              2.225073858507201e-308, 1.7976931348623157e308, 1e22, 1e23, 9007199254740993.0, 0.3, 2.5, 100.0, 1e100, float("inf"), float("-inf")]
    values += [2.0 ** e for e in range(-1074, 1024)]
    values += [struct.unpack("<d", struct.pack("<Q", rng.getrandbits(64)))[0] for _ in range(4000)]
    values += [rng.randrange(10 ** rng.randrange(1, 18)) / 10 ** rng.randrange(0, 20) for _ in range(2000)]
    for value in values:
        if value == value:
            yield "0x%016xull" % struct.unpack("<Q", struct.pack("<d", value))[0], quoted(repr(value))


write(floats())
