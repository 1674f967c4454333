"""Where Samba keeps DNS zones, and the few fields of a dnsRecord the lab needs.

Runs on a DC, on its own database; layout of a record: MS-DNSP 2.3.2.2.
"""
import os
import struct
import sys
import time

import ldb
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB

TYPES = {"TOMBSTONE": 0, "A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12,
         "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33}
TYPE_NAMES = {number: name for name, number in TYPES.items()}


def fail(message):
    sys.exit(f"{os.path.basename(sys.argv[0])}: {message}")


def type_number(text):
    text = text.upper()
    if text in TYPES:
        return TYPES[text]
    digits = text[4:] if text.startswith("TYPE") else text
    if digits.isdigit() and int(digits) < 65536:
        return int(digits)
    fail(f"unknown record type {text}")


def type_name(number):
    return TYPE_NAMES.get(number, f"TYPE{number}")


def hours_now():
    """Hours since 1601-01-01 UTC, the unit of record timestamps."""
    return int(time.time()) // 3600 + 3234576


def record_type(record):
    return struct.unpack_from("<H", record, 2)[0]


def record_stamp(record):
    return struct.unpack_from("<I", record, 20)[0]


def record_with_stamp(record, stamp):
    """The same record, every other byte as it was."""
    return record[:20] + struct.pack("<I", stamp) + record[24:]


def record_build(number, data, ttl, serial, stamp):
    header = struct.pack("<HHBBHI", len(data), number, 5, 0xF0, 0, serial)
    return header + struct.pack(">I", ttl) + struct.pack("<II", 0, stamp) + data


def open_database(options=None):
    lp = LoadParm()
    lp.load_default()
    return SamDB(url=lp.samdb_url(), session_info=system_session(lp), lp=lp,
                 options=options)


def find_zones(samdb, zone):
    """The DNs of every zone of that name, whatever partition it is in."""
    root = samdb.search(base="", scope=ldb.SCOPE_BASE, attrs=["namingContexts"])[0]
    found = []
    for context in root["namingContexts"]:
        context = str(context)
        for parent in ("CN=MicrosoftDNS,", "CN=MicrosoftDNS,CN=System,"):
            try:
                found += samdb.search(
                    base=parent + context, scope=ldb.SCOPE_ONELEVEL, attrs=["dc"],
                    expression="(&(objectClass=dnsZone)(dc=%s))" % ldb.binary_encode(zone))
            except ldb.LdbError as error:
                if error.args[0] != ldb.ERR_NO_SUCH_OBJECT:
                    raise
    if not found:
        fail(f"there is no zone {zone}")
    return [zone_entry.dn for zone_entry in found]
