"""tamper.py UPSTREAM PORT MODE...: between a client and its DNS server, over TCP.

Passes everything on as it is but the answers to a zone transfer:

    pass            these too
    change OLD NEW  bytes (hex, of one length) that stand in them are others
    once OLD NEW    the same, in the first transfer of all only
    strip           without their TSIG records
    strip-later OLD NEW     the first message as it is, the others changed and without their TSIG records
    skip N          the Nth message of an answer is left out
    no-ixfr         a request for changes (IXFR) closes the connection

Its own connections bear the mark 1, so that a rule that leads the client here can let them through.
"""
import socket
import struct
import sys

from dns_proxy import TSIG, Proxy, Server, question

UPSTREAM, PORT, MODE, ARGS = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4:]
AXFR, IXFR = 252, 251
SO_MARK = 36
transfers = []


def name_end(data, at):
    while data[at]:
        if data[at] >= 0xC0:
            return at + 2
        at += 1 + data[at]
    return at + 1


def without_tsig(data):
    counts = struct.unpack(">4H", data[4:12])
    at = 12
    for _ in range(counts[0]):
        at = name_end(data, at) + 4
    for _ in range(sum(counts[1:])):
        begin = at
        at = name_end(data, at)
        kind, _, _, length = struct.unpack(">HHIH", data[at:at + 10])
        at += 10 + length
        if kind == TSIG:
            return data[:10] + struct.pack(">H", counts[3] - 1) + data[12:begin]
    return data


def tampered(data, n, is_first):
    """The message that is passed on instead; n counts those of one answer from 1."""
    if MODE == "change" or MODE == "once" and is_first:
        return data.replace(bytes.fromhex(ARGS[0]), bytes.fromhex(ARGS[1]))
    if MODE == "strip":
        return without_tsig(data)
    if MODE == "strip-later" and n > 1:
        return without_tsig(data.replace(bytes.fromhex(ARGS[0]), bytes.fromhex(ARGS[1])))
    if MODE == "skip" and n == int(ARGS[0]):
        return None
    return data


class Tamper(Proxy):
    transfer = None  # the ID of the one under way
    is_first = False
    n = 0

    def connect(self):
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, SO_MARK, 1)
        sock.connect((UPSTREAM, 53))
        return sock

    def on_query(self, query):
        if question(query)[1] in (AXFR, IXFR):
            self.is_first = not transfers
            self.transfer = query[:2]
            transfers.append(self.transfer)
            print("transfer", len(transfers), flush=True)
        if MODE == "no-ixfr" and question(query)[1] == IXFR:
            raise EOFError
        return query

    def on_answer(self, answer):
        if answer[:2] == self.transfer:
            self.n += 1
            answer = tampered(answer, self.n, self.is_first)
        return answer, False


server = Server(("::", PORT), Tamper)
print("ready", flush=True)
server.serve_forever()
