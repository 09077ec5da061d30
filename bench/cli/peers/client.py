#!/usr/bin/env python3
"""The article's client.py for current Python: same four flags, same queries, same output.

Its name server comes from PEER_NAME_SERVER (ADDRESS#PORT), because the benchmark's zone is not in
public DNS. For the same reason it queries the target's address itself; the article's version left
that to the system.
"""
import argparse
import os
import random

import dns.resolver
import requests


def main():
    parser = argparse.ArgumentParser(description="Example code to resolve DNS-SD service descriptions")
    parser.add_argument("-z", "--zone", required=True, help="Zone Name")
    parser.add_argument("-s", "--service", required=True, help="Service Name")
    parser.add_argument("-p", "--protocol", required=True, help="Service Transport Protocol", choices=["tcp", "udp"])
    parser.add_argument("-v", "--version", required=True, help="Service Version")
    args = parser.parse_args()

    resolver = dns.resolver.Resolver(configure=False)
    address, port = os.environ["PEER_NAME_SERVER"].split("#")
    resolver.nameservers, resolver.port = [address], int(port)

    # Obtain PTR Record, find the service incarnation
    for record in resolver.resolve(f"_{args.service}._{args.protocol}.{args.zone}", "PTR"):
        if args.version in str(record.target).split(".")[0]:
            service_version = str(record.target)

    # Get SRV and TXT, and a random service location entry
    answer_srv = resolver.resolve(service_version, "SRV")
    answer_txt = resolver.resolve(service_version, "TXT")
    if answer_srv and answer_txt:
        entry = random.choice(list(answer_srv))
        host = resolver.resolve(entry.target, "A")[0].address

    response = requests.get(f"http://{host}:{entry.port}/", timeout=10)
    if response.status_code == 200:
        print(response.text)


if __name__ == "__main__":
    main()
