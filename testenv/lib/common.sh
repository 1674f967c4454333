# shellcheck shell=bash
# What every part of the lab agrees on: the domain, the places, the messages.
# Sourced; the constants are used by the files that source it.
# shellcheck disable=SC2034

lab_domain=ad.example.test
lab_realm=AD.EXAMPLE.TEST
lab_netbios=AD
lab_dns_server=10.53.0.10
# The one password of the lab; the domain is reachable from its namespaces only.
lab_password=Lab-Passw0rd

lab_top=$(cd "$lab_dir/.." && pwd)
# Namespaces and node files; gone after `lab down`.
lab_run=/run/muster-lab
# The servers' live volumes, on disk as they may outgrow a small tmpfs.
lab_volumes=/var/lib/muster-lab
# Provisioned volumes, kept from one `lab up` to the next.
lab_cache=${MUSTER_LAB_CACHE:-/var/cache/muster-lab}

say() { echo "lab: $*" >&2; }

die() {
    echo "lab: $*" >&2
    exit 1
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
