# running.py true|output COUNT AT_ONCE: as running.ts, by subprocess.run; AT_ONCE threads.
import resource
import subprocess
import sys
import threading
import time

what, count, at_once = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
command, length = {
    "true": (["/bin/true"], 0),
    "output": (["/usr/bin/head", "-c", str(2**20), "/dev/zero"], 2**20),
}[what]


def run_some(share):
    for _ in range(share):
        assert len(subprocess.run(command, check=True, capture_output=True).stdout) == length


def used():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


run_some(1)
before, used_before = time.perf_counter(), used()
threads = [threading.Thread(target=run_some, args=(count // at_once,)) for _ in range(at_once)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print((time.perf_counter() - before) * 1e6 / count, (used() - used_before) * 1e6 / count)
