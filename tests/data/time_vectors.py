"""Instants in RFC 3339 and by strftime: { ns, text, formatted }."""
import datetime

from vectors import quoted, rng, write

EPOCH = datetime.datetime(1970, 1, 1)


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


write(times())
