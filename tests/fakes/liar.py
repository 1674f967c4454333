"""A DNS server with a real key that lies where it is told to.

    liar.py KEYTAB UPSTREAM LIE-FILE LOG-FILE

Stands on port 53 between a host and the real server at UPSTREAM.  What is asked in plain is passed on;
TKEY and signed UPDATEs are answered here, by a GSS acceptor with the service's own keytab, and an
UPDATE is done nowhere: whoever believes that it was has been deceived.  LIE-FILE names the lie and is read anew for each connection and
datagram; each lie that was told is a line of LOG-FILE.

Messages are put together and taken apart here with nothing of muster's.
"""
import socket
import struct
import sys
import threading
import time

import gssapi

KEYTAB, UPSTREAM, LIE_FILE, LOG_FILE = sys.argv[1:5]
ALGORITHM = b"\x08gss-tsig\x00"
TKEY, TSIG, ANY = 249, 250, 255
REFUSED, BADSIG, BADKEY, BADTIME, BADMODE, BADNAME, BADALG = 5, 16, 17, 18, 19, 20, 21


def told(lie):
    with open(LOG_FILE, "a", encoding="ascii") as log:
        log.write(lie + "\n")


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


def framed(data):
    return struct.pack(">H", len(data)) + data


def name_end(data, at):
    """Where the name that begins at `at` is over; queries of ours have no pointers there."""
    while data[at]:
        if data[at] >= 0xc0:
            return at + 2
        at += 1 + data[at]
    return at + 1


def question(data):
    """(type, the question section's bytes)"""
    end = name_end(data, 12)
    return struct.unpack(">H", data[end:end + 2])[0], data[12:end + 4]


def flags(data, value):
    return data[:2] + struct.pack(">H", value) + data[4:]


def counts(data, *four):
    return data[:4] + struct.pack(">4H", *four) + data[12:]


class Update:
    """A signed UPDATE, its TSIG taken off (RFC 8945 section 4.2)."""

    def __init__(self, data):
        at = self._tsig_begins(data)
        self.key = data[at:name_end(data, at)]
        end = at + len(self.key) + 10
        end = name_end(data, end) + 8
        size = struct.unpack(">H", data[end:end + 2])[0]
        self.mac = data[end + 2:end + 2 + size]
        arcount = struct.unpack(">H", data[10:12])[0]
        self.plain = data[:10] + struct.pack(">H", arcount - 1) + data[12:at]
        self.whole = data

    @staticmethod
    def _tsig_begins(data):
        n = struct.unpack(">4H", data[4:12])
        at = 12
        for _ in range(n[0]):
            at = name_end(data, at) + 4
        for _ in range(sum(n[1:]) - 1):
            at = name_end(data, at) + 8
            at += 2 + struct.unpack(">H", data[at:at + 2])[0]
        return at


