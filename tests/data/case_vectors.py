"""Simple case mappings: { character, lower, upper }."""
from vectors import write


def cases():
    for c in range(0x110000):
        if not 0xd800 <= c < 0xe000:
            lower, upper = chr(c).lower(), chr(c).upper()
            title = chr(c).title()
            upper = upper if len(upper) == 1 else title if len(title) == 1 else chr(c)
            lower = lower if len(lower) == 1 else "i" if c == 0x130 else chr(c)
            if c < 0x600 or lower != chr(c) or upper != chr(c) or c % 97 == 0:
                yield hex(c), hex(ord(lower)), hex(ord(upper))


write(cases())
