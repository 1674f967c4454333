"""logon_age.py COMPUTER HOURS: moves the last logon and the password of a computer
account HOURS into the past, as if its machine had not been seen since.
"""
import sys

import ldb
from samba import dsdb

from dns_store import fail, open_database

HOUR = 3600 * 10 ** 7  # in units of 100 ns
STAMPS = ("lastLogonTimestamp", "lastLogon", "pwdLastSet")


def main():
    if len(sys.argv) != 3 or not sys.argv[2].isdigit():
        fail("usage: COMPUTER HOURS")
    name, hours = sys.argv[1], int(sys.argv[2])
    samdb = open_database()
    found = samdb.search(
        base=samdb.domain_dn(), scope=ldb.SCOPE_SUBTREE, attrs=list(STAMPS),
        expression="(&(objectClass=computer)(cn=%s))" % ldb.binary_encode(name))
    if not found:
        fail(f"there is no computer {name}")
    message = ldb.Message(found[0].dn)
    for stamp in STAMPS:
        value = int(str(found[0].get(stamp, ["0"])[0]))
        if value == 0:
            continue
        print(f"{name} {stamp}: {value} -> {value - hours * HOUR}")
        message[stamp] = ldb.MessageElement(
            str(value - hours * HOUR), ldb.FLAG_MOD_REPLACE, stamp)
    if len(message) == 0:
        fail(f"{name} has never logged on")
    # The server keeps these attributes to itself otherwise.
    samdb.modify(message, controls=[
        "relax:0", "local_oid:%s:0" % dsdb.DSDB_CONTROL_BYPASS_PASSWORD_HASH_OID])


main()
