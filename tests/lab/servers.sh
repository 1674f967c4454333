# shellcheck shell=bash
# What the scenarios on servers of other kinds share: which server it is about, and one round of
# everything that a host does with it. Sourced after lib.sh; its helpers then speak of that server.
# shellcheck disable=SC2034,SC2154,SC2329

# server_is dc1|dc2|dlz1|ns1: from now on; hosts of other servers than dc1 are started there.
server_is() {
    server=$1
    case $server in
    dc1) server_named dc1.ad.example.test 10.53.0.10 host1 host2 ;;
    dc2) server_named dc2.ad.example.test 10.53.0.11 host1 host2 ;;
    dlz1) server_named dlz1.dlz.example.test 10.53.0.30 host5 host6 ;;
    ns1) server_named ns1.lab.example.test 10.53.0.20 host3 host4 ;;
    *) bail "no server '$server'" ;;
    esac
    reverse4=0.53.10.in-addr.arpa network4=10.53.0 network6=fd53::
    reverse6=0.0.0.0.0.0.0.0.0.0.0.0.3.5.d.f.ip6.arpa
    if [[ $server == ns1 ]]; then
        reverse4=54.10.in-addr.arpa network4=10.54.0 network6=fd54::
        reverse6=0.0.0.0.0.0.0.0.0.0.0.0.4.5.d.f.ip6.arpa
    fi
    name=$host.$domain
}

