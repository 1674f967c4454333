# shellcheck shell=bash
# What every part of the lab agrees on: the domains, the places, the messages.
# Sourced; the constants are used by the files that source it.
# shellcheck disable=SC2034

# The one password of the lab; its domains are reachable from its namespaces only.
lab_password=Lab-Passw0rd

say() { echo "lab: $*" >&2; }

die() {
    echo "lab: $*" >&2
    exit 1
}

lab_top=$(cd "$lab_dir/.." && pwd)
# Labs of different names share the saved volumes and the image, nothing else.
lab_instance=${MUSTER_LAB_INSTANCE:-}
[[ -z $lab_instance || $lab_instance =~ ^[a-z0-9]{1,8}$ ]] ||
    die "MUSTER_LAB_INSTANCE is 1 to 8 characters of a-z and 0-9, not '$lab_instance'"
lab_id=muster-lab${lab_instance:+-$lab_instance}
# Namespaces and node files; gone after `lab down`.
lab_run=/run/$lab_id
lab_lock=/run/lock/$lab_id.lock
# The servers' live volumes, on disk as they may outgrow a small tmpfs.
lab_volumes=/var/lib/$lab_id
# Provisioned volumes, kept from one `lab up` to the next.
lab_cache=${MUSTER_LAB_CACHE:-/var/cache/muster-lab}
# An image or a saved volume that nobody used for so long is forgotten.
lab_keep_days=7

# site_load SERVER: what holds for the server and for the hosts that belong to
# it: the domain, the name server, and what the hosts' names end in.
site_load() {
    lab_domain=ad.example.test lab_realm=AD.EXAMPLE.TEST lab_netbios=AD
    lab_suffix=$lab_domain
    case $1 in
    dc1)
        lab_dns_server=10.53.0.10 lab_dns_server6=fd53::10
        ;;
    dc2)
        lab_dns_server=10.53.0.11 lab_dns_server6=fd53::11
        ;;
    ns1)
        lab_dns_server=10.53.0.20 lab_dns_server6=fd53::20
        lab_suffix=lab.example.test
        ;;
    dlz1)
        lab_dns_server=10.53.0.30 lab_dns_server6=fd53::30
        lab_domain=dlz.example.test lab_realm=DLZ.EXAMPLE.TEST lab_netbios=DLZ
        lab_suffix=$lab_domain
        ;;
    *)
        die "no host can belong to '$1'"
        ;;
    esac
}

# with_lock NAME CMD...: one at a time among all labs of this machine.
with_lock() {
    mkdir -p /run/lock
    (
        flock 8
        "${@:2}" 8>&-
    ) 8>"/run/lock/muster-lab.$1"
}

# wait_for SECONDS WHAT CMD...: returns when CMD succeeds.
wait_for() {
    local deadline=$(( SECONDS + $1 )) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        if (( SECONDS >= deadline )); then
            say "$what did not answer in time (asked with: $*)"
            return 1
        fi
        sleep 0.1
    done
}
