# shellcheck shell=bash
# A proxy on $other between $host and its DNS server $dc_address. Sourced after lib.sh.
# shellcheck disable=SC2154

proxy_log=/run/close-once.log
proxy_go=/run/close-once.go
proxy_pid=/run/close-once.$$.pid

# What $host sends to TCP port 53 of its server comes to the proxy.
proxied() {  # CASE
    direct
    on "$other" -- sh -c "rm -f $proxy_go $proxy_pid; : >$proxy_log"
    on "$other" -- sh -c 'echo $$ >"$0"; exec /usr/bin/python3 "$@"' $proxy_pid \
        "$lab_here/close_once.py" "$1" "$dc_address" $proxy_log $proxy_go </dev/null >"$work/proxy" 2>&1 &
    for _ in {1..100}; do
        on "$other" -- ss -tln </dev/null | grep -q ':5398 ' && break
        sleep 0.1
    done
    on "$other" -- ss -tln </dev/null | grep -q ':5398 ' || bail "no proxy: $(cat "$work/proxy")"
    must on "$host" -- nft -f - <<RULES
table inet proxied {
    chain out {
        type nat hook output priority -100
        ip daddr $dc_address tcp dport 53 dnat ip to $(ipv4_of "$other"):5398
        ip6 daddr fd53::${dc_address##*.} tcp dport 53 dnat ip6 to [$(ipv6_of "$other")]:5398
    }
}
RULES
}

direct() {
    on "$host" -- nft delete table inet proxied 2>/dev/null
    on "$other" -- sh -c "[ ! -e $proxy_pid ] || kill \$(cat $proxy_pid)" 2>/dev/null
    on "$other" -- rm -f $proxy_pid $proxy_log $proxy_go
}
at_exit direct

proxy_lines() { on "$other" -- grep -cE -- "$1" $proxy_log; }  # REGEX
keys_asked_for() { on "$other" -- sh -c "grep '^key ' $proxy_log | sort -u | wc -l"; }
