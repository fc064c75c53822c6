"""What the scripts that write vectors share: each writes rows of C, of what Python knows, into the file it is given."""
import random, sys

rng = random.Random(11)


def quoted(text):
    """A C string; no escape runs into the character behind it."""
    data = text.encode() if isinstance(text, str) else text
    return '"' + "".join(chr(b) if 32 <= b < 127 and b not in b'"\\?' else "\\%03o" % b for b in data) + '"'


def write(rows):
    with open(sys.argv[1], "w") as out:
        out.writelines("{ %s },\n" % ", ".join(row) for row in rows)
