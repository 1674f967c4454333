# shellcheck shell=bash
# What the scenarios about finding a controller and passing over a bad one share.
# Sourced after lib.sh.  They need dc2, which the other scenarios do not know: run
# resets the lab after the last of them.
# shellcheck disable=SC2034,SC2154,SC2119,SC2120

dc2_address=10.53.0.11
others="10.53.0.101 10.53.0.50"       # host1 and admin, for whom dc1 is bad
others6="fd53::101 fd53::50"
dc1_container=muster-lab${MUSTER_LAB_INSTANCE:+-$MUSTER_LAB_INSTANCE}-dc1
memory=/var/lib/muster/dc.json

# Both controllers up and agreed, both resolvers of host and admin; host1 joined and unknown.
need_two_controllers() {
    local node
    must "$lab" up dc1 dc2
    must on dc1 -- nft flush ruleset
    at_exit "on dc1 -- nft flush ruleset"
    need_host "$host"
    for node in "$host" admin; do
        must on "$node" -- sh -c 'cp /etc/resolv.conf /etc/resolv.conf.lab
            printf "nameserver %s\nnameserver %s\n" "$0" "$1" >/etc/resolv.conf' "$dc_address" "$dc2_address"
        at_exit "on $node -- sh -c 'cat /etc/resolv.conf.lab >/etc/resolv.conf'"
    done
    # What only looks makes no directory, so admin's has to be there.
    must on admin -- install -d -m 700 /var/lib/muster
    agree
    forget_controller
}

agree() { must on dc2 -- python3 /lab/dc_replicate.py "dc1.$domain" "dc2.$domain" 60; }

# From now on dig and ldapsearch of this scenario ask dc2.
look_at_dc2() { dc=dc2.$domain dc_address=$dc2_address; }
look_at_dc1() { dc=dc1.$domain dc_address=10.53.0.10; }

forget_controller() { on "$host" -- rm -f $memory; on admin -- rm -f $memory; }

# The memory as if dc1 had been used last.
remember_dc1() {  # [NODE]
    on "${1:-$host}" -- sh -c 'jq ".domains[].controllers |= sort_by(.name)" $0 >$0.new && cat $0.new >$0' $memory
}

remembered() { on "$host" -- jq -r '.domains["'"$domain"'"].controllers[0].name' $memory; }

# What the nodes of $others send to dc1 is lost (drop) or refused, on all ports or those given.
to_dc1() {  # drop|refuse [RULE]
    local verdict=drop set4 set6
    set4=$(tr ' ' , <<<"$others") set6=$(tr ' ' , <<<"$others6")
    {
        echo "add table inet failover"
        echo "flush table inet failover"
        echo "add chain inet failover in { type filter hook input priority 0 ; }"
        for from in "ip saddr { $set4 }" "ip6 saddr { $set6 }"; do
            if [[ $1 == refuse ]]; then
                echo "add rule inet failover in $from meta l4proto tcp ${2:-} reject with tcp reset"
                [[ -n ${2:-} ]] || echo "add rule inet failover in $from meta l4proto udp reject"
            else
                echo "add rule inet failover in $from ${2:-} $verdict"
            fi
        done
    } >"$work/rules"
    must on dc1 -- nft -f - <"$work/rules"
}

dc1_is_well() { must on dc1 -- nft flush ruleset; }

# A TCP port of dc1 that accepts connections and is silent, for the nodes of $others.
half_open() {  # PORT
    accept_elsewhere "$1" 5399
    run_on_dc1 -c 'import socket, time
l = socket.socket(socket.AF_INET6)
l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
l.bind(("::", 5399))
l.listen(100)
time.sleep(300)' 5399
}

# A program on dc1 for a while; returns when it listens at PORT.
run_on_dc1() {  # PYTHON-ARG... PORT
    on dc1 -- sh -c 'echo $$ >/run/failover.pid; exec timeout 300 python3 "$@"' sh "${@:1:$#-1}" \
        </dev/null >/dev/null 2>&1 &
    at_exit "on dc1 -- sh -c 'kill \$(cat /run/failover.pid)'"
    for _ in {1..100}; do
        on dc1 -- ss -tln </dev/null | grep -q ":${*: -1} " && return
        sleep 0.1
    done
    bail "nothing listens at port ${*: -1} of dc1"
}

stop_on_dc1() { on dc1 -- sh -c 'kill $(cat /run/failover.pid)' 2>/dev/null; dc1_is_well; }

# Connections to a port of dc1 come to another one, for the nodes of $others.
accept_elsewhere() {  # PORT OTHER-PORT [udp]
    local set4 set6 kind=${3:-tcp}
    set4=$(tr ' ' , <<<"$others") set6=$(tr ' ' , <<<"$others6")
    {
        echo "add table inet turned"
        echo "add chain inet turned in { type nat hook prerouting priority -100 ; }"
        echo "add rule inet turned in ip saddr { $set4 } $kind dport $1 redirect to :$2"
        echo "add rule inet turned in ip6 saddr { $set6 } $kind dport $1 redirect to :$2"
    } >"$work/rules"
    must on dc1 -- nft -f - <"$work/rules"
}

registers_at() {  # DESCRIPTION SERVER ARG...
    muster_on "$host" register --json "${@:3}"
    exits "$1: register succeeds" 0
    json_is "$1: at ${2%%.*}" .server.name "\"$2\""
}

# Milliseconds of the quickest of five runs: what the machine's load adds is left out.
quickest() {  # BEFORE-EACH
    local best=999999 started took
    for _ in 1 2 3 4 5; do
        eval "$1"
        started=$(date +%s%N)
        muster_on "$host" register --json
        took=$(( ($(date +%s%N) - started) / 1000000 ))
        [[ $status == 0 ]] || took=999999
        (( took >= best )) || best=$took
    done
    echo "$best"
}
