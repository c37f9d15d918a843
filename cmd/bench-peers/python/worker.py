"""The peers' side of the comparison: answers requests, one JSON line each, on standard input until it ends.

Arguments: the number of threads. Every job is a class with open(args, dir, variant) -> checks, run() -> values or None.
"""
import json
import resource
import sys
import time

import jobs
import libraries

THREADS = int(sys.argv[1])


def rss():
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def run(job, n):
    ms, values = [], None
    cpu = time.process_time()
    for _ in range(n):
        start = time.perf_counter()
        values = job.run()
        ms.append((time.perf_counter() - start) * 1e3)
    return {"ms": ms, "cpu": (time.process_time() - cpu) * 1e3, "rss": rss(), "values": values or []}


def answer(q, opened):
    op = q["op"]
    if op == "info":
        return {"info": libraries.info()}
    if op == "close":
        opened.clear()
        return {}
    if op == "open":
        job = jobs.find(q["job"])
        checks = job.open(q.get("args", {}), q["dir"], q["variant"])
        opened[q["variant"]] = job
        return {"checks": [{"what": w, "error": float(e), "limit": l} for w, e, l in checks]}
    if op == "run":
        return run(opened[q["variant"]], q["n"])
    return {"error": "no operation " + op}


def main():
    out, sys.stdout = sys.stdout, sys.stderr  # nothing else may write to the pipe
    libraries.threads(THREADS)
    opened = {}
    for line in sys.stdin:
        try:
            r = answer(json.loads(line), opened)
        except ImportError as e:
            r = {"missing": str(e)}
        except Exception as e:  # the other side decides what a failure means
            r = {"error": "%s: %s" % (type(e).__name__, e)}
        out.write(json.dumps(r) + "\n")
        out.flush()


main()
