# shellcheck shell=bash
# A host between admin and a DNS server that changes zone transfers (tamper.py). Sourced after lib.sh.
# shellcheck disable=SC2154
tampering=

# What admin sends to TCP port 53 of the server comes to it, whatever name or address was asked for.
tamper() {  # LAST-NUMBER-OF-THE-SERVER MODE...
    untamper
    rm -f "$work/tamper"
    "$lab" exec admin -- python3 "$lab_here/tamper.py" "10.53.0.$1" 5399 "${@:2}" \
        </dev/null >"$work/tamper" 2>"$work/tamper.err" &
    tampering=$!
    until grep -q ready "$work/tamper" 2>/dev/null; do
        kill -0 "$tampering" 2>/dev/null || bail "no host between: $(cat "$work/tamper.err")"
        sleep 0.05
    done
    must on admin -- nft -f - <<RULES
table inet tamper {
    chain out {
        type nat hook output priority -100
        meta mark != 1 ip daddr 10.53.0.$1 tcp dport 53 dnat ip to 10.53.0.50:5399
        meta mark != 1 ip6 daddr fd53::$1 tcp dport 53 dnat ip6 to [fd53::50]:5399
    }
}
RULES
}

untamper() {
    on admin -- nft delete table inet tamper 2>/dev/null </dev/null
    [[ -z $tampering ]] || { kill "$tampering"; wait "$tampering"; } 2>/dev/null
    tampering=
}
at_exit untamper
