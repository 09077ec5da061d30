#!/bin/sh
# The same as a pipeline of dig, awk and curl. Arguments: ADDRESS PORT of the name server.
ask() { dig +short "@$1" -p "$2" "$3" "$4"; }
instance=$(ask "$1" "$2" _theService._tcp.unilans.net PTR | awk -F. '$1 == "_v1"')
ask "$1" "$2" "$instance" TXT >/dev/null
set -- "$@" $(ask "$1" "$2" "$instance" SRV | sort -n | awk '{ print $4, $3; exit }')
exec curl -s "http://$(ask "$1" "$2" "$3" A):$4/"
