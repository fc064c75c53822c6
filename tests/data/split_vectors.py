"""Pieces as re.split and str.split give them: { by, whether it is a pattern, text, pieces with | between }."""
import re

from vectors import quoted, write


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


write(splits())
