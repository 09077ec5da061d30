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

# Layer -> the layers below it, or single rooms of these, that it may include. The path of a file
# determines its layer.
BELOW = {
    "net": [],
    "dns": ["net"],
    "cache": ["dns", "net/base"],
    "transport": ["dns", "net"],
    "resolver": ["cache", "transport", "dns", "net"],
    "balancer": ["dns", "net/base"],
    "connect": ["balancer", "resolver", "cache", "transport", "dns", "net"],
    "registrar": ["transport", "dns", "net"],
}
FOLDERS = {
    "net": ["net"],
    "resolver": ["dns", "cache", "transport", "resolver"],
    "balancer": ["balancer", "connect"],
    "registrar": ["registrar"],
}
# Room of a layer -> the rooms of the same layer that it may include: LAYER/src/LAYER/ROOM. All
# rooms of a layer may include all its public headers.
ROOMS = {
    "net": {
        "base": [],
        "io": ["base"],
        "tls": ["io", "base"],
        "http": ["listen", "tls", "io", "base"],
        "listen": ["tls", "io", "base"],
        "process": ["io", "base"],
    },
    "dns": {
        "message": [],
        "zone": ["message"],
    },
    "transport": {
        "question": [],
        "engine": ["question"],
        "config": [],
        "asio": ["engine", "question", "config"],
    },
    "resolver": {
        "lookup": [],
        "walk": ["lookup"],
        "view": ["walk", "lookup"],
        "client": ["view", "walk", "lookup"],
    },
    "balancer": {
        "order": [],
        "limits": [],
        "health": ["order"],
        "policy": ["order"],
        "snapshot": ["policy", "health", "order"],
        "live": ["snapshot", "policy", "health", "order"],
    },
    "connect": {
        "race": [],
        "machine": ["race"],
        "connector": ["machine", "race"],
        "probe": ["race"],
    },
}
# Room of tools -> the rooms of tools and of net that it may include. `program` and `text` are
# usable by any program.
TOOLS = {
    "lab": ["net/base", "net/listen"],
    "program": ["net/base", "net/io"],
    "program/daemon": ["program", "net/base", "net/io"],
    "text": ["net/base"],
    "helper/protocol": ["net/base"],
    "helper/relay": ["net/base", "net/io"],
    "helper/route": ["program"],
    "helper/run": [
        *["helper/protocol", "helper/relay", "helper/route", "helper/status", "program/daemon", "program"],
        *["net/base", "net/io"],
    ],
    "helper/status": ["text", "net/base", "net/http", "net/io"],
    "sd-connect": [
        *["sd-connect/demo", "sd-connect/helper", "sd-connect/commands", "sd-connect/options", "program", "net/base"],
    ],
    "sd-connect/helper": [
        *["sd-connect/commands", "sd-connect/options", "helper/run", "helper/status", "helper/route"],
        *["helper/protocol", "program/daemon", "program", "net/base", "net/io", "net/tls", "net/http"],
    ],
    "sd-connect/options": ["program", "net/base", "net/tls"],
    "sd-connect/explain": ["sd-connect/options", "program", "text", "net/base"],
    "sd-connect/commands": [
        *["sd-connect/explain", "sd-connect/options", "program", "text", "helper/relay"],
        *["net/base", "net/io", "net/tls", "net/http"],
    ],
    "sd-connect/demo": [
        *["sd-connect/helper", "sd-connect/commands", "sd-connect/explain", "sd-connect/options", "program", "text"],
        *["lab", "program/daemon", "net/base", "net/http", "net/tls"],
    ],
}
# Decisions are made without sockets. Only these rooms and public headers may include Asio, directly
# or indirectly.
ASIO = re.compile(r"boost/(asio|beast)\b")
ASIO_ROOMS = [
    *["net/io", "net/tls", "net/http", "net/listen", "net/process"],
    *["transport/asio", "resolver/client", "connect/connector", "connect/probe"],
]
ASIO_HEADERS = [
    "transport/dns_client.hpp",
    "resolver/resolver.hpp",
    "resolver/service_watcher.hpp",
    "connect/connect_options.hpp",
    "connect/connection.hpp",
    "connect/connector.hpp",
    "connect/health_checker.hpp",
    "connect/probe.hpp",
    "connect/probe_options.hpp",
]
# ldns is unsafe on bytes from the network, so only these files use it.
LDNS_OWNERS = ["resolver/src/dns/zone/*.cpp"]

PUBLIC_HEADER_LINES = 150
SOURCE_LINES = 300

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def layer_of(path):
    """Returns the layer of a file, "tools", or None if the path has no layer."""
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


def room_of(path, layer):
    """Returns the room of a file, "" if it has none, or None if the path names no room of its
    layer."""
    if layer == "tools":
        room = "/".join(path.parts[1:-1])
        return room if room in TOOLS else None
    if layer not in ROOMS or path.parts[1] == "include":
        return ""
    return path.parts[3] if len(path.parts) > 4 and path.parts[3] in ROOMS[layer] else None


