"""A disk for nbdkit that keeps every write and flush that it is given, in order: tests/crash/ext4.py.

    nbdkit python ext4_disk.py image=FILE log=FILE

The log: records of kind (1 write, 2 flush), offset, size, then the bytes. Requests come one at a time (nbdkit's rule for
Python unless told otherwise), so the log is the order in which the disk did them."""

import os
import struct

HEAD = struct.Struct("<QQQ")
WRITE, FLUSH = 1, 2
files = {}


def config(key, value):
    files[key] = os.open(value, os.O_RDWR | os.O_CREAT | (os.O_TRUNC | os.O_APPEND if key == "log" else 0), 0o600)


def open(readonly):
    return 1


def get_size(handle):
    return os.fstat(files["image"]).st_size


def can_multi_conn(handle):
    return True  # a flush is for the writes of all


def pread(handle, count, offset):
    return os.pread(files["image"], count, offset)


def pwrite(handle, data, offset):
    os.writev(files["log"], [HEAD.pack(WRITE, offset, len(data)), data])
    os.pwrite(files["image"], data, offset)


def flush(handle):
    os.write(files["log"], HEAD.pack(FLUSH, 0, 0))
