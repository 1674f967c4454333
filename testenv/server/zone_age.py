"""zone_age.py ZONE HOURS: moves the time at which a zone's settings (dNSProperty)
were last changed HOURS into the past, as if its aging had been switched on then.
Only replPropertyMetaData says so: the settings themselves keep every byte.
"""
import sys

import ldb
from samba.dcerpc import drsblobs
from samba.ndr import ndr_pack, ndr_unpack

from dns_store import fail, find_zones, open_database

DNSPROPERTY = 0x0009051A  # the attribute's number in metadata (ATTRTYP)
HOUR = 3600 * 10 ** 7  # in units of 100 ns
# Samba keeps the attribute to itself without it: DSDB_CONTROL_CHANGEREPLMETADATA_OID.
CHANGE_METADATA = "local_oid:1.3.6.1.4.1.7165.4.3.14:0"


def age_zone(samdb, dn, hours):
    found = samdb.search(base=dn, scope=ldb.SCOPE_BASE, attrs=["replPropertyMetaData"])[0]
    blob = ndr_unpack(drsblobs.replPropertyMetaDataBlob, bytes(found["replPropertyMetaData"][0]))
    entries = blob.ctr.array
    for entry in entries:
        if entry.attid == DNSPROPERTY:
            entry.originating_change_time -= hours * HOUR
            # A change like any other, so that other DCs take it over.
            entry.version += 1
            entry.originating_usn = entry.local_usn = samdb.sequence_number(ldb.SEQ_NEXT)
            break
    else:
        fail(f"{dn} has no settings")
    blob.ctr.array = entries
    message = ldb.Message(dn)
    message["replPropertyMetaData"] = ldb.MessageElement(
        ndr_pack(blob), ldb.FLAG_MOD_REPLACE, "replPropertyMetaData")
    samdb.modify(message, [CHANGE_METADATA])


def main():
    if len(sys.argv) != 3 or not sys.argv[2].isdigit():
        fail("usage: ZONE HOURS")
    samdb = open_database()
    for dn in find_zones(samdb, sys.argv[1]):
        age_zone(samdb, dn, int(sys.argv[2]))


main()
