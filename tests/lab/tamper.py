"""tamper.py UPSTREAM PORT MODE...: between a client and its DNS server, over TCP.

Passes everything on as it is but the answers to a zone transfer:

    pass            these too
    change OLD NEW  bytes (hex, of one length) that stand in them are others
    once OLD NEW    the same, in the first transfer of all only
    strip           without their TSIG records
    skip N          the Nth message of an answer is left out

Its own connections bear the mark 1, so that a rule that leads the client here can let them through.
Standard library only.
"""
import socket
import struct
import sys
import threading

UPSTREAM, PORT, MODE, ARGS = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4:]
AXFR, IXFR, TSIG = 252, 251, 250
SO_MARK = 36
transfers = []


def take(sock, n):
    data = b""
    while len(data) < n:
        more = sock.recv(n - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def message(sock):
    return take(sock, struct.unpack(">H", take(sock, 2))[0])


def name_end(data, at):
    while data[at]:
        if data[at] >= 0xC0:
            return at + 2
        at += 1 + data[at]
    return at + 1


def question_type(data):
    if struct.unpack(">H", data[4:6])[0] == 0:
        return None
    end = name_end(data, 12)
    return struct.unpack(">H", data[end:end + 2])[0]


def without_tsig(data):
    counts = struct.unpack(">4H", data[4:12])
    at = 12
    for _ in range(counts[0]):
        at = name_end(data, at) + 4
    for i in range(sum(counts[1:])):
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
    if MODE == "skip" and n == int(ARGS[0]):
        return None
    return data


def pump(source, target, state, is_answer):
    n = 0
    try:
        while True:
            data = message(source)
            if not is_answer and question_type(data) in (AXFR, IXFR):
                state["id"] = data[:2]
                state["first"] = not transfers
                transfers.append(data[:2])
                print("transfer", len(transfers), flush=True)
            elif is_answer and data[:2] == state.get("id"):
                n += 1
                data = tampered(data, n, state["first"])
            if data is not None:
                target.sendall(struct.pack(">H", len(data)) + data)
    except (EOFError, OSError):
        pass
    for sock in (source, target):
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


listener = socket.create_server(("::", PORT), family=socket.AF_INET6, dualstack_ipv6=True)
print("ready", flush=True)
while True:
    client, _ = listener.accept()
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, SO_MARK, 1)
    server.connect((UPSTREAM, 53))
    told = {}
    threading.Thread(target=pump, args=(client, server, told, False), daemon=True).start()
    threading.Thread(target=pump, args=(server, client, told, True), daemon=True).start()
