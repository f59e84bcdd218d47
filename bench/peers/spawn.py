# spawn.py COUNT AT_ONCE HEAP_MIB FILE: as spawn.c.
import os
import sys
import time

count, at_once, heap = (int(text) for text in sys.argv[1:4])
file = sys.argv[4]
memory = bytearray(b"\1") * (heap << 20)


def wait_for_one():
    assert os.wait()[1] == 0


before = time.perf_counter()
running = 0
for _ in range(count):
    if running == at_once:
        wait_for_one()
        running -= 1
    os.posix_spawn(file, [file], os.environ)
    running += 1
for _ in range(running):
    wait_for_one()
print((time.perf_counter() - before) * 1e6 / count)