class Connection:
    last_token = None  # of the session before, whosoever it was

    def __init__(self, sock, lie):
        self.sock, self.lie = sock, lie
        self.context = self.key = self.previous = self.first_key = None
        self.upstream = socket.create_connection((UPSTREAM, 53))

    def lies(self, *names):
        if self.lie in names:
            told(self.lie)
            return True
        return False

    def send(self, data):
        self.sock.sendall(framed(data))

    def serve(self):
        while True:
            query = message(self.sock)
            kind, _ = question(query)
            if query[2] >> 3 & 15 == 5:
                self.update(query)
            elif kind == TKEY:
                self.tkey(query)
            else:
                self.plain(query)

    # --- what is not signed

    def plain(self, query):
        self.upstream.sendall(framed(query))
        answer = message(self.upstream)
        if self.lies("plain-wrong-id"):
            answer = bytes([answer[0] ^ 0xff]) + answer[1:]
        if self.lies("plain-wrong-question"):
            answer = answer[:12] + b"\x05wrong" + answer[12 + 1 + answer[12]:]
        if self.lies("plain-not-an-answer"):
            answer = flags(answer, 0)
        if self.lies("plain-truncated"):
            answer = flags(answer, struct.unpack(">H", answer[2:4])[0] | 0x0200)
        if self.lies("plain-compression-loop"):
            end = 12 + len(question(query)[1])
            answer = counts(answer[:end], 1, 1, 0, 0) + struct.pack(
                ">HHHIH", 0xc000 | end, 1, 1, 60, 4) + bytes(4)
        if self.lies("plain-counts"):
            answer = counts(answer, 1, 65535, 65535, 65535)
        if self.lies("plain-short"):
            answer = answer[:7]
        if self.lies("plain-empty"):
            answer = b""
        if self.lies("plain-half-then-close"):
            data = framed(answer)
            self.sock.sendall(data[:len(data) // 2])
            raise EOFError
        if self.lies("plain-byte-a-second"):
            for byte in framed(answer):
                self.sock.sendall(bytes([byte]))
                time.sleep(1)
            return
        self.send(answer)
        if self.lies("plain-two-answers"):
            self.send(answer)
        if self.lies("plain-close-after-each"):
            raise EOFError

    # --- negotiation

    def tkey(self, query):
        at = 12 + len(question(query)[1])
        self.key = query[at:name_end(query, at)]
        self.first_key = self.first_key or self.key
        at += len(self.key) + 10
        at = name_end(query, at) + 12
        size = struct.unpack(">H", query[at:at + 2])[0]
        token = query[at + 2:at + 2 + size]
        credentials = gssapi.Credentials(usage="accept", store={"keytab": KEYTAB})
        self.context = gssapi.SecurityContext(creds=credentials, usage="accept")
        reply = good = self.context.step(token) or b""
        name, algorithm, mode, error, rcode = self.key, ALGORITHM, 3, 0, 0
        if self.lies("tkey-no-token"):
            reply = b""
        if self.lies("tkey-huge-token"):
            reply = bytes(65000)
        if self.lies("tkey-junk-token"):
            reply = b"\xa1\x07not it"
        if self.lies("tkey-not-mutual"):
            # NegTokenResp, accept-completed, and no proof of the service (RFC 4178 section 4.2.2).
            reply = bytes.fromhex("a1073005a0030a0100")
        if self.lies("tkey-another-round"):
            reply = bytes.fromhex("a1073005a0030a0101")
        if self.lies("tkey-wrong-mode"):
            mode = 2
        if self.lies("tkey-other-name"):
            name = b"\x05other\x00"
        if self.lies("tkey-other-algorithm"):
            algorithm = b"\x09hmac-sha1\x00"
        for lie, code in (("tkey-badkey", BADKEY), ("tkey-badmode", BADMODE),
                          ("tkey-badname", BADNAME), ("tkey-badalg", BADALG)):
            if self.lies(lie):
                error = code
        if self.lies("tkey-refused"):
            rcode = REFUSED
        if self.lies("tkey-token-echoed"):
            reply = token
        if self.lies("tkey-token-bit-turned"):
            reply = reply[:-1] + bytes([reply[-1] ^ 1])
        if self.lies("tkey-token-of-another"):
            reply = Connection.last_token or b""
        Connection.last_token = good
        if self.lie in ("update-badkey-once", "update-badname-once"):
            told("key " + self.key[1:1 + self.key[0]].decode("ascii"))
        rdata = algorithm + struct.pack(">IIHHH", 0, 0, mode, error, len(reply)) + reply + b"\0\0"
        record = name + struct.pack(">HHIH", TKEY, ANY, 0, len(rdata)) + rdata
        answer = query[:2] + struct.pack(">5H", 0x8000 | rcode, 1, 1, 0, 0) + question(query)[1] + record
        if self.lies("tkey-wrong-id"):
            answer = bytes([answer[0] ^ 0xff]) + answer[1:]
        if self.lies("tkey-truncated"):
            answer = flags(answer, 0x8200)
        if self.lies("tkey-counts"):
            answer = counts(answer, 1, 2, 0, 0)
        if self.lies("tkey-cut"):
            answer = answer[:-20]
        if self.lies("tkey-echo"):
            answer = flags(query, 0x8000)
        if self.lies("tkey-compression-loop"):
            end = 12 + len(question(query)[1])
            answer = answer[:end] + struct.pack(">H", 0xc000 | end) + record[len(name):]
        if self.lies("tkey-half-then-close"):
            data = framed(answer)
            self.sock.sendall(data[:len(data) // 2])
            raise EOFError
        if self.lies("tkey-byte-a-second"):
            for byte in framed(answer):
                self.sock.sendall(bytes([byte]))
                time.sleep(1)
            return
        if self.lies("tkey-two-answers"):
            self.send(answer)
        if self.lies("tkey-silent"):
            time.sleep(20)
            raise EOFError
        self.send(answer)
        if self.lies("tkey-then-close"):
            raise EOFError

    # --- UPDATE

    def variables(self, key, algorithm, now, error, other):
        return (key + struct.pack(">HI", ANY, 0) + algorithm + struct.pack(">Q", now)[2:] +
                struct.pack(">HHH", 300, error, len(other)) + other)

    def sign(self, update, plain, head=None, key=None, algorithm=ALGORITHM, now=None, error=0,
             other=b"", mac=None):
        """The answer with its TSIG: good, but for what the caller says otherwise."""
        key = key or update.key
        now = int(time.time()) if now is None else now
        if head is None:
            head = struct.pack(">H", len(update.mac)) + update.mac
        if mac is None:
            mac = self.context.get_signature(
                head + plain + self.variables(key, algorithm, now, error, other))
        return self.with_tsig(plain, key, algorithm, now, mac, error, other)

    @staticmethod
    def with_tsig(plain, key, algorithm, now, mac, error, other):
        rdata = (algorithm + struct.pack(">Q", now)[2:] + struct.pack(">HH", 300, len(mac)) + mac +
                 plain[:2] + struct.pack(">HH", error, len(other)) + other)
        arcount = struct.unpack(">H", plain[10:12])[0]
        return (plain[:10] + struct.pack(">H", arcount + 1) + plain[12:] + key +
                struct.pack(">HHIH", TSIG, ANY, 0, len(rdata)) + rdata)

    def update(self, query):
        update = Update(query)
        plain = query[:2] + struct.pack(">5H", 0xa800, 1, 0, 0, 0) + question(query)[1]
        refused, unauthorised = flags(plain, 0xa805), flags(plain, 0xa809)
        head = struct.pack(">H", len(update.mac)) + update.mac
        now = int(time.time())
        lies = {
            "update-standard-none": lambda: self.sign(update, plain),
            "update-legacy-none": lambda: self.sign(update, plain, head=update.mac),
            "update-refused-signed": lambda: self.sign(update, refused),
            "update-wrong-mac": lambda: self.spoiled(update, plain),
            "update-truncated-mac": lambda: self.cut(update, plain, 12),
            "update-half-mac": lambda: self.cut(update, plain, None),
            "update-mac-of-another": lambda: self.sign(update, plain, mac=update.mac),
            "update-signed-for-another": lambda: self.sign(
                update, plain, head=head[:2] + bytes([head[2] ^ 1]) + head[3:]),
            "update-legacy-for-another": lambda: self.sign(
                update, plain, head=bytes([update.mac[0] ^ 1]) + update.mac[1:]),
            "update-length-wrong": lambda: self.sign(
                update, plain, head=struct.pack(">H", len(update.mac) + 1) + update.mac),
            "update-length-only": lambda: self.sign(update, plain, head=head[:2]),
            "update-no-request-mac": lambda: self.sign(update, plain, head=b""),
            "update-changed-after": lambda: flags(self.sign(update, refused), 0xa800),
            "update-unsigned": lambda: plain,
            "update-unsigned-refused": lambda: refused,
            "update-echo": lambda: flags(update.whole, 0xa800),
            "update-echo-refused": lambda: flags(update.whole, 0xa805),
            "update-wrong-id": lambda: bytes([query[0] ^ 0xff]) + self.sign(update, plain)[1:],
            "update-other-id-signed": lambda: self.sign(update, bytes([query[0] ^ 0xff]) + plain[1:]),
            "update-other-question": lambda: self.sign(
                update, plain[:12] + b"\x05wrong" + plain[12 + 1 + plain[12]:]),
            "update-in-the-past": lambda: self.sign(update, plain, now=now - 1000),
            "update-in-the-future": lambda: self.sign(update, plain, now=now + 1000),
            "update-badkey": lambda: self.sign(update, unauthorised, error=BADKEY, mac=b""),
            "update-badsig": lambda: self.sign(update, unauthorised, error=BADSIG, mac=b""),
            "update-badname": lambda: self.sign(update, unauthorised, error=BADNAME, mac=b""),
            "update-badkey-noerror": lambda: self.sign(update, plain, error=BADKEY, mac=b""),
            "update-badtime": lambda: self.sign(
                update, unauthorised, error=BADTIME, other=struct.pack(">Q", now + 1000)[2:]),
            "update-other-key": lambda: self.sign(update, plain, key=b"\x05other\x00"),
            "update-other-algorithm": lambda: self.sign(update, plain, algorithm=b"\x09hmac-sha1\x00"),
            "update-not-an-answer": lambda: self.sign(update, flags(plain, 0x2800)),
            "update-compression-loop": lambda: self.looped(update, plain),
            "update-counts": lambda: counts(self.sign(update, plain), 1, 9, 9, 2),
            "update-truncated": lambda: flags(plain, 0xaa00),
            "update-cut": lambda: self.sign(update, plain)[:-10],
            "update-echo-servfail": lambda: flags(update.whole, 0xa802),
            "update-tsig-twice": lambda: self.sign(update, self.sign(update, plain)),
            "update-tsig-not-last": lambda: self.behind(self.sign(update, plain)),
            "update-tsig-in-answer": lambda: counts(self.sign(update, plain), 1, 1, 0, 0),
            "update-mac-empty": lambda: self.sign(update, plain, mac=b""),
            "update-mac-huge": lambda: self.sign(update, plain, mac=bytes(60000)),
            "update-signed-at-zero": lambda: self.sign(update, plain, now=0),
            "update-signed-at-the-end": lambda: self.sign(update, plain, now=2 ** 48 - 1),
            "update-opcode-query": lambda: self.sign(update, flags(plain, 0x8000)),
            "update-badkey-signed": lambda: self.sign(update, plain, error=BADKEY),
            "update-trailing": lambda: self.sign(update, plain) + b"more",
            "update-short": lambda: query[:2] + b"\xa8",
        }
        if self.lies("update-close"):
            raise EOFError
        if self.lies("update-silent"):
            time.sleep(20)
            raise EOFError
        if self.lies("update-half-then-close"):
            data = framed(self.sign(update, plain))
            self.sock.sendall(data[:len(data) // 2])
            raise EOFError
        if self.lies("update-byte-a-second"):
            for byte in framed(self.sign(update, plain)):
                self.sock.sendall(bytes([byte]))
                time.sleep(1)
            return
        if self.lies("update-two-answers"):
            self.send(self.sign(update, plain))
            self.send(self.sign(update, plain))
            return
        if self.lies("update-replayed"):
            answer = self.previous or self.sign(update, plain, mac=bytes(28))
            self.previous = self.sign(update, plain)
            self.send(query[:2] + answer[2:])
            return
        for lie, code in (("update-badkey-once", BADKEY), ("update-badname-once", BADNAME)):
            if self.lie == lie and update.key == self.first_key:
                told(lie)
                self.send(self.sign(update, unauthorised, error=code, mac=b""))
                return
        if self.lie in lies:
            told(self.lie)
        # Who swallowed another lie gets a good signature here, under a change that is not made.
        self.send(lies.get(self.lie, lies["update-standard-none"])())

    def spoiled(self, update, plain):
        mac = self.context.get_signature(
            struct.pack(">H", len(update.mac)) + update.mac + plain +
            self.variables(update.key, ALGORITHM, int(time.time()), 0, b""))
        return self.sign(update, plain, mac=mac[:-1] + bytes([mac[-1] ^ 1]))

    def cut(self, update, plain, keep):
        mac = self.context.get_signature(
            struct.pack(">H", len(update.mac)) + update.mac + plain +
            self.variables(update.key, ALGORITHM, int(time.time()), 0, b""))
        return self.sign(update, plain, mac=mac[:keep or len(mac) // 2])

    @staticmethod
    def behind(signed):
        """One more record, behind the TSIG."""
        return counts(signed, 1, 0, 0, 2) + struct.pack(">BHHIH", 0, 16, 1, 0, 0)

    def looped(self, update, plain):
        """An additional record whose name points at itself, before the TSIG."""
        record = struct.pack(">HHHIH", 0xc000 | len(plain), 16, 1, 0, 0)
        return self.sign(update, counts(plain, 1, 0, 0, 1) + record)


def serve(sock):
    with open(LIE_FILE, encoding="ascii") as file:
        lie = file.read().strip()
    try:
        Connection(sock, lie).serve()
    except (EOFError, ConnectionError, BrokenPipeError):
        pass
    finally:
        sock.close()


# --- UDP: the resolver's questions

def datagrams(listener):
    while True:
        query, sender = listener.recvfrom(4096)
        with open(LIE_FILE, encoding="ascii") as file:
            lie = file.read().strip()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as upstream:
            upstream.settimeout(5)
            upstream.sendto(query, (UPSTREAM, 53))
            answer = upstream.recv(65535)
        if lie.startswith("udp-"):
            told(lie)
        if lie == "udp-wrong-id":
            answer = bytes([answer[0] ^ 0xff]) + answer[1:]
        if lie == "udp-wrong-question":
            answer = answer[:12] + b"\x05wrong" + answer[12 + 1 + answer[12]:]
        if lie == "udp-compression-loop":
            end = 12 + len(question(query)[1])
            answer = counts(answer[:end], 1, 1, 0, 0) + struct.pack(
                ">HHHIH", 0xc000 | end, 33, 1, 60, 4) + bytes(4)
        if lie == "udp-counts":
            answer = counts(answer, 1, 65535, 65535, 65535)
        if lie in ("udp-truncated", "udp-truncated-without-tcp"):
            answer = flags(answer[:12 + len(question(query)[1])],
                           struct.unpack(">H", answer[2:4])[0] | 0x0200)
            answer = counts(answer, 1, 0, 0, 0)
        if lie == "udp-other-address":
            with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as other:
                other.sendto(answer, sender)
            continue
        listener.sendto(answer, sender)
        if lie == "udp-two-answers":
            listener.sendto(answer, sender)


def main():
    udp = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    udp.bind(("::", 53))
    threading.Thread(target=datagrams, args=(udp,), daemon=True).start()
    tcp = socket.create_server(("::", 53), family=socket.AF_INET6, dualstack_ipv6=True, backlog=64)
    while True:
        sock, _ = tcp.accept()
        with open(LIE_FILE, encoding="ascii") as file:
            if file.read().strip() == "udp-truncated-without-tcp":
                sock.close()
                continue
        threading.Thread(target=serve, args=(sock,), daemon=True).start()


main()
