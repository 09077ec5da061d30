#!/usr/bin/env python3
"""Enforces which layer may include which. Needs nothing but Python 3.

    check_layers.py [ROOT]     exit 1 and file:line for every include that breaks a rule
    check_layers.py --self-test
"""

import fnmatch
import pathlib
import re
import sys
import tempfile

# Layer -> the layers below it that it may include. The path of a file tells its layer.
BELOW = {
    "error": [],
    "dns": ["error"],
    "cache": ["dns", "error"],
    "transport": ["dns", "error"],
    "resolver": ["cache", "transport", "dns", "error"],
    "balancer": ["dns", "error"],
    "connect": ["balancer", "resolver", "cache", "transport", "dns", "error"],
    "registrar": ["transport", "dns", "error"],
}
FOLDERS = {
    "resolver": ["error", "dns", "cache", "transport", "resolver"],
    "balancer": ["balancer", "connect"],
    "registrar": ["registrar"],
}
# Decisions are made without sockets; what needs Asio belongs in a layer above.
NO_ASIO = ["error", "dns", "cache", "balancer"]
ASIO = re.compile(r"boost/(asio|beast)\b")
# ldns is unsafe on bytes from the network, so the files that use it are few and known.
LDNS_OWNERS = ["resolver/src/dns/zone*.cpp"]

PUBLIC_HEADER_LINES = 150
SOURCE_LINES = 300

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def layer_of(path):
    """The layer of a file, "tools", or None where the path tells no layer."""
    parts = path.parts
    if parts[0] == "tools":
        return "tools"
    if parts[1:3] == ("include", "sdconnect") and len(parts) > 4:
        layer = parts[3]
    elif parts[1:2] == ("src",) and len(parts) > 3:
        layer = parts[2]
    else:
        return None
    return layer if layer in FOLDERS[parts[0]] else None


def included_layer(delimiter, target):
    """The layer that an include line names, or None for everything that is not ours."""
    parts = target.split("/")
    if parts[0] == "sdconnect" and len(parts) > 2:
        return parts[1]
    if delimiter == '"' and len(parts) > 1:
        return parts[0]
    return None


def check_include(path, layer, is_public, delimiter, target):
    """Yields what is wrong with one include."""
    other = included_layer(delimiter, target)
    if target.startswith("ldns/") and not any(fnmatch.fnmatch(str(path), p) for p in LDNS_OWNERS):
        yield "ldns only in " + ", ".join(LDNS_OWNERS)
    if is_public and target.startswith(("fmt/", "ldns/")):
        yield "neither fmt nor ldns in a public header"
    if layer in NO_ASIO and ASIO.match(target):
        yield f"no Asio in layer {layer}"
    if layer == "tools":
        return
    if delimiter == '"' and other is None:
        yield f'name the layer: "{layer}/{target}"'
    elif is_public and delimiter == '"' and not target.startswith("sdconnect/"):
        yield "a public header includes public headers only: sdconnect/..."
    elif other is not None and other != layer and other not in BELOW[layer]:
        yield f"layer {layer} may include {', '.join(BELOW[layer]) or 'no other layer'}, not {other}"


def check(root):
    """Returns (errors, warnings), each a list of lines."""
    errors, warnings = [], []
    for folder in [*FOLDERS, "tools"]:
        for file in sorted((root / folder).rglob("*.[ch]pp")):
            path = file.relative_to(root)
            layer = layer_of(path)
            if layer is None:
                errors.append(f"{path}:1: this path tells no layer of {folder}/")
                continue
            is_public = path.parts[1] == "include"
            lines = file.read_text(encoding="utf-8").splitlines()
            for number, line in enumerate(lines, 1):
                if is_public and re.match(r"\s*using\s+namespace\b", line):
                    errors.append(f"{path}:{number}: no using-directive in a public header")
                if match := INCLUDE.match(line):
                    for problem in check_include(path, layer, is_public, *match.groups()):
                        errors.append(f"{path}:{number}: {match[2]}: {problem}")
            limit = PUBLIC_HEADER_LINES if is_public else SOURCE_LINES
            if len(lines) > limit:
                warnings.append(f"{path}: {len(lines)} lines (about {limit}): does it still hold one idea?")
    return errors, warnings


def self_test():
    """Every rule is broken once in a small tree, and the tree without the fault passes."""
    good = {
        "resolver/include/sdconnect/dns/name.hpp": "#include <sdconnect/error/error.hpp>\n#include <string>\n",
        "resolver/src/dns/zone_ldns.cpp": "#include <ldns/ldns.h>\n#include <fmt/format.h>\n",
        "resolver/src/resolver/resolver.cpp": '#include "cache/cache.hpp"\n#include <boost/asio/ip/tcp.hpp>\n',
        "balancer/src/connect/connector.cpp": "#include <sdconnect/resolver/resolver.hpp>\n",
        "registrar/src/registrar/join.cpp": "#include <sdconnect/transport/exchange.hpp>\n",
        "tools/lab/server.cpp": '#include "server.hpp"\n#include <sdconnect/dns/name.hpp>\n',
    }
    bad = [
        ("resolver/src/error/error.cpp", "#include <sdconnect/dns/name.hpp>", "layer error may include no other layer"),
        ("resolver/src/dns/name.cpp", '#include "transport/udp.hpp"', "layer dns may include"),
        ("resolver/src/cache/cache.cpp", '#include "transport/udp.hpp"', "layer cache may include"),
        ("resolver/src/resolver/resolver.cpp", "#include <sdconnect/balancer/pick.hpp>", "layer resolver may include"),
        ("balancer/src/balancer/pick.cpp", "#include <sdconnect/resolver/resolver.hpp>", "layer balancer may include"),
        ("balancer/src/balancer/pick.cpp", "  #  include <boost/asio.hpp>", "no Asio in layer balancer"),
        ("registrar/src/registrar/join.cpp", "#include <sdconnect/resolver/resolver.hpp>", "layer registrar may"),
        ("resolver/src/transport/udp.cpp", "#include <ldns/ldns.h>", "ldns only in"),
        ("tools/lab/server.cpp", "#include <ldns/ldns.h>", "ldns only in"),
        ("resolver/include/sdconnect/dns/name.hpp", "#include <fmt/core.h>", "neither fmt nor ldns"),
        ("resolver/include/sdconnect/dns/name.hpp", '#include "dns/table.hpp"', "public headers only"),
        ("resolver/include/sdconnect/dns/name.hpp", "using namespace std;", "no using-directive"),
        ("resolver/src/dns/name.cpp", '#include "table.hpp"', "name the layer"),
        ("resolver/src/helpers.cpp", "", "tells no layer"),
        ("resolver/src/balancer/pick.cpp", "", "tells no layer"),
    ]

    def errors_of(files):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                file = pathlib.Path(folder, name)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text + "\n", encoding="utf-8")
            return check(pathlib.Path(folder))[0]

    failures = [f"good tree: {error}" for error in errors_of(good)]
    for name, line, expected in bad:
        found = errors_of({**good, name: line})
        if len(found) != 1 or expected not in found[0] or not found[0].startswith(name + ":1:"):
            failures.append(f"{name}: {line!r} should give one error with {expected!r}, gave {found}")
    return failures


def main(arguments):
    if arguments == ["--self-test"]:
        failures = self_test()
        print("\n".join(failures) if failures else "every rule was seen to fail")
        return 1 if failures else 0
    root = pathlib.Path(arguments[0]) if arguments else pathlib.Path(__file__).resolve().parent.parent
    errors, warnings = check(root)
    for line in warnings:
        print(f"warning: {line}", file=sys.stderr)
    for line in errors:
        print(line)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
