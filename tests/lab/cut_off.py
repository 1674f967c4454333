"""cut_off.py CASE: a DNS server on TCP port 5399 that passes everything on to Samba, and at one
point of the negotiation is no longer there:
  tkey-unanswered    closes when the first TKEY question has come
  tkey-answered      closes after passing on the answer to a TKEY question
  update-swallowed   an UPDATE goes nowhere, and the connection stays open
  answer-swallowed   the UPDATE is passed on, its answer is not
  answer-spoiled     the answer is passed on with a bit of its MAC turned
Each connection is treated so."""
import sys

from dns_proxy import Proxy, kind, serve

case = sys.argv[1]
assert case in ("tkey-unanswered", "tkey-answered", "update-swallowed", "answer-swallowed",
                "answer-spoiled")


class CutOff(Proxy):
    def on_query(self, query):
        what = kind(query)
        if case == "tkey-unanswered" and what == "tkey":
            raise EOFError
        # Behind the answer that is the last it may come before the connection is closed.
        if case in ("update-swallowed", "tkey-answered") and what == "update":
            return None
        return query

    def on_answer(self, answer):
        what = kind(answer)
        if case == "answer-swallowed" and what == "update":
            return None, False
        if case == "answer-spoiled" and what == "update":
            # Behind the MAC: original ID, error, length of other data (RFC 8945 section 4.2).
            answer = answer[:-7] + bytes([answer[-7] ^ 1]) + answer[-6:]
        return answer, case == "tkey-answered" and what == "tkey"


serve(5399, CutOff)
