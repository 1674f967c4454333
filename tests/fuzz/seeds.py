#!/usr/bin/env python3
"""seeds.py CORPUS FILE...: inputs for the fuzz targets out of captures (*.pcap) and of what
ldapsearch says (*.ldif).  Each goes to CORPUS/TARGET, named by its hash."""
import base64
import hashlib
import os
import struct
import sys

SOA, TKEY, TSIG, IXFR, AXFR = 6, 249, 250, 251, 252
corpus = sys.argv[1]


def put(target, data):
    if 0 < len(data) <= 4096:
        os.makedirs(f"{corpus}/{target}", exist_ok=True)
        with open(f"{corpus}/{target}/{hashlib.sha1(data).hexdigest()[:16]}", "wb") as out:
            out.write(data)


def framed(values):
    return b"".join(struct.pack(">H", len(v)) + v for v in values)


# --- captures

def packets(path):
    """(protocol, source, source port, destination, its port, TCP sequence, payload)"""
    with open(path, "rb") as file:
        data = file.read()
    order = "<" if data[:4] == b"\xd4\xc3\xb2\xa1" else ">"
    at = 24
    while at + 16 <= len(data):
        length = struct.unpack(order + "I", data[at + 8:at + 12])[0]
        frame, at = data[at + 16:at + 16 + length], at + 16 + length
        ethertype, packet = struct.unpack(">H", frame[12:14])[0], frame[14:]
        if ethertype == 0x0800:
            total = struct.unpack(">H", packet[2:4])[0]
            protocol, source, to = packet[9], packet[12:16], packet[16:20]
            body = packet[(packet[0] & 15) * 4:total]
        elif ethertype == 0x86dd:
            protocol, source, to = packet[6], packet[8:24], packet[24:40]
            body = packet[40:40 + struct.unpack(">H", packet[4:6])[0]]
        else:
            continue
        if protocol == 17:
            ports = struct.unpack(">HH", body[:4])
            yield "udp", source, ports[0], to, ports[1], 0, body[8:]
        elif protocol == 6:
            ports = struct.unpack(">HH", body[:4])
            sequence = struct.unpack(">I", body[4:8])[0]
            yield "tcp", source, ports[0], to, ports[1], sequence, body[(body[12] >> 4) * 4:]


def tcp_streams(path):
    """{(source, port, destination, port): bytes sent that way}"""
    segments = {}
    for protocol, source, port, to, to_port, sequence, payload in packets(path):
        if protocol == "tcp" and payload:
            segments.setdefault((source, port, to, to_port), {})[sequence] = payload
    return {key: b"".join(parts[s] for s in sorted(parts)) for key, parts in segments.items()}


def messages(stream):
    at = 0
    while at + 2 <= len(stream):
        length = struct.unpack(">H", stream[at:at + 2])[0]
        yield stream[at + 2:at + 2 + length]
        at += 2 + length


def skip_name(message, at):
    while message[at]:
        if message[at] >= 0xc0:
            return at + 2
        at += 1 + message[at]
    return at + 1


def records(message):
    """(type, data) of every record; none of a message that the capture has in part"""
    try:
        return list(read_records(message))
    except (IndexError, struct.error):
        return []


def read_records(message):
    questions, *counts = struct.unpack(">HHHH", message[4:12])
    at = 12
    for _ in range(questions):
        at = skip_name(message, at) + 4
    for _ in range(sum(counts)):
        at = skip_name(message, at)
        kind, _, _, length = struct.unpack(">HHIH", message[at:at + 10])
        yield kind, message[at + 10:at + 10 + length]
        at += 10 + length


def mac_of(message):
    for kind, data in records(message):
        if kind == TSIG:
            at = skip_name(data, 0) + 8
            return data[at + 2:at + 2 + struct.unpack(">H", data[at:at + 2])[0]]
    return b""


def opcode(message):
    return message[2] >> 3 & 15


def question_type(message):
    return struct.unpack(">H", message[skip_name(message, 12):][:2])[0]


