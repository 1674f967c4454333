# shellcheck shell=bash
# What scenarios with zones on ns1 share that are read by transfer. Sourced after lib.sh.
# shellcheck disable=SC2034,SC2154
ns1=10.53.0.20
key=/run/transfer.$$.key

# served_zones ZONE...: those that served_scavenge judges; needs ns1 and its key on admin.
served_zones() {
    served=("$@")
    must "$lab" up ns1
    on ns1 -- cat /etc/bind/transfer.key </dev/null >"$work/key"
    on admin -- sh -c 'umask 077; cat >"$0"' "$key" <"$work/key"
    at_exit "on admin -- rm -f $key"
}

# host_lines NAME ADDRESS HOURS: a host and its heartbeat, as zone file lines
host_lines() { printf '%s A %s\n%s TXT "v=muster1 seen=%s"\n' "$1" "$2" "$1" "$3"; }

serve_zone() {  # ZONE FILE [WHO]: its records; SOA and NS are added; WHO may transfer it
    on ns1 -- rndc delzone "$1" >/dev/null 2>&1 </dev/null
    {
        printf '$ORIGIN %s.\n$TTL 1200\n' "$1"
        echo "@ SOA ns1.lab.example.test. hostmaster 1 900 600 86400 300"
        echo "@ NS ns1.lab.example.test."
        cat "$2"
    } | on ns1 -- sh -c 'cat >"$0"; rm -f "$0.jnl"; chown bind:bind "$0"' "/var/lib/bind/$1.zone"
    must on ns1 -- rndc addzone "$1" "{ type primary; file \"/var/lib/bind/$1.zone\"; check-names ignore;
        allow-transfer { ${3:-key lab-transfer}; };
        update-policy { grant \"Administrator\\@$realm\" zonesub ANY; grant lab-transfer zonesub ANY; }; };"
    at_exit "on ns1 -- rndc delzone $1"
}

served_arguments() {
    printf '%s\n' scavenge "${served[@]}" --source axfr --server "$ns1" --state-dir "$state_dir" --key "$key"
}

served_scavenge() {  # ARG...
    local arguments
    mapfile -t arguments < <(served_arguments)
    muster_on admin "${arguments[@]}" "$@"
}

# hold_served ARG...: with --apply, stopped with the journal written and nothing sent
hold_served() {
    local arguments
    mapfile -t arguments < <(served_arguments)
    on admin -- sh -c 'umask 077; mkdir -p "$0/runs"' "$state_dir"
    hold_muster_at fsync:signal=SIGSTOP:when=1 admin "${arguments[@]}" --apply --json "$@" && next_stop
}

served_update() {  # what others write meanwhile: the update's lines on standard input
    { echo "server $ns1"; cat; echo send; } >"$work/update"
    on admin -- nsupdate -k "$key" <"$work/update"
}

served_says() { on admin -- dig +short +tcp "@$ns1" "$1" "$2" </dev/null | sort | xargs -d '\n'; }  # NAME TYPE
served_serial() { on admin -- dig +short "@$ns1" "$1" SOA </dev/null | cut -d' ' -f3; }  # ZONE
served_zone_text() { on admin -- dig +noall +answer +onesoa -k "$key" "@$ns1" "$1" AXFR </dev/null; }  # ZONE