def included_layer(delimiter, target):
    """Returns the layer that an include line names, or None for files outside the project."""
    parts = target.split("/")
    if parts[0] == "sdconnect" and len(parts) > 2:
        return parts[1]
    if delimiter == '"' and len(parts) > 1:
        return parts[0]
    return None


def is_below(layer, other, target):
    """Whether the layer may include the file of that other layer. The public headers of net belong
    to its room base."""
    room = "base" if target.startswith("sdconnect/") else target.split("/")[1]
    return other in BELOW[layer] or f"{other}/{room}" in BELOW[layer]


def check_include(path, layer, room, is_public, delimiter, target):
    """Yields the errors of one include."""
    other = included_layer(delimiter, target)
    if target.startswith("ldns/") and not any(fnmatch.fnmatch(str(path), p) for p in LDNS_OWNERS):
        yield "ldns only in " + ", ".join(LDNS_OWNERS)
    if is_public and target.startswith(("fmt/", "ldns/")):
        yield "neither fmt nor ldns in a public header"
    if layer == "tools":
        into = target.rsplit("/", 1)[0]
        if delimiter == '"' and not target.startswith("sdconnect/") and into not in [room, *TOOLS[room]]:
            yield f"room {room} may include {', '.join(TOOLS[room]) or 'no other room'}, not {into}"
        return
    if delimiter == '"' and other is None:
        yield f'name the layer: "{layer}/{target}"'
    elif is_public and delimiter == '"' and not target.startswith("sdconnect/"):
        yield "a public header includes public headers only: sdconnect/..."
    elif other is not None and other != layer and not is_below(layer, other, target):
        yield f"layer {layer} may include {', '.join(BELOW[layer]) or 'no other layer'}, not {other}"
    elif other == layer and delimiter == '"' and room and not target.startswith("sdconnect/"):
        below = ROOMS[layer][room]
        if (into := target.split("/")[1]) not in [room, *below]:
            yield f"room {layer}/{room} may include {', '.join(below) or 'no other room'}, not {into}"


def may_use_asio(path, layer, room):
    """Whether the file belongs to the I/O code around the decisions."""
    if layer == "tools":
        return True
    if path.parts[1] == "include":
        return "/".join(path.parts[3:]) in ASIO_HEADERS
    return f"{layer}/{room}" in ASIO_ROOMS


def check_asio(files):
    """Yields an error for every file that includes Asio and must not. `files`: path -> (layer,
    room, includes)."""
    by_target = {}
    for path in files:
        start = 3 if path.parts[1] == "include" else 2
        by_target["/".join(path.parts[2 if start == 3 else start :])] = path
    reached = {}

    def way(path):
        """Returns the first line and file through which it includes Asio, or None."""
        if path not in reached:
            reached[path] = None  # an include cycle alone does not lead to Asio
            for number, target in files[path][2]:
                inner = by_target.get(target)
                if ASIO.match(target) or (inner is not None and way(inner)):
                    reached[path] = (number, target)
                    break
        return reached[path]

    for path, (layer, room, _) in files.items():
        if not may_use_asio(path, layer, room) and (found := way(path)):
            where = f"{layer}/{room}" if room else f"layer {layer}"
            yield f"{path}:{found[0]}: {found[1]}: leads to Asio, which {where} does without"


def check(root):
    """Returns (errors, warnings), each a list of lines."""
    errors, warnings = [], []
    files = {}
    for folder in [*FOLDERS, "tools"]:
        for file in sorted((root / folder).rglob("*.[ch]pp")):
            path = file.relative_to(root)
            layer = layer_of(path)
            if layer is None:
                errors.append(f"{path}:1: this path tells no layer of {folder}/")
                continue
            room = room_of(path, layer)
            if room is None:
                rooms = TOOLS if layer == "tools" else ROOMS[layer]
                errors.append(f"{path}:1: this path tells no room of {layer}: {', '.join(rooms)}")
                continue
            is_public = path.parts[1] == "include"
            lines = file.read_text(encoding="utf-8").splitlines()
            files[path] = (layer, room, [])
            for number, line in enumerate(lines, 1):
                if is_public and re.match(r"\s*using\s+namespace\b", line):
                    errors.append(f"{path}:{number}: no using-directive in a public header")
                if match := INCLUDE.match(line):
                    files[path][2].append((number, match[2]))
                    for problem in check_include(path, layer, room, is_public, *match.groups()):
                        errors.append(f"{path}:{number}: {match[2]}: {problem}")
            limit = PUBLIC_HEADER_LINES if is_public else SOURCE_LINES
            if len(lines) > limit:
                warnings.append(f"{path}: {len(lines)} lines (about {limit}): does it still hold one idea?")
    return errors + list(check_asio(files)), warnings