def is_transfer(requests):
    return any(question_type(m) in (IXFR, AXFR) for m in messages(requests) if len(m) > 12)


def take_transfer(stream, requests):
    """The flags and the serial that fuzz_transfer.c wants, then the stream."""
    request = next(messages(requests))
    serial, flags = b"\0\0\0\0", 0
    for kind, data in records(request):
        if kind == SOA:
            serial, flags = data[-20:-16], flags | 1
        elif kind == TSIG:
            flags |= 2
    put("transfer", bytes([flags]) + serial + stream)
    put("transfer", bytes([flags & 1]) + serial + stream)


def take_dns_stream(stream, requests):
    if is_transfer(requests):
        take_transfer(stream, requests)
        return
    macs = {m[:2]: mac_of(m) for m in messages(requests) if len(m) > 12}
    plain = []
    for message in messages(stream):
        if len(message) < 12:
            continue
        if opcode(message) == 5:
            mac = macs.get(message[:2], b"")
            put("tsig", bytes([len(mac)]) + mac + message)
        elif any(kind == TKEY for kind, _ in records(message)):
            put("tkey", message)
            put("tsig", b"\0" + message)
        else:
            put("dns_message", message)
            plain.append(message)
    put("published", framed(plain))
    put("conn", b"\0" + stream)
    put("conn", b"\x07" + stream[:1000])


def netlogon_value(datagram):
    at = datagram.lower().find(b"netlogon")
    rest = datagram[at + 8:]
    if at < 0 or len(rest) < 10 or rest[0] != 0x31:
        return b""

    def length_at(i):
        if rest[i] < 0x80:
            return rest[i], i + 1
        n = rest[i] & 0x7f
        return int.from_bytes(rest[i + 1:i + 1 + n], "big"), i + 1 + n

    _, at = length_at(1)
    length, at = length_at(at + 1)
    return rest[at:at + length]


def take_capture(path):
    answers = []
    for protocol, _, port, _, _, _, payload in packets(path):
        if protocol == "udp" and port == 53:
            put("dns_message", payload)
            if b"\x09_kerberos" not in payload and payload[2:] not in [a[2:] for a in answers]:
                answers.append(payload)
        elif protocol == "udp" and port == 389:
            put("netlogon", payload)
            put("netlogon", netlogon_value(payload))
        elif protocol == "udp" and port == 88:
            put("kdc_answer", payload)
    put("lookup", framed(answers))
    put("zonefind", framed(a for a in answers if question_type(a) == SOA))
    streams = tcp_streams(path)
    for (source, port, to, to_port), stream in streams.items():
        if port == 88:  # a length of four bytes (RFC 4120 section 7.2.2)
            put("kdc_answer", stream[4:])
        if port == 53:
            take_dns_stream(stream, streams.get((to, to_port, source, port), b""))


# --- the directory

def ldif_entries(path):
    entry = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            line = line.rstrip("\n")
            if not line and entry:
                yield entry
                entry = []
            elif line and not line.startswith("#"):
                name, _, value = line.partition(":")
                raw = base64.b64decode(value[2:]) if value.startswith(": ") else value[1:].encode()
                entry.append((name.lower(), raw))
    if entry:
        yield entry


def take_ldif(path):
    for entry in ldif_entries(path):
        properties = []
        for name, value in entry:
            if name == "dnsrecord":
                put("dnsrecord", value)
                if value[2] in (2, 5, 12):
                    put("name", value[24:])
            elif name == "dnsproperty":
                properties.append(value)
            elif name in ("ntsecuritydescriptor", "objectsid"):
                put("sd", value)
            elif name == "replpropertymetadata":
                put("replmeta", value)
            elif name == "dn":
                put("name", value)
        put("dnsproperty", framed(properties))


for given in sys.argv[2:]:
    if given.endswith(".pcap"):
        take_capture(given)
    elif given.endswith(".ldif"):
        take_ldif(given)
