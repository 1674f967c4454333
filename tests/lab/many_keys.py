"""many_keys.py SERVER ADDRESS COUNT: negotiates COUNT keys by TKEY, with the tickets of the default cache,
and prints how many of them the server took."""
import os
import socket
import struct
import sys

import gssapi

from dns_proxy import ANY, TKEY, message, put

server, address, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
ALGORITHM = b"\x08gss-tsig\x00"


def negotiation(number):
    target = gssapi.Name("DNS@" + server, gssapi.NameType.hostbased_service)
    token = gssapi.SecurityContext(name=target, usage="initiate",
                                   mech=gssapi.OID.from_int_seq("1.3.6.1.5.5.2")).step()
    # A name that the server has already is refused.
    label = os.urandom(12).hex().encode("ascii")
    name = bytes([len(label)]) + label + b"\0"
    rdata = ALGORITHM + struct.pack(">IIHHH", 0, 0, 3, 0, len(token)) + token + b"\0\0"
    return (struct.pack(">6H", number, 0, 1, 0, 0, 1) + name + struct.pack(">HH", TKEY, ANY) +
            name + struct.pack(">HHIH", TKEY, ANY, 0, len(rdata)) + rdata)


taken = 0
with socket.create_connection((address, 53)) as sock:
    for i in range(count):
        put(sock, negotiation(i + 1))
        answer = message(sock)
        # No error, one record of the answer, and a token of some size in it.
        if answer[3] & 15 == 0 and answer[7] == 1 and len(answer) > 100:
            taken += 1
print(taken)
