"""A DNS server on TCP port 5399 that passes everything on to Samba but TKEY: that is refused."""
import socket
import socketserver
import struct


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


def asked_type(query):
    at = 12
    while query[at]:
        at += 1 + query[at]
    return struct.unpack(">H", query[at + 1:at + 3])[0], at + 5


class Refuser(socketserver.BaseRequestHandler):
    def handle(self):
        samba = socket.create_connection(("10.53.0.10", 53))
        try:
            while True:
                query = message(self.request)
                kind, end = asked_type(query)
                if kind == 249:
                    answer = query[:2] + b"\x80\x05\0\1\0\0\0\0\0\0" + query[12:end]
                else:
                    samba.sendall(struct.pack(">H", len(query)) + query)
                    answer = message(samba)
                self.request.sendall(struct.pack(">H", len(answer)) + answer)
        except EOFError:
            pass


class Server(socketserver.ThreadingTCPServer):
    address_family = socket.AF_INET6
    allow_reuse_address = True
    daemon_threads = True


Server(("::", 5399), Refuser).serve_forever()
