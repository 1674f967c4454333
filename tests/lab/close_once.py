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
import struct
import sys
import threading
import time

from dns_proxy import ANY, TSIG, Proxy, kind, question, serve

case, server, log_file = sys.argv[1:4]
go_file = sys.argv[4] if len(sys.argv) > 4 else ""
always = case.endswith("-always")
case = case.removesuffix("-always")
assert case in ("first-answer", "tkey-answer", "update-answer", "update-forged", "update-held")
lock = threading.Lock()
closed = []
forged_key = b""


def log(line):
    with lock, open(log_file, "a", encoding="ascii") as file:
        file.write(line + "\n")


def badkey(answer, key):
    """NOTAUTH and a TSIG without a MAC, as RFC 8945 section 5.3.2 has it."""
    zone = answer[12:question(answer)[2]]
    rdata = (b"\x08gss-tsig\0" + struct.pack(">Q", int(time.time()))[2:] + struct.pack(">HH", 300, 0) +
             answer[:2] + struct.pack(">HH", 17, 0))
    return (answer[:2] + struct.pack(">5H", 0xa809, 1, 0, 0, 1) + zone + key +
            struct.pack(">HHIH", TSIG, ANY, 0, len(rdata)) + rdata)


class CloseOnce(Proxy):
    upstream = (server, 53)

    def setup(self):
        log("connection")

    def on_query(self, query):
        global forged_key
        what = kind(query)
        if what == "tkey":
            name = question(query)[0]
            log("key " + name)
            self.key = query[12:12 + len(name) + 1]
            forged_key = forged_key or self.key
        if what == "update" and case == "update-held":
            log("held")
            while not os.path.exists(go_file):
                time.sleep(0.05)
        return query

    def on_answer(self, answer):
        what = kind(answer)
        if case == "update-forged" and what == "update" and (always or self.key == forged_key):
            return badkey(answer, self.key), False
        if case not in ("first-answer", what + "-answer") or (closed and not always):
            return answer, False
        closed.append(what)
        log("closed")
        return answer, True


serve(5398, CloseOnce)
