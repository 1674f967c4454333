"""cut_off.py CASE: a DNS server on TCP port 5399 that passes everything on to Samba, and at one
point of the negotiation is no longer there:
  tkey-unanswered    closes when the first TKEY question has come
  tkey-answered      closes after passing on the answer to a TKEY question
  update-swallowed   an UPDATE goes nowhere, and the connection stays open
  answer-swallowed   the UPDATE is passed on, its answer is not
  answer-spoiled     the answer is passed on with a bit of its MAC turned
Each connection is treated so."""
import socket
import socketserver
import struct
import sys
import threading

SAMBA = ("10.53.0.10", 53)
UPDATE, TKEY = 5, 249
case = sys.argv[1]
assert case in ("tkey-unanswered", "tkey-answered", "update-swallowed", "answer-swallowed",
                "answer-spoiled")


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


def opcode(data):
    return data[2] >> 3 & 15


def is_tkey(data):
    at = 12
    while data[at]:
        at += 1 + data[at]
    return struct.unpack(">H", data[at + 1:at + 3])[0] == TKEY


class CutOff(socketserver.BaseRequestHandler):
    def handle(self):
        samba = socket.create_connection(SAMBA)
        threading.Thread(target=self.back, args=(samba,), daemon=True).start()
        try:
            while True:
                query = message(self.request)
                if case == "tkey-unanswered" and is_tkey(query):
                    break
                # Behind the answer that is the last it may come before the connection is closed.
                if case in ("update-swallowed", "tkey-answered") and opcode(query) == UPDATE:
                    continue
                put(samba, query)
        except (EOFError, OSError):
            pass
        self.close(samba)

    def back(self, samba):
        try:
            while True:
                answer = message(samba)
                if case == "answer-swallowed" and opcode(answer) == UPDATE:
                    continue
                if case == "answer-spoiled" and opcode(answer) == UPDATE:
                    # Behind the MAC: original ID, error, length of other data (RFC 8945 section 4.2).
                    answer = answer[:-7] + bytes([answer[-7] ^ 1]) + answer[-6:]
                put(self.request, answer)
                if case == "tkey-answered" and is_tkey(answer):
                    break
        except (EOFError, OSError):
            pass
        self.close(samba)

    def close(self, samba):
        for sock in (samba, self.request):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Server(socketserver.ThreadingTCPServer):
    address_family = socket.AF_INET6
    allow_reuse_address = True
    daemon_threads = True


Server(("::", 5399), CutOff).serve_forever()
