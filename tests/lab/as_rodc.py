"""as_rodc.py [PRIMARY]: dc1 as if it were read-only: its NetLogon answers (UDP 5389 for 389) lack
DS_WRITABLE_FLAG, and the SOA of its zones (TCP 5399 for 53) names another primary: the three
letters of dc2, or of another host of the domain."""
import socket
import socketserver
import sys
import threading

from dns_proxy import Proxy, serve

SAMBA = "10.53.0.10"
PRIMARY = (sys.argv[1:] or ["dc2"])[0].encode()


class Ping(socketserver.BaseRequestHandler):
    def handle(self):
        query, answer_to = self.request
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as samba:
            samba.settimeout(5)
            samba.sendto(query, (SAMBA, 389))
            answer = bytearray(samba.recv(65535))
        at = answer.find(b"\x17\0\0\0")
        if b"NetLogon" in query and at >= 0:
            answer[at + 5] &= 0xfe
        answer_to.sendto(answer, self.client_address)


class OtherPrimary(Proxy):
    def on_answer(self, answer):
        return answer.replace(b"\x03dc1", b"\x03" + PRIMARY), False


class Pings(socketserver.ThreadingUDPServer):
    address_family = socket.AF_INET6
    daemon_threads = True


threading.Thread(target=Pings(("::", 5389), Ping).serve_forever, daemon=True).start()
serve(5399, OtherPrimary)
