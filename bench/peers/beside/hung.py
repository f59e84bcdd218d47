# hung.py loop|regexp|call|worker|idle [faulthandler]: as hung.ts.
import faulthandler
import re
import signal
import socket
import subprocess
import sys
import threading


def hangsInLoop():
    turns = 0
    while True:
        turns += 1


def hangsInRegexp():
    re.match("^(a+)+$", "a" * 60 + "!")


def hangsInCall():
    subprocess.run(["sleep", "600"])


def serve():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.accept()


def hangsInWorker():
    threading.Thread(target=hangsInLoop, daemon=True).start()
    serve()


if "faulthandler" in sys.argv:
    faulthandler.register(signal.SIGQUIT)
print("ready", flush=True)
ways = {"loop": hangsInLoop, "regexp": hangsInRegexp, "call": hangsInCall, "worker": hangsInWorker, "idle": serve}
ways[sys.argv[1]]()
