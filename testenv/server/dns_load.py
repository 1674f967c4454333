"""dns_load.py ZONE COUNT [SEED]: adds COUNT synthetic names to a zone.

pc000000, pc000001, ... in the default domain's own form: one A record, for
every third name an AAAA record of the same timestamp too. By SEED, each name is
  60 %  fresh   stamped 0 to 160 hours ago (inside no-refresh)
  30 %  stale   stamped 400 to 2000 hours ago (past no-refresh + refresh, 336 h)
  10 %  static  timestamp 0
The same COUNT and SEED give the same names, addresses and ages.
"""
import ipaddress
import random
import sys

import ldb

from dns_store import (TYPES, fail, find_zones, hours_now, open_database,
                       record_build)

# The database writer must let others in now and then.
BATCH = 1000
TTL = 1200
FIRST_IPV4 = int(ipaddress.IPv4Address("10.64.0.0"))
FIRST_IPV6 = int(ipaddress.IPv6Address("fd53:0:0:1::"))


def stamp_of(choice, now):
    share = choice.random()
    if share < 0.60:
        return now - choice.randint(0, 160)
    if share < 0.90:
        return now - choice.randint(400, 2000)
    return 0


def records(number, stamp, serial):
    ipv4 = (FIRST_IPV4 + number).to_bytes(4, "big")
    found = [record_build(TYPES["A"], ipv4, TTL, serial, stamp)]
    if number % 3 == 0:
        ipv6 = (FIRST_IPV6 + number).to_bytes(16, "big")
        found.append(record_build(TYPES["AAAA"], ipv6, TTL, serial, stamp))
    return found


def add_batch(samdb, zone_dn, numbers, choice, now):
    samdb.transaction_start()
    try:
        for number in numbers:
            name = f"pc{number:06d}"
            dn = ldb.Dn(samdb, f"DC={name},{zone_dn}")
            samdb.add({"dn": dn, "objectClass": ["top", "dnsNode"],
                       "dnsRecord": records(number, stamp_of(choice, now), 1)})
    except BaseException:
        samdb.transaction_cancel()
        raise
    samdb.transaction_commit()


def main():
    if len(sys.argv) not in (3, 4) or not sys.argv[2].isdigit():
        fail("usage: ZONE COUNT [SEED]")
    zone, count = sys.argv[1], int(sys.argv[2])
    choice = random.Random(sys.argv[3] if len(sys.argv) == 4 else "1")
    now = hours_now()
    # No inner transaction for each add: those copy the whole index every time.
    samdb = open_database(["batch_mode:1"])
    zone_dn = find_zones(samdb, zone)[0]
    for start in range(0, count, BATCH):
        try:
            add_batch(samdb, zone_dn, range(start, min(start + BATCH, count)), choice, now)
        except ldb.LdbError as error:
            if error.args[0] == ldb.ERR_ENTRY_ALREADY_EXISTS:
                fail(f"{zone} already holds loaded names; run: testenv/lab reset")
            raise
    print(f"{count} names loaded into {zone}")


main()
