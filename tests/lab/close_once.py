"""close_once.py CASE SERVER LOG [GO]: an honest DNS server on TCP port 5398 that passes everything on to
SERVER and, the first time, closes the connection behind
  first-answer   the first answer of all
  tkey-answer    the answer to a TKEY question
  update-answer  the answer to an UPDATE
With "-always" behind the case it does so on each connection.
  update-forged  closes nothing: answers to UPDATEs under the first key become BADKEY, unsigned
  update-held    closes nothing: UPDATEs wait until there is a file GO
LOG gets a line for each connection, for each key that is asked for, with its name, and for each
end that it made."""
import os
import socket
import socketserver
import struct
import sys
import threading
import time

case, server, log_file = sys.argv[1:4]
go_file = sys.argv[4] if len(sys.argv) > 4 else ""
always = case.endswith("-always")
case = case.removesuffix("-always")
assert case in ("first-answer", "tkey-answer", "update-answer", "update-forged", "update-held")
UPDATE, TKEY = 5, 249
lock = threading.Lock()
closed = []
forged_key = b""


def log(line):
    with lock, open(log_file, "a", encoding="ascii") as file:
        file.write(line + "\n")


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


def put(sock, data):
    sock.sendall(struct.pack(">H", len(data)) + data)


def kind(data):
    """"update", "tkey" or "plain", and the name asked for."""
    at, name = 12, ""
    while data[at]:
        name += data[at + 1:at + 1 + data[at]].decode("ascii", "replace") + "."
        at += 1 + data[at]
    if data[2] >> 3 & 15 == UPDATE:
        return "update", name
    return ("tkey" if struct.unpack(">H", data[at + 1:at + 3])[0] == TKEY else "plain"), name


def badkey(answer, key):
    """NOTAUTH and a TSIG without a MAC, as RFC 8945 section 5.3.2 has it."""
    zone = answer[12:answer.index(b"\0", 12) + 5]
    rdata = (b"\x08gss-tsig\0" + struct.pack(">Q", int(time.time()))[2:] + struct.pack(">HH", 300, 0) +
             answer[:2] + struct.pack(">HH", 17, 0))
    return (answer[:2] + struct.pack(">5H", 0xa809, 1, 0, 0, 1) + zone + key +
            struct.pack(">HHIH", 250, 255, 0, len(rdata)) + rdata)


class Proxy(socketserver.BaseRequestHandler):
    def handle(self):
        global forged_key
        log("connection")
        upstream = socket.create_connection((server, 53))
        threading.Thread(target=self.back, args=(upstream,), daemon=True).start()
        try:
            while True:
                query = message(self.request)
                what, name = kind(query)
                if what == "tkey":
                    log("key " + name)
                    self.key = query[12:12 + len(name) + 1]
                    forged_key = forged_key or self.key
                if what == "update" and case == "update-held":
                    log("held")
                    while not os.path.exists(go_file):
                        time.sleep(0.05)
                put(upstream, query)
        except (EOFError, OSError):
            pass
        self.end(upstream)

    def is_last(self, answer):
        what = kind(answer)[0]
        if case not in ("first-answer", what + "-answer") or (closed and not always):
            return False
        closed.append(what)
        log("closed")
        return True

    def back(self, upstream):
        try:
            while True:
                answer = message(upstream)
                is_last = self.is_last(answer)
                if case == "update-forged" and kind(answer)[0] == "update":
                    if always or self.key == forged_key:
                        answer = badkey(answer, self.key)
                put(self.request, answer)
                if is_last:
                    break
        except (EOFError, OSError):
            pass
        self.end(upstream)

    def end(self, upstream):
        for sock in (upstream, self.request):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Server(socketserver.ThreadingTCPServer):
    address_family = socket.AF_INET6
    allow_reuse_address = True
    daemon_threads = True


Server(("::", 5398), Proxy).serve_forever()
