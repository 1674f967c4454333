"""The nodes of a zone as they were, for benches that scavenge one zone again and again.

  save ZONE FILE   note what dnsRecord every node has
  put-back FILE    those that are tombstones have it again, and no dNSTombstoned, as if it had
                   never been there

In Samba's database, not over LDAP, many nodes in one transaction: nothing is left behind that
would make the next run dearer, as deleted zones do (their nodes stay in the index).
"""
import json
import sys

import ldb

sys.path.append("/lab")
from dns_store import find_zones, open_database  # noqa: E402

BATCH = 1000


def save(zone, path):
    samdb = open_database()
    found = samdb.search(base=find_zones(samdb, zone)[0], scope=ldb.SCOPE_ONELEVEL,
                         expression="(objectClass=dnsNode)", attrs=["dnsRecord"])
    with open(path, "w", encoding="ascii") as out:
        json.dump({str(node.dn): [bytes(value).hex() for value in node["dnsRecord"]]
                   for node in found}, out)


def message(samdb, dn, values):
    change = ldb.Message(ldb.Dn(samdb, dn))
    change["dnsRecord"] = ldb.MessageElement([bytes.fromhex(value) for value in values],
                                             ldb.FLAG_MOD_REPLACE, "dnsRecord")
    change["dNSTombstoned"] = ldb.MessageElement([], ldb.FLAG_MOD_REPLACE, "dNSTombstoned")
    return change


def put_back(path):
    samdb = open_database(["batch_mode:1"])
    with open(path, encoding="ascii") as saved:
        nodes = json.load(saved)
    zone_dn = next(iter(nodes)).split(",", 1)[1]
    found = samdb.search(base=zone_dn, scope=ldb.SCOPE_ONELEVEL, expression="(dNSTombstoned=TRUE)",
                         attrs=["dc"])
    dead = [str(node.dn) for node in found]
    for start in range(0, len(dead), BATCH):
        samdb.transaction_start()
        for dn in dead[start:start + BATCH]:
            samdb.modify(message(samdb, dn, nodes[dn]))
        samdb.transaction_commit()
    print(len(dead))


if sys.argv[1] == "save":
    save(*sys.argv[2:])
else:
    put_back(*sys.argv[2:])
