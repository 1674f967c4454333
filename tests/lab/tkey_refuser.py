"""A DNS server on TCP port 5399 that passes everything on to Samba but TKEY: that is refused."""
from dns_proxy import Proxy, kind, put, question, serve


class Refuser(Proxy):
    def on_query(self, query):
        if kind(query) != "tkey":
            return query
        put(self.request, query[:2] + b"\x80\x05\0\1\0\0\0\0\0\0" + query[12:question(query)[2]])
        return None


serve(5399, Refuser)
