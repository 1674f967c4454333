"""tsig_macs.py CAPTURE: the UPDATEs of a capture of TCP port 53 and their answers, as

    REQUEST-ID RCODE signed|echoed|unsigned

one line for each answer: signed when it has a MAC that is not that of its request.
Standard library only: it reads what was on the wire with nothing of muster's.
"""
import struct
import sys

TSIG = 250
UPDATE = 5


def packets(path):
    """(source port, destination port, sequence number, payload) of each TCP segment over Ethernet."""
    data = open(path, "rb").read()
    order = "<" if data[:4] == b"\xd4\xc3\xb2\xa1" else ">"
    at = 24
    while at + 16 <= len(data):
        length = struct.unpack(order + "I", data[at + 8:at + 12])[0]
        frame = data[at + 16:at + 16 + length]
        at += 16 + length
        kind, ip = struct.unpack(">H", frame[12:14])[0], frame[14:]
        if kind == 0x0800:
            tcp = ip[(ip[0] & 15) * 4:struct.unpack(">H", ip[2:4])[0]]
        elif kind == 0x86DD:
            tcp = ip[40:40 + struct.unpack(">H", ip[4:6])[0]]
        else:
            continue
        source, target, seq = struct.unpack(">HHI", tcp[:8])
        yield source, target, seq, tcp[(tcp[12] >> 4) * 4:]


def messages(path):
    """(is from the server, DNS message), stream by stream."""
    streams = {}
    for source, target, seq, payload in packets(path):
        if payload:
            streams.setdefault((source, target), {})[seq] = payload
    for (source, _), segments in streams.items():
        stream = b"".join(segments[seq] for seq in sorted(segments))
        while len(stream) > 2:
            length = struct.unpack(">H", stream[:2])[0]
            yield source == 53, stream[2:2 + length]
            stream = stream[2 + length:]


def skip_name(message, at):
    while message[at]:
        if message[at] >= 0xC0:
            return at + 2
        at += message[at] + 1
    return at + 1


def mac(message):
    """Of the TSIG record, b"" where there is none."""
    counts = struct.unpack(">4H", message[4:12])
    at, found = 12, b""
    for _ in range(counts[0]):
        at = skip_name(message, at) + 4
    for _ in range(sum(counts[1:])):
        at = skip_name(message, at)
        kind, _, _, length = struct.unpack(">HHIH", message[at:at + 10])
        at += 10
        if kind == TSIG:
            after = skip_name(message, at) + 8  # algorithm, time, fudge
            size = struct.unpack(">H", message[after:after + 2])[0]
            found = message[after + 2:after + 2 + size]
        at += length
    return found


def main():
    asked, answered = {}, []
    for from_server, message in messages(sys.argv[1]):
        number, flags = struct.unpack(">HH", message[:4])
        if flags >> 11 & 15 != UPDATE:
            continue
        if from_server:
            answered.append((number, flags & 15, mac(message)))
        else:
            asked[number] = mac(message)
    for number, rcode, its in answered:
        how = "unsigned" if not its else "echoed" if its == asked.get(number) else "signed"
        print(number, rcode, how)


main()