server_named() {  # FQDN ADDRESS HOST OTHER
    dc=$1 dc_address=$2 host=$3 other=$4
    domain=${1#*.}
    domain_dn=DC=${domain//./,DC=}
}

has_directory() { [[ $server != ns1 ]]; }

# The server and its hosts, as need_host leaves them; what was not up before goes at the end.
need_server() {
    local node where=$server
    [[ $server == dc2 ]] && where=dc1
    for node in "$server" "$host" "$other"; do up_for_now "$node" "$where"; done
    if [[ $server == dlz1 || $server == ns1 ]]; then
        at_exit "'$lab' up admin@dc1"
        must "$lab" up "admin@$server"
    fi
    if [[ $server == ns1 ]]; then
        for node in "$host" "$other"; do need_plain_host "$node"; done
    else
        need_host "$host" "$other"
    fi
    if [[ $server == dc2 ]]; then configure "[muster]" "server = $dc"; fi
}

up_for_now() {  # NODE SERVER
    if [[ ! -d /run/muster-lab${MUSTER_LAB_INSTANCE:+-$MUSTER_LAB_INSTANCE}/$1 && $1 != host[12] && $1 != dc[12] ]]; then
        at_exit "'$lab' down $1"
    fi
    if [[ $1 == host* && $2 != dc1 ]]; then must "$lab" up "$1@$2"; else must "$lab" up "$1"; fi
}

# Its server is no domain controller, its zone not that of the realm: both have to be named. Two
# networks reach the server; only one has reverse zones there, and only it is to be published.
need_plain_host() {  # HOST
    is_joined "$1" || must "$lab" join "$1"
    on "$1" -- rm -rf /var/lib/muster
    configure_on "$1" "[muster]" "server = $dc" \
        "[register]" "hostname = $1.$domain" "exclude = 10.53.0.0/24, fd53::/64"
    plain_delete "$1"
}

plain_delete() {  # HOST: nothing at its names
    must on admin -- nsupdate -g <<LINES
server $dc
update delete $1.$domain
send
update delete $(ptr4_name "10$(number_of "$1")").$reverse4 PTR
send
update delete $(ptr6_of "$1").$reverse6 PTR
send
LINES
}

configure() { configure_on "$host" "$@"; }
configure_on() {  # HOST LINE...
    on "$1" -- sh -c 'printf "%s\n" "$@" >/etc/muster.conf' sh "${@:2}"
    at_exit "on $1 -- rm -f /etc/muster.conf"
}

# Names relative to reverse4, addresses of this server's network.
ptr4_name() { if [[ $server == ns1 ]]; then echo "$1.0"; else echo "$1"; fi; }
address4() { echo "$network4.$1"; }  # LAST-NUMBER
address6() { echo "${network6}10$(number_of "$host")"; }

# The host's addresses from now on: IPv4 by its last number, IPv6 where it is not "".
addresses_are() {  # LAST-NUMBER IPV6
    on "$host" -- sh -c 'ip -4 addr flush dev eth0 scope global
        ip -6 addr flush dev eth0 scope global
        ip addr add "$0/24" brd + dev eth0
        [ -z "$1" ] || ip addr add "$1/64" dev eth0 nodad
        [ -z "$2" ] || ip addr add "10.53.0.10$2/24" brd + dev eth0
        [ -z "$2" ] || ip addr add "fd53::10$2/64" dev eth0 nodad' "$(address4 "$1")" "$2" \
        "$([[ $server != ns1 ]] || number_of "$host")"
}

# --- what lib.sh asks dc1 for

sid_of() {  # ACCOUNT
    on "$server" -- ldbsearch -H /var/lib/samba/private/sam.ldb "(sAMAccountName=$1)" objectSid </dev/null 2>/dev/null |
        awk '/^objectSid:/ { print $2 }'
}

owner_of() {  # ZONE NAME
    local owner
    owner=$(on "$server" -- samba-tool dsacl get -H /var/lib/samba/private/sam.ldb \
        --objectdn="$(node_dn "$1" "$2")" </dev/null 2>/dev/null |
        grep -oE 'O:(S-[0-9-]+|[A-Z]{2})' | head -n 1 | cut -c3-)
    echo "${owner:-UNKNOWN-$RANDOM$RANDOM}"
}

samba_dns() { on "$server" -- samba-tool dns "$1" "$dc" "${@:2}" -P </dev/null; }

age_records() {  # ZONE NAME HOURS
    must on "$server" -- python3 /lab/dns_age.py "$@"
}

# --- was anything written

serial_of() { on admin -- dig +short "@$dc_address" "$1" SOA </dev/null | awk '{ print $3 }'; }
serials() { echo "$(serial_of "$domain") $(serial_of "$reverse4") $(serial_of "$reverse6")"; }
journals() { on ns1 -- sh -c 'cksum /var/lib/bind/*.jnl' </dev/null; }

take_state() {
    if has_directory; then take_snapshot; else state="$(serials) $(journals)"; fi
}

state_is_kept() {  # DESCRIPTION: in the directory, or in serials and journals
    if has_directory; then
        nothing_written "$1: nothing written in the directory"
    else
        like "serials can be read" "$state" '^[0-9]+ [0-9]+ [0-9]+ .*\.jnl'
        is "$1: serials and journals unchanged" "$(serials) $(journals)" "$state"
    fi
}
points_of_state() { if has_directory; then echo 1; else echo 2; fi; }

# --- the round

matrix_rows=()
in_matrix() {  # OPERATION: the last muster's end
    matrix_rows+=("$(printf '%-6s %-22s exit %s, answers %s' "$server" "$1" "$status" \
        "$(jq -r '.verified // "not authenticated"' <<<"$out" 2>/dev/null)")")
}

print_matrix() {
    local row
    note "server operation              result"
    for row in "${matrix_rows[@]}"; do note "$row"; done
}

actions() { json '[.records[].action] | group_by(.) | map("\(length) \(.[0])") | join(" ")'; }

# What DNS has of the host's four records, in short.
published() {  # LAST-NUMBER
    echo "$(dns_says "$name" A) / $(dns_says "$name" AAAA) /" \
        "$(dns_says "$(ptr4_name "$1").$reverse4" PTR) / $(dns_says "$(ptr6_of "$host").$reverse6" PTR)" |
        sed 's/NXDOMAIN/-/g; s/NOERROR \//- \//g; s/NOERROR$/-/; s/NOERROR //g'
}

# Samba's own server dies of a question for SSHFP where there is one: the directory is asked.
beside() {
    echo "$(dns_says "$name" TXT) / $(dns_says "$name" MX) / $(has_directory || dns_says "$name" SSHFP)"
}

sshfp="4 2 123456789ABCDEF67890123456789ABCDEF67890123456789ABCDEF123456789"
put_beside() {
    local values
    # BIND9_DLZ gives SERVFAIL for a name with a type that it does not know, such as SSHFP; the
    # policy of ns1 grants no MX.
    nsupdate_as "$host" <<<"update add $name 1200 TXT \"kept\""
    if [[ $server == dlz1 ]]; then
        nsupdate_as "$host" <<<"update add $name 1200 MX 10 $other.$domain."
    elif has_directory; then
        # Samba's own server knows no SSHFP either, but keeps what the directory has.
        mapfile -t values < <(raw_records "$domain" "$host")
        set_records "$domain" "$host" "${values[@]}" \
            "$(record_hex 44 "0402123456789abcdef67890123456789abcdef67890123456789abcdef123456789" "$(hours_now)")"
    else
        nsupdate_as "$host" <<<"update add $name 1200 SSHFP $sshfp"
    fi
}
# In the directory: every value that is no address, without the serial of its last change.
values_beside() {
    local value type rest
    has_directory || return 0
    while read -r value; do
        read -r type rest < <(record_fields "$value")
        [[ $type == 1 || $type == 28 ]] ||
            base64 -d <<<"$value" | od -An -v -tx1 -w1000 | tr -d ' ' | sed -E 's/^(.{16}).{8}/\1serial--/'
    done < <(raw_records "$domain" "$host")
}

is_ours() {  # ZONE NAME: the node belongs to the machine account
    is "$2 in $1 belongs to the host" "$(owner_of "$1" "$2")" "$(sid_of "$(account_of "$host")")"
}

# register from nothing, again, address changed, address removed, unregister; others' types beside.
round_points() { if has_directory; then echo 30; else echo 28; fi; }
one_round() {
    local form=$1 first later ipv6 kept kept_values
    first=10$(number_of "$host") later=23$(number_of "$host") ipv6=$(address6)
    addresses_are "$first" "$ipv6"
    at_exit "server_is $server; addresses_are $first $ipv6"

    muster_on "$host" register --json
    in_matrix "register"
    exits "$server: register from nothing" 0
    is "four records are added" "$(actions)" "4 add"
    is "dig: A, AAAA, PTRs" "$(published "$first")" "$(address4 "$first") / $ipv6 / $name. / $name."
    json_is "the form of the answers' signatures" .verified "\"$form\""
    if has_directory; then
        is_ours "$domain" "$host"
        is_ours "$reverse4" "$(ptr4_name "$first")"
        is_ours "$reverse6" "$(ptr6_of "$host")"
    fi

    put_beside
    muster_on "$host" register  # a write of the name lets Samba stamp what was put beside
    kept=$(beside) kept_values=$(values_beside)
    like "TXT and SSHFP or MX stand beside" "$(xargs <<<"$kept $kept_values")" \
        "kept.*(10 $other|4 2 1234|22002c00.*04021234)"
    take_state
    muster_on "$host" register --json
    in_matrix "register again"
    exits "$server: register again" 0
    is "no step but refreshes" "$(actions)" "4 refresh"
    state_is_kept "registered again"

    addresses_are "$later" "$ipv6"
    muster_on "$host" register --json
    in_matrix "address changed"
    exits "$server: address changed" 0
    is "two added, two deleted, two refreshed" "$(actions)" "2 add 2 delete 2 refresh"
    is "dig: the new address" "$(published "$later")" "$(address4 "$later") / $ipv6 / $name. / $name."
    gone "the old PTR is gone" "$(ptr4_name "$first").$reverse4" PTR
    if has_directory; then is_ours "$domain" "$host"; fi

    addresses_are "$first" ""
    muster_on "$host" register --json
    in_matrix "address removed"
    exits "$server: an address changed back, another removed" 0
    is "dig: no AAAA, no IPv6 PTR" "$(published "$first")" "$(address4 "$first") / - / $name. / -"
    is "what stands beside was not touched" "$(beside)|$(values_beside)" "$kept|$kept_values"

    addresses_are "$first" "$ipv6"
    must on "$host" -- muster register
    is "dig: all back" "$(published "$first")" "$(address4 "$first") / $ipv6 / $name. / $name."
    muster_on "$host" unregister --json
    in_matrix "unregister"
    exits "$server: unregister" 0
    is "four records are deleted" "$(actions)" "4 delete"
    is "dig: none of them" "$(published "$first")" "- / - / - / -"
    is "what stands beside was not touched by that either" "$(beside)|$(values_beside)" "$kept|$kept_values"
    take_state
    muster_on "$host" unregister --json
    in_matrix "unregister again"
    exits "$server: unregister again" 0
    state_is_kept "unregistered again"
    is "and nothing is there to be deleted" "$(actions)" ""

    muster_on "$host" register --json
    exits "twin: registered once more after all that" 0
    is "dig: A, AAAA, PTRs again" "$(published "$first")" "$(address4 "$first") / $ipv6 / $name. / $name."
    unlike "twin: and that did write" "$(actions)" refresh
}

# A name of another account: refused by the server, and said whose it is.
owned_points=8
owned_by_another() {
    local theirs=lab$server.$domain usn
    node_delete "$domain" "lab$server"
    at_exit "server_is $server; node_delete $domain lab$server"
    nsupdate_as "$other" <<<"update add $theirs 1200 A $network4.206"
    is "another host has the name" "$(dns_says "$theirs" A)" "NOERROR $network4.206"
    usn=$(usn_of "$domain" "lab$server")
    muster_on "$host" register --hostname "$theirs" --ptr off --json
    in_matrix "refused: another's name"
    exits "$server: a name of another account is a conflict" 7
    json_ok "JSON: nothing passes for done" \
        '[.records[] | select(.action != "keep")] | length > 0 and all(.action == "conflict" or .action == "failed")'
    message_helps "the message says whose" "lab$server\.$domain.*${other^^}" 'owner|administrator'
    is "its node was not written" "$(usn_of "$domain" "lab$server")" "$usn"
    is "dig: it is as it was" "$(dns_says "$theirs" A)" "NOERROR $network4.206"
    node_delete "$domain" "lab$server"
    muster_on "$host" register --hostname "$theirs" --ptr off --json
    exits "twin: a name of nobody's" 0
    like "twin: is this host's then" "$(dns_says "$theirs" A)" "$(address4 "10$(number_of "$host")")"
    must on "$host" -- muster unregister --hostname "$theirs"
}
