"""dc_replicate.py DC DC SECONDS: replicates every partition, both ways.

Succeeds when each of them has fetched everything from the other. Tries for so
long, as a new partner and its principals are known to the other DC only when
that one has looked again. Runs on one of the two, with its own account.
"""
import sys
import time

from ldb import LdbError
from samba import drs_utils
from samba.auth import system_session
from samba.credentials import MUST_USE_KERBEROS, Credentials
from samba.param import LoadParm
from samba.samdb import SamDB
from samba.dcerpc import drsuapi

from dns_store import fail


def own_credentials(lp):
    creds = Credentials()
    creds.guess(lp)
    creds.set_machine_account(lp)
    creds.set_kerberos_state(MUST_USE_KERBEROS)
    return creds


def connect(server, lp, creds):
    samdb = SamDB(url=f"ldap://{server}", session_info=system_session(lp),
                  credentials=creds, lp=lp)
    drs, handle, _ = drs_utils.drsuapi_connect(server, lp, creds)
    return samdb, drs, handle


def replicate(to, source_guid, partition):
    _, drs, handle = to
    drs_utils.sendDsReplicaSync(drs, handle, source_guid, partition,
                                drsuapi.DRSUAPI_DRS_WRIT_REP)


def insist(deadline, what, action):
    while True:
        try:
            return action()
        except (drs_utils.drsException, LdbError, RuntimeError) as error:
            if time.monotonic() >= deadline:
                fail(f"{what}: {error}")
            print(f"{what}: {error}", flush=True)
            time.sleep(0.5)


def main():
    if len(sys.argv) != 4 or not sys.argv[3].isdigit():
        fail("usage: DC DC SECONDS")
    names, deadline = sys.argv[1:3], time.monotonic() + int(sys.argv[3])
    lp = LoadParm()
    lp.load_default()
    creds = own_credentials(lp)
    dcs = [insist(deadline, name, lambda name=name: connect(name, lp, creds))
           for name in names]
    partitions = [str(value) for value in dcs[0][0].search(
        base="", scope=0, attrs=["namingContexts"])[0]["namingContexts"]]
    for source, to in ((0, 1), (1, 0)):
        guid = str(dcs[source][0].get_ntds_GUID())
        for partition in partitions:
            what = f"{partition} from {names[source]} to {names[to]}"
            insist(deadline, what,
                   lambda: replicate(dcs[to], guid, partition))
            print(what)


main()
