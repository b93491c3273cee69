#!/usr/bin/env python3
"""Prints the results of a run of tests (xunit's XML) as one line a case, then "N passed, N failed". Fails if one did or if none ran."""
import sys
import xml.etree.ElementTree as ET

results, log = sys.argv[1:3]
try:
    tests = ET.parse(results).getroot().findall(".//test")
except (OSError, ET.ParseError):
    sys.exit("the run ended without results:\n" + open(log, errors="replace").read())

ran = [test for test in tests if test.get("result") in ("Pass", "Fail")]
failed = 0
for test in sorted(ran, key=lambda test: test.get("name")):
    print("%-4s %6.2f s  %s" % (test.get("result").lower(), float(test.get("time")), test.get("name").rsplit(".", 1)[-1].replace("\\\"", "\"")))
    if test.get("result") == "Fail":
        failed += 1
        print("     " + (test.findtext("failure/message") or "").strip().replace("\n", "\n     "))
print("%d passed, %d failed" % (len(ran) - failed, failed))
sys.exit(1 if failed or not ran else 0)
