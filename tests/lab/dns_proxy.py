"""What the DNS servers in between have in common: messages over TCP, what they ask, and a proxy
that passes everything on but for what those who derive from it do."""
import socket
import socketserver
import struct
import threading

UPDATE, TKEY, ANY = 5, 249, 255
TSIG = 250


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


def question(data):
    """Of the first question, or zone: its name as text, its type, and where it ends."""
    at, name = 12, ""
    while data[at]:
        name += data[at + 1:at + 1 + data[at]].decode("ascii", "replace") + "."
        at += 1 + data[at]
    return name, struct.unpack(">H", data[at + 1:at + 3])[0], at + 5


def kind(data):
    """"update", "tkey" or "plain"."""
    if data[2] >> 3 & 15 == UPDATE:
        return "update"
    return "tkey" if question(data)[1] == TKEY else "plain"


class Proxy(socketserver.BaseRequestHandler):
    """Derive, and say what happens to queries and answers; upstream is its (address, port)."""
    upstream = ("10.53.0.10", 53)

    def on_query(self, query):
        """What is passed on; None: nothing.  EOFError closes the connection."""
        return query

    def on_answer(self, answer):
        """What is passed on (None: nothing), and whether the connection closes behind it."""
        return answer, False

    def connect(self):
        return socket.create_connection(self.upstream)

    def handle(self):
        self.server_side = self.connect()
        threading.Thread(target=self.back, daemon=True).start()
        try:
            while True:
                query = self.on_query(message(self.request))
                if query is not None:
                    put(self.server_side, query)
        except (EOFError, OSError):
            pass
        self.end()

    def back(self):
        is_last = False
        try:
            while not is_last:
                answer, is_last = self.on_answer(message(self.server_side))
                if answer is not None:
                    put(self.request, answer)
        except (EOFError, OSError):
            pass
        self.end()

    def end(self):
        for sock in (self.server_side, self.request):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Server(socketserver.ThreadingTCPServer):
    address_family = socket.AF_INET6
    allow_reuse_address = True
    daemon_threads = True


def serve(port, handler):
    Server(("::", port), handler).serve_forever()
