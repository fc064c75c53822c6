"""Texts of instants as others write them: { text, ns }."""
import datetime

from vectors import quoted, rng, write

EPOCH = datetime.datetime(1970, 1, 1)


def offsets():
    for _ in range(1500):
        t = datetime.datetime(rng.randint(1700, 2250), rng.randint(1, 12), rng.randint(1, 28), rng.randint(0, 23), rng.randint(0, 59), rng.randint(0, 59))
        fraction = "".join(rng.choice("0123456789") for _ in range(rng.randint(0, 9)))
        minutes = rng.choice([0, 60, -60, 330, -570, 1439, -1439])
        zone = rng.choice("Zz") if minutes == 0 else "%s%02d:%02d" % ("-" if minutes < 0 else "+", *divmod(abs(minutes), 60))
        text = t.strftime("%Y-%m-%d") + rng.choice("Tt ") + t.strftime("%H:%M:%S") + ("." + fraction if fraction else "") + zone
        seconds = (t - EPOCH) // datetime.timedelta(seconds=1) - minutes * 60
        yield quoted(text), "%dll" % (seconds * 10 ** 9 + int(fraction.ljust(9, "0")))


write(offsets())
