"""dns_age.py ZONE NAME HOURS [TYPE]: moves the timestamps of a name's records
HOURS into the past (into the future when HOURS is negative) and changes no
other byte. Static records have no age: they are an error.
"""
import sys

import ldb

from dns_store import (fail, find_zones, open_database, record_stamp, record_type,
                       record_with_stamp, type_name, type_number)


def aged(record, hours, wanted, where):
    if wanted is not None and record_type(record) != wanted:
        return record
    label = f"{where} {type_name(record_type(record))}"
    stamp = record_stamp(record)
    if stamp == 0:
        fail(f"{label} is static (timestamp 0); nothing was changed; "
             "name a TYPE to age only the dynamic records")
    if not 0 < stamp - hours < 2 ** 32:
        fail(f"{label}: timestamp {stamp} cannot be moved by {hours} hours")
    print(f"{label}: {stamp} -> {stamp - hours}")
    return record_with_stamp(record, stamp - hours)


def main():
    if len(sys.argv) not in (4, 5):
        fail("usage: ZONE NAME HOURS [TYPE]")
    zone, name = sys.argv[1:3]
    try:
        hours = int(sys.argv[3])
    except ValueError:
        fail(f"HOURS is a whole number, not {sys.argv[3]}")
    wanted = type_number(sys.argv[4]) if len(sys.argv) == 5 else None

    samdb = open_database()
    # Reading and writing in one transaction: no update can come between.
    samdb.transaction_start()
    try:
        changed = age_name(samdb, zone, name, hours, wanted)
    except BaseException:
        samdb.transaction_cancel()
        raise
    samdb.transaction_commit()
    if not changed:
        kind = "" if wanted is None else type_name(wanted) + " "
        fail(f"{name} in {zone} has no {kind}record to age")


def age_name(samdb, zone, name, hours, wanted):
    nodes = []
    for zone_dn in find_zones(samdb, zone):
        nodes += samdb.search(
            base=zone_dn, scope=ldb.SCOPE_ONELEVEL, attrs=["dnsRecord"],
            expression="(&(objectClass=dnsNode)(dc=%s))" % ldb.binary_encode(name))
    if not nodes:
        fail(f"there is no name {name} in {zone}")
    changed = 0
    for node in nodes:
        old = [bytes(value) for value in node.get("dnsRecord", [])]
        new = [aged(value, hours, wanted, f"{name}.{zone}") for value in old]
        if new == old:
            continue
        message = ldb.Message(node.dn)
        message["dnsRecord"] = ldb.MessageElement(new, ldb.FLAG_MOD_REPLACE, "dnsRecord")
        samdb.modify(message)
        changed += 1
    return changed


main()