def self_test():
    """Breaks every rule once in a small tree; the tree without errors must pass."""
    good = {
        "resolver/include/sdconnect/dns/name.hpp": "#include <sdconnect/net/error.hpp>\n#include <string>\n",
        "resolver/src/dns/zone/zone_ldns.cpp": "#include <ldns/ldns.h>\n#include <fmt/format.h>\n",
        "resolver/src/resolver/client/resolver.cpp": '#include "cache/cache.hpp"\n#include <boost/asio/ip/tcp.hpp>\n',
        "balancer/src/connect/connector/connector.cpp": "#include <sdconnect/resolver/resolver.hpp>\n",
        "registrar/src/registrar/join.cpp": "#include <sdconnect/transport/exchange.hpp>\n",
        "tools/lab/server.cpp": '#include "lab/server.hpp"\n#include <sdconnect/dns/name.hpp>\n',
    }
    bad = [
        ("net/src/net/base/error.cpp", "#include <sdconnect/dns/name.hpp>", "layer net may include no other layer"),
        ("resolver/src/cache/cache.cpp", '#include "net/io/files.hpp"', "layer cache may include"),
        ("balancer/src/balancer/live/pick.cpp", '#include "net/tls/session.hpp"', "layer balancer may include"),
        ("resolver/src/dns/message/name.cpp", '#include "transport/udp.hpp"', "layer dns may include"),
        ("resolver/src/cache/cache.cpp", '#include "transport/udp.hpp"', "layer cache may include"),
        ("resolver/src/resolver/client/resolver.cpp", "#include <sdconnect/balancer/pick.hpp>", "layer resolver may include"),
        ("balancer/src/balancer/live/pick.cpp", "#include <sdconnect/resolver/resolver.hpp>", "layer balancer may include"),
        ("balancer/src/balancer/live/pick.cpp", "  #  include <boost/asio.hpp>", "leads to Asio, which balancer/live"),
        ("registrar/src/registrar/join.cpp", "#include <sdconnect/resolver/resolver.hpp>", "layer registrar may"),
        ("resolver/src/transport/asio/udp.cpp", "#include <ldns/ldns.h>", "ldns only in"),
        ("tools/lab/server.cpp", "#include <ldns/ldns.h>", "ldns only in"),
        ("resolver/include/sdconnect/dns/name.hpp", "#include <fmt/core.h>", "neither fmt nor ldns"),
        ("resolver/include/sdconnect/dns/name.hpp", '#include "dns/message/table.hpp"', "public headers only"),
        ("resolver/include/sdconnect/dns/name.hpp", "using namespace std;", "no using-directive"),
        ("resolver/src/dns/message/name.cpp", '#include "table.hpp"', "name the layer"),
        ("resolver/src/helpers.cpp", "", "tells no layer"),
        ("resolver/src/balancer/pick.cpp", "", "tells no layer"),
        ("balancer/src/balancer/pick.cpp", "", "tells no room"),
        ("balancer/src/balancer/cellar/pick.cpp", "", "tells no room"),
        ("resolver/src/dns/message/name.cpp", "#include <boost/asio.hpp>", "leads to Asio, which dns/message"),
        ("resolver/include/sdconnect/dns/query.hpp", "#include <sdconnect/connect/probe.hpp>", "layer dns may"),
        ("resolver/include/sdconnect/resolver/service.hpp", "#include <boost/asio.hpp>", "leads to Asio, which layer"),
    ]
    for room, below in TOOLS.items():
        for other in [*(set(TOOLS) - {room, *below}), "attic"]:
            bad.append((f"tools/{room}/some.cpp", f'#include "{other}/x.hpp"', f"room {room} may include"))
    bad.append(("tools/attic/some.cpp", "", "tells no room"))
    # In each room: an include of a room above it, and of Asio, directly and through a header.
    for layer, rooms in ROOMS.items():
        folder = next(folder for folder, layers in FOLDERS.items() if layer in layers)
        for room, below in rooms.items():
            file = f"{folder}/src/{layer}/{room}/some.cpp"
            for other in [*(set(rooms) - {room, *below}), "attic"]:
                bad.append((file, f'#include "{layer}/{other}/x.hpp"', f"room {layer}/{room} may include"))
            if f"{layer}/{room}" not in ASIO_ROOMS:
                bad.append((file, "#include <boost/asio/ip/tcp.hpp>", f"leads to Asio, which {layer}/{room}"))
                shell = f"sdconnect/{layer}/shell.hpp"
                good.setdefault(f"{folder}/include/{shell}", "#include <boost/asio.hpp>\n")
                bad.append((file, f"#include <{shell}>", f"leads to Asio, which {layer}/{room}"))

    def errors_of(files):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                file = pathlib.Path(folder, name)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text + "\n", encoding="utf-8")
            return check(pathlib.Path(folder))[0]

    ASIO_HEADERS.extend(f"{layer}/shell.hpp" for layer in ROOMS)
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
