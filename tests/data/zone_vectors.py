"""Clocks of zones as Python reads them: { zone, instant, its distance from UTC, local time, the first instant that shows it or later }."""
import datetime, zoneinfo

from vectors import quoted, rng, write

UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)
LEAST, MOST = -9223372036, 9223372035               # what i64 ns can hold, in seconds
NAMED = ["Europe/Berlin", "Europe/Dublin", "America/New_York", "Pacific/Auckland", "Pacific/Apia", "Pacific/Kwajalein", "Australia/Lord_Howe", "America/Havana",
         "Africa/Casablanca", "America/Nuuk", "Asia/Kathmandu", "Asia/Manila", "America/Juneau", "America/Sao_Paulo", "Antarctica/Troll", "Asia/Gaza", "UTC"]


def offset(zone, instant):
    return int((EPOCH + datetime.timedelta(seconds=instant)).astimezone(zone).utcoffset().total_seconds())


def change(zone, low, high):
    """A change of the clock between two instants, if their distance from UTC differs."""
    before = offset(zone, low)
    if before == offset(zone, high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if offset(zone, middle) == before else (low, middle)
    return high


def shows(zone, local):
    """The first instant at which clocks show `local` or later, by looking at what they show all around it."""
    at, end = local - 30 * 3600, local + 30 * 3600
    while at <= end:
        here = offset(zone, at)
        if at + here >= local:
            return at
        turn = min([change(zone, t, t + 3600) for t in range(at, end, 3600) if offset(zone, t) != offset(zone, t + 3600)][:1] + [end + 1])
        if local - here < turn:
            return local - here
        at = turn


def rows_of(zone, instants):
    for t in instants:
        if LEAST <= t <= MOST:
            for local in (t, t + offset(zone, t)):
                yield quoted(zone.key), "%dll" % t, str(offset(zone, t)), "%dll" % local, "%dll" % shows(zone, local)


def rows():
    known = sorted(z for z in zoneinfo.available_timezones() if z not in ("localtime", "Factory") and not z.startswith("right/"))
    for name in NAMED + rng.sample(known, 60):
        zone = zoneinfo.ZoneInfo(name)
        yield from rows_of(zone, [LEAST, LEAST + 1, MOST - 1, MOST, rng.randint(LEAST, MOST)])
        for _ in range(12):
            t = rng.choice([rng.randint(-4 * 10 ** 9, 3 * 10 ** 9), rng.randint(0, 2 * 10 ** 9), rng.randint(2 * 10 ** 9, MOST)])
            turn = change(zone, t, min(t + 200 * 86400, MOST))
            near = [turn + d for d in (-86400, -3600, -1800, -1, 0, 1, 1799, 1800, 3600, 86400)] if turn is not None else [t]
            yield from rows_of(zone, rng.sample(near, min(len(near), 4)))
    for name, turn in (("Pacific/Apia", 1325239200), ("Pacific/Kwajalein", 745934400), ("Australia/Lord_Howe", 1712415600), ("Asia/Manila", -3944621033)):
        yield from rows_of(zoneinfo.ZoneInfo(name), [turn + d for d in (-90000, -86400, -1, 0, 1, 1799, 1800, 86400, 90000)])


write(rows())
