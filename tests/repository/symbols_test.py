"""What the library exports is public, or in sdconnect::detail.

    symbols_test.py LIBRARY    exit 1 and a line for every other name in namespace sdconnect
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def main(library):
    listed = subprocess.run(["nm", "-C", "--defined-only", "--extern-only", library], check=True, capture_output=True, text=True).stdout
    exported = set(re.findall(r"\bsdconnect::(\w+)", listed))
    headers = "\n".join(file.read_text(encoding="utf-8") for layer in ("net", "resolver", "balancer") for file in ROOT.glob(f"{layer}/include/**/*.hpp"))
    internal = sorted(exported - set(re.findall(r"\w+", headers)) - {"detail"})
    for name in internal:
        print(f"sdconnect::{name} is in no public header and not in sdconnect::detail")
    print(f"{len(exported)} names, {len(internal)} of them wrong")
    return 1 if internal or not exported else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
