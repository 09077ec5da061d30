#!/usr/bin/env python3
"""Writes the tests into docs/rfc-coverage.md, or checks that they are there: rfc_coverage.py [--write]

The tags of a TEST_CASE say what it proves: [rfc-check-54] a numbered promise of the table, [fault-X1] a row of the faults.
Python tests say the same in a comment or docstring.
"""
import re
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/rfc-coverage.md"
TEST_CASE = re.compile(r'(?:TEMPLATE_)?TEST_CASE\w*\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+),\s*((?:"(?:[^"\\]|\\.)*"\s*)+)', re.S)
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
PYTHON_TEST = re.compile(r"def (test_\w+)\(.*?\):\n(.*?)(?=\n    def |\nclass |\nif __name__|\Z)", re.S)
TAG = re.compile(r"\[(rfc-check-\d+|fault-[A-Z]\d+)\]")


def tagged_tests():
    """{tag: ["`file` name", ...]} in the order of files and lines."""
    found = defaultdict(list)
    for file in sorted((ROOT / "tests").rglob("*_test.cpp")):
        for case in TEST_CASE.finditer(file.read_text()):
            title, tags = ("".join(STRING.findall(part)) for part in case.groups())
            add(found, tags, file, title.replace('\\"', '"').replace("\\\\", "\\"))
    for file in sorted((ROOT / "tests/integration").glob("*.py")):
        for case in PYTHON_TEST.finditer(file.read_text()):
            add(found, case[2], file, case[1])
    return found


def add(found, text, file, title):
    for tag in dict.fromkeys(TAG.findall(text)):
        found[tag].append(f"`{file.relative_to(ROOT / 'tests')}`: {title.replace('|', chr(92) + '|')}")


def fault_order(tag):
    row = tag.removeprefix("fault-")
    return "WNTSXCBLKR".index(row[0]), int(row[1:])


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
    wanted = page_with(tagged_tests())
    if "--write" in sys.argv[1:]:
        PAGE.write_text(wanted)
    elif PAGE.read_text() != wanted:
        sys.exit(f"{PAGE.relative_to(ROOT)} is not current: run .ci/rfc_coverage.py --write")


if __name__ == "__main__":
    main()
