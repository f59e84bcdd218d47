"""receiver.py sigwaitinfo|asyncio latency|queue COUNT: what receiver.h says, in Python."""

import asyncio
import os
import signal
import struct
import sys
import time

how, what, limit = sys.argv[1:]
count = int(limit)
queue = what == "queue"
measured = signal.SIGRTMIN + 1 if queue else signal.SIGUSR2
last = signal.SIGRTMAX if queue else signal.SIGTERM


def tell():
    os.write(1, struct.pack("=q", time.monotonic_ns()))


def wait():
    received = 0
    signals = [measured, last]
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    cpu_before = time.process_time()
    tell()
    while signal.sigwaitinfo(signals).si_signo == measured:
        received += 1
        if not queue:
            tell()
            if received == count:
                break
    cpu = time.process_time() - cpu_before
    end = time.monotonic_ns()
    print(f'{{"endNs":{end},"cpuMs":{cpu * 1000},"received":{received}}}', file=sys.stderr)


async def handle():
    done = asyncio.Event()
    left = count

    def handler():
        nonlocal left
        tell()
        left -= 1
        if left == 0:
            done.set()

    asyncio.get_running_loop().add_signal_handler(measured, handler)
    tell()
    await done.wait()


if how == "asyncio":
    asyncio.run(handle())
else:
    wait()
