#!/usr/bin/env python3
"""Writes the tests into docs/rfc-coverage.md, or checks that they are there.

    rfc_coverage.py [--write]

The tags of a TEST_CASE say what it proves: [rfc-check-54] is a numbered promise of the table,
[fault-X1] is a row of the faults. Python tests have the tags in a comment or docstring, scenarios
in their line `tags`, below the promise.
"""
import re
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/rfc-coverage.md"
FAULTS = ROOT / "docs/faults.md"  # explains the rows
TEST_CASE = re.compile(r'(?:TEMPLATE_)?TEST_CASE\w*\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+),\s*((?:"(?:[^"\\]|\\.)*"\s*)+)', re.S)
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
PYTHON_TEST = re.compile(r"def (test_\w+)\(.*?\):\n(.*?)(?=\n    def |\nclass |\nif __name__|\Z)", re.S)
SCENARIO = re.compile(r"# (.+)\ntags(.*)\n")
# Rows that must have a test: promises 1 to 69, and the faults of resolving, of the balancer, and of
# the whole program seen from outside. Promise 70 is SVCB, which is not implemented.
REQUIRED = {
    "rfc-check-": "1-69",
    "fault-W": "1-19 22-28 30",
    "fault-N": "1-7 9-12 14",
    "fault-T": "1-4 6-7 9-14",
    "fault-S": "1-3 5-8 10-15 17-19 21-24 26-27",
    "fault-X": "1-5 7-10 12-22 25-34 36-38",
    "fault-C": "1-2 5-11 13-19 21",
    "fault-B": "1-6 8-12 14-21",
    "fault-O": "1-39",
}
TAG = re.compile(r"\[(rfc-check-\d+|fault-[A-Z]\d+)\]")


def tagged_tests():
    """{tag: ["`file` name", ...]} in the order of files and lines."""
    found = defaultdict(list)
    for file in sorted((ROOT / "tests").rglob("*_test.cpp")):
        for case in TEST_CASE.finditer(file.read_text()):
            title, tags = ("".join(STRING.findall(part)) for part in case.groups())
            add(found, tags, file, title.replace('\\"', '"').replace("\\\\", "\\"))
    for file in sorted([*(ROOT / "tests/integration").glob("*.py"), *(ROOT / "tests/repository").glob("*.py")]):
        for case in PYTHON_TEST.finditer(file.read_text()):
            add(found, case[2], file, case[1])
    for file in sorted((ROOT / "tests/scenarios/cases").glob("*.scn")):
        promise = SCENARIO.match(file.read_text())
        if not promise:
            sys.exit(f"{file.relative_to(ROOT)}: a promise is needed, and its tags in the second line")
        add(found, "".join(f"[{tag}]" for tag in promise[2].split()), file, promise[1])
    return found


def add(found, text, file, title):
    for tag in dict.fromkeys(TAG.findall(text)):
        found[tag].append(f"`{file.relative_to(ROOT / 'tests')}`: {title.replace('|', chr(92) + '|')}")


def fault_order(tag):
    row = tag.removeprefix("fault-")
    return "WNTSXCBLKRO".index(row[0]), int(row[1:])


def untested(found):
    for prefix, rows in REQUIRED.items():
        for part in rows.split():
            first, _, last = part.partition("-")
            for number in range(int(first), int(last or first) + 1):
                if not found.get(f"{prefix}{number}"):
                    yield f"{prefix}{number}"


def unexplained(found):
    """Returns the faults that a test names and the page of faults does not describe, or describes
    twice."""
    rows = re.findall(r"^\| ([A-Z]\d+) \|", FAULTS.read_text(), re.M)
    named = {tag.removeprefix("fault-") for tag in found if tag.startswith("fault-")}
    return sorted(row for row in named if rows.count(row) != 1)


def page_with(found):
    lines = []
    for line in PAGE.read_text().splitlines():
        if line == "| row | tests |":
            break
        row = re.match(r"\| (\d+) \|", line)
        if row:
            cells = line.rsplit("|", 2)
            line = f"{cells[0]}| {'<br>'.join(found[f'rfc-check-{row[1]}']) or '–'} |"
        lines.append(line)
    lines += ["| row | tests |", "|---|---|"]
    for tag in sorted((t for t in found if t.startswith("fault-")), key=fault_order):
        lines.append(f"| {tag.removeprefix('fault-')} | {'<br>'.join(found[tag])} |")
    return "\n".join(lines) + "\n"


def main():
    found = tagged_tests()
    if missing := list(untested(found)):
        sys.exit("no test for " + ", ".join(missing))
    if missing := unexplained(found):
        sys.exit(f"{FAULTS.relative_to(ROOT)} needs one row for each of " + ", ".join(missing))
    wanted = page_with(found)
    if "--write" in sys.argv[1:]:
        PAGE.write_text(wanted)
    elif PAGE.read_text() != wanted:
        sys.exit(f"{PAGE.relative_to(ROOT)} is not current: run .ci/rfc_coverage.py --write")


if __name__ == "__main__":
    main()
