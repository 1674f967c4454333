"""Samba's own scavenger and its own decoder of DNS records, for scenarios that compare.

  copy DIR      a copy of the domain's database, made while nobody else can write
  scavenge DIR  what Samba's periodic task does, on that copy; prints the seconds it took
  decode        ZONE NAME BASE64 lines from standard input become ZONE NAME TYPE DATA STAMP
"""
import base64
import os
import shutil
import sys
import time

from samba import dsdb
from samba.auth import system_session
from samba.dcerpc import dnsp
from samba.ndr import ndr_unpack
from samba.param import LoadParm
from samba.samdb import SamDB

PRIVATE = "/var/lib/samba/private"
TYPES = {0: "TOMBSTONE", 1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 15: "MX", 16: "TXT",
         28: "AAAA", 33: "SRV"}


def open_database(directory):
    lp = LoadParm()
    lp.load_default()
    lp.set("private dir", directory)
    return SamDB(url=os.path.join(directory, "sam.ldb"), session_info=system_session(lp), lp=lp)


def copy(directory):
    live = open_database(PRIVATE)
    os.makedirs(directory)
    live.transaction_start()
    try:
        for name in ("sam.ldb", "sam.ldb.d", "secrets.ldb", "encrypted_secrets.key"):
            source = os.path.join(PRIVATE, name)
            if os.path.isdir(source):
                shutil.copytree(source, os.path.join(directory, name))
            elif os.path.exists(source):
                shutil.copy2(source, os.path.join(directory, name))
    finally:
        live.transaction_cancel()


def data_text(record):
    data = record.data
    if record.wType == dnsp.DNS_TYPE_TXT:
        return ",".join(data.str)
    if record.wType == dnsp.DNS_TYPE_SRV:
        return f"{data.wPriority},{data.wWeight},{data.wPort},{data.nameTarget}"
    if record.wType == dnsp.DNS_TYPE_MX:
        return f"{data.wPriority},{data.nameTarget}"
    return str(data) if isinstance(data, (str, int)) else "-"


def decode():
    for line in sys.stdin:
        zone, name, value = line.split()
        record = ndr_unpack(dnsp.DnssrvRpcRecord, base64.b64decode(value))
        kind = TYPES.get(record.wType, f"TYPE{record.wType}")
        print(zone, name, kind, data_text(record), record.dwTimeStamp)


def main():
    what, *rest = sys.argv[1:]
    if what == "copy":
        copy(*rest)
    elif what == "scavenge":
        samdb = open_database(*rest)
        begin = time.monotonic()
        dsdb._scavenge_dns_records(samdb)
        print(f"{time.monotonic() - begin:.2f}")
    else:
        decode()


main()
