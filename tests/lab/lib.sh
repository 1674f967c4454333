# shellcheck shell=bash
# What the lab scenarios share: test points, muster in a node, and the tools that
# are not ours which look at what it did. Sourced first by every scenario.
# The variables that helpers set are read by the scenarios.
# shellcheck disable=SC2034
set -uo pipefail

lab_here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$lab_here/../.." && pwd)
lab=$top/testenv/lab

domain=ad.example.test
realm=AD.EXAMPLE.TEST
dc=dc1.$domain
dc_address=10.53.0.10
domain_dn=DC=ad,DC=example,DC=test
reverse4=0.53.10.in-addr.arpa
reverse6=0.0.0.0.0.0.0.0.0.0.0.0.3.5.d.f.ip6.arpa

# The hosts that scenarios work with; others may be named to leave host1 alone.
host=${MUSTER_LAB_HOST:-host1}
other=${MUSTER_LAB_OTHER_HOST:-host2}

scenario=$(basename "$0")
work=$(mktemp -d "${TMPDIR:-/tmp}/muster-lab-$scenario.XXXXXX")
# One per run: nodes keep what an earlier run of the scenario left.
state_dir=/var/lib/muster-lab/$scenario.$$

# --- the end of a scenario

exit_commands=()
at_exit() { exit_commands+=("$*"); }  # COMMAND LINE: the last given runs first

end_of_scenario() {
    local i
    for (( i = ${#exit_commands[@]} - 1; i >= 0; i-- )); do
        eval "${exit_commands[i]}" >/dev/null 2>&1
    done
    rm -rf "$work"
}
trap end_of_scenario EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# --- test points (TAP)

points=0

plan() { echo "1..$1"; }

note() {
    local text="# $*"
    echo "${text//$'\n'/$'\n'# }"
}

bail() {
    note "$*"
    echo "Bail out! $scenario: ${*%%$'\n'*}"
    exit 1
}

must() {  # COMMAND...: or the scenario cannot go on
    local said
    said=$("$@" 2>&1) || bail "cannot prepare: $*"$'\n'"$said"
}

point() {  # STATUS DESCRIPTION
    points=$(( points + 1 ))
    if (( $1 == 0 )); then
        echo "ok $points - $2"
    else
        echo "not ok $points - $2"
    fi
    return "$1"
}

ok() {  # DESCRIPTION COMMAND...
    local said rc=0
    said=$("${@:2}" 2>&1) || rc=$?
    point "$rc" "$1" || note "status $rc from: ${*:2}${said:+$'\n'$said}"
}

is() {  # DESCRIPTION GOT EXPECTED
    local rc=0
    [[ $2 == "$3" ]] || rc=1
    point "$rc" "$1" || { note "got: $2"; note "expected: $3"; }
}

isnt() {  # DESCRIPTION GOT UNEXPECTED
    local rc=0
    [[ $2 != "$3" ]] || rc=1
    point "$rc" "$1" || note "got: $2"
}

like() {  # DESCRIPTION GOT REGEX
    local rc=0
    grep -qiE -- "$3" <<<"$2" || rc=1
    point "$rc" "$1" || { note "got: $2"; note "expected a match of: $3"; }
}

unlike() {  # DESCRIPTION GOT REGEX
    local rc=0
    ! grep -qiE -- "$3" <<<"$2" || rc=1
    point "$rc" "$1" || { note "got: $2"; note "expected no match of: $3"; }
}

# --- muster

# muster_on NODE ARG...: runs it; sets status, out and err.
muster_on() {
    local node=$1
    shift
    status=0
    ran="muster $*"
    timeout --kill-after=10 120 "$lab" exec "$node" -- muster "$@" \
        >"$work/out" 2>"$work/err" </dev/null || status=$?
    collect_output "$work/out" "$work/err"
}

# The administrator's side with a state directory of the scenario's own.
admin_muster() {  # COMMAND ARG...
    muster_on admin "$1" --state-dir "$state_dir" "${@:2}"
}

collect_output() {  # OUT ERR
    out=$(cat "$1")
    err=$(cat "$2")
    cat "$2" >>"$work/all.err"
}

said() { printf 'ran: %s\nstatus: %s\nstdout: %s\nstderr: %s\n' "$ran" "$status" "${out:0:4000}" "${err:0:4000}"; }

exits() {  # DESCRIPTION CODE: of the last muster
    local rc=0
    [[ $status == "$2" ]] || rc=1
    point "$rc" "$1" || { note "$(said)"; note "expected status: $2"; }
}

json() { jq -r "$@" <<<"$out" 2>&1; }  # of the last muster

json_is() {  # DESCRIPTION FILTER EXPECTED: jq's compact answer
    local got rc=0
    got=$(jq -cS "$2" <<<"$out" 2>&1) || rc=1
    [[ $got == "$3" ]] || rc=1
    point "$rc" "$1" || { note "got: $got"; note "expected: $3"; note "$(said)"; }
}

# The filter holds for every document there is, and there is one.
json_ok() {  # DESCRIPTION FILTER [JQ-ARG...]
    local rc=0
    jq -es "${@:3}" "length > 0 and all(.[]; [$2] | length > 0 and all)" <<<"$out" >/dev/null 2>&1 || rc=1
    point "$rc" "$1" || { note "does not hold: $2"; note "$(said)"; }
}

# The message: what it is about, and after "next:" what to do.
message_helps() {  # DESCRIPTION OBJECT-REGEX NEXT-REGEX
    local rc=0
    grep -qiE -- "$2" <<<"$err" || rc=1
    grep -iE -- 'next: ' <<<"$err" | grep -qiE -- "$3" || rc=1
    point "$rc" "$1" || { note "expected $2, then next: $3"; note "$(said)"; }
}

# Last point of every scenario: the sanitised build found nothing in any run.
sanitizers_are_quiet() {
    local reports rc=0
    reports=$(grep -E 'Sanitizer|runtime error:' "$work/all.err" 2>/dev/null) && rc=1
    point "$rc" "no sanitizer report" || note "$reports"
}

# --- a muster held still at a system call, so that no timing decides what
# happens meanwhile

# hold_muster NODE ARG...: at its first fsync, that is with the journal written
# and nothing else. Fails when it ended instead.
hold_muster() { need_state_dir && hold_muster_at fsync:signal=SIGSTOP:when=1 "$@" && next_stop; }

# New directories and the note of the controller in use are flushed too; the first flush is
# to be the journal's.
need_state_dir() {
    on admin -- sh -c 'umask 077; mkdir -p "$0/runs" && muster zones --state-dir "$0" >/dev/null' "$state_dir"
}

hold_muster_at() {  # INJECTION NODE ARG...: see strace(1)
    ran="muster ${*:3} (held)"
    : >"$work/trace"
    # The leak check cannot run in a traced process.
    "$lab" exec "$2" -- env ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o "$work/trace" \
        -e "trace=fsync,${1%%:*}" -e "inject=$1" \
        muster "${@:3}" >"$work/held.out" 2>"$work/held.err" </dev/null &
    held=$! stops=0
    at_exit "let_go"
}

next_stop() {  # fails when muster ended instead
    until (( $(grep -c 'stopped by SIGSTOP' "$work/trace") > stops )); do
        kill -0 "$held" 2>/dev/null || return 1
        sleep 0.02
    done
    stops=$(( stops + 1 ))
    held_process=$(awk '/stopped by SIGSTOP/ { print $1; exit }' "$work/trace")
}

let_go() {
    [[ -z ${held_process:-} ]] || kill -CONT "$held_process"
    held_process=
}

wait_for_muster() {  # sets status, out and err as muster_on does
    status=0
    wait "$held" || status=$?
    collect_output "$work/held.out" "$work/held.err"
}

release_muster() {
    let_go
    wait_for_muster
}

# --- nodes of the lab

on() { "$lab" exec "$@"; }  # NODE -- CMD...

put_in_run() {  # NODE FILE...: scripts that stand beside this one
    local file

    for file in "${@:2}"; do
        must on "$1" -- tee "/run/$file" <"$lab_here/$file"
    done
}

number_of() { echo "${1#host}"; }
ipv4_of() { echo "10.53.0.$(( 100 + $(number_of "$1") ))"; }
ipv6_of() { echo "fd53::10$(number_of "$1")"; }
# Names of their PTR records, relative to reverse4 and reverse6.
ptr4_of() { echo "$(( 100 + $(number_of "$1") ))"; }
ptr6_of() { echo "$(number_of "$1").0.1.0.0.0.0.0.0.0.0.0.0.0.0.0"; }
account_of() { echo "${1^^}\$"; }

is_joined() {  # HOST: its keytab is good for a ticket
    on "$1" -- env KRB5CCNAME=MEMORY:joined kinit -k "$(account_of "$1")" </dev/null 2>/dev/null
}

# need_host HOST...: up, joined, with its own addresses and no past: no record
# of its own, no memory, no configuration.
need_host() {
    local one
    for one in "$@"; do
        must "$lab" up "$one"
        is_joined "$one" || must "$lab" join "$one"
        host_addresses "$one" "$(ipv4_of "$one")" "$(ipv6_of "$one")"
        on "$one" -- rm -rf /var/lib/muster /etc/muster.conf
        forget_host "$one"
    done
}

forget_host() {
    node_delete "$domain" "$1"
    node_delete "$reverse4" "$(ptr4_of "$1")"
    node_delete "$reverse6" "$(ptr6_of "$1")"
}

host_addresses() {  # HOST IPV4 IPV6: these and no others
    on "$1" -- sh -c 'ip -4 addr flush dev eth0 scope global
        ip -6 addr flush dev eth0 scope global
        ip addr add "$0/24" brd + dev eth0
        ip addr add "$1/64" dev eth0 nodad' "$2" "$3"
}

# As the machine account of HOST, its ticket where muster does not look.
as_machine() {  # HOST CMD...
    on "$1" -- env KRB5CCNAME=FILE:/run/machine.krb5cc sh -c \
        'kinit -k "$0" >/dev/null && exec "$@"' "$(account_of "$1")" "${@:2}"
}

# nsupdate_as HOST: the update's lines on standard input. nsupdate cannot verify
# Samba's answer and says so even when it is done: judge by what is published.
nsupdate_as() {
    { echo "server $dc"; cat; echo "send"; } | as_machine "$1" nsupdate -g >"$work/nsupdate" 2>&1 || true
}

# --- DNS, asked of the server by dig

dig_short() {  # NAME [TYPE]: data, sorted, on one line
    on admin -- dig +short +time=3 +tries=2 "@$dc_address" "$1" "${2:-A}" </dev/null | sort | xargs
}

# The response code and the data: "NXDOMAIN", "NOERROR 10.53.0.101".
dns_says() {  # NAME [TYPE]
    on admin -- dig +noall +comments +answer +time=3 +tries=2 "@$dc_address" "$1" "${2:-A}" </dev/null |
        awk -v type="${2:-A}" '
            /status: / { split($0, part, /status: |,/); status = part[3] }
            $4 == type { data = ""; for (i = 5; i <= NF; i++) data = data " " $i; print "1" data }
            END { print "0" (status == "" ? "NOANSWER" : status) }' |
        sort | cut -c2- | xargs
}

reverse_says() {  # ADDRESS
    local name
    name=$(on admin -- dig +noall +question "@$dc_address" -x "$1" </dev/null | awk '/IN.PTR/ { print substr($1, 2) }')
    dns_says "$name" PTR
}

# What DNS says where a name is not: no such name, or no such record.
is_gone() { [[ $1 == NXDOMAIN || $1 == NOERROR ]]; }

gone() {  # DESCRIPTION NAME TYPE
    local got rc=0
    got=$(dns_says "$2" "$3")
    is_gone "$got" || rc=1
    point "$rc" "$1" || note "got: $got"
}

# --- the directory, seen by ldapsearch as Administrator

# A search that failed must not look like one that found nothing, nor like another
# that failed.
directory_search() {  # BASE ARG...
    local rc=0
    on admin -- ldapsearch -Q -Y GSSAPI -N -LLL -o ldif-wrap=no -H "ldap://$dc" -b "$@" </dev/null || rc=$?
    (( rc == 0 || rc == 32 )) || echo "SEARCH-FAILED $rc-$RANDOM$RANDOM"
}

directory_modify() {  # LDIF on standard input
    on admin -- ldapmodify -Q -Y GSSAPI -N -H "ldap://$dc" >"$work/ldapmodify" 2>&1 || {
        note "ldapmodify: $(cat "$work/ldapmodify")"
        return 1
    }
}

zone_dn() {
    local partition=DomainDnsZones
    [[ $1 != _msdcs.* ]] || partition=ForestDnsZones
    echo "DC=$1,CN=MicrosoftDNS,DC=$partition,$domain_dn"
}

node_dn() { echo "DC=$2,$(zone_dn "$1")"; }  # ZONE NAME

node_values() {  # ZONE NAME ATTRIBUTE: values, base64 where ldapsearch needs it, sorted
    directory_search "$(node_dn "$1" "$2")" -s base "$3" 2>/dev/null |
        awk -v key="${3,,}" 'tolower($1) ~ "^" key "::?$" || /^SEARCH-FAILED/ { print $2 }' | sort
}

raw_records() { node_values "$1" "$2" dnsRecord; }  # ZONE NAME

usn_of() { node_values "$1" "$2" uSNChanged; }  # ZONE NAME

# What the server makes of dNSTombstoned: absent is FALSE.
tombstoned() {  # ZONE NAME
    local value
    value=$(node_values "$1" "$2" dNSTombstoned)
    echo "${value:-FALSE}"
}

# NAME TAB BASE64, sorted: every value of a zone's nodes that are no tombstones.
zone_raw() {  # ZONE
    directory_search "$(zone_dn "$1")" -s one -E pr=500/noprompt \
        '(&(objectClass=dnsNode)(!(dNSTombstoned=TRUE)))' dc dnsRecord |
        ldif_table dnsRecord
}

# name TAB value lines from LDIF whose entries have dc before or after the values.
ldif_table() {  # ATTRIBUTE
    awk -v key="${1,,}" '
        function flush(  i) { for (i = 0; i < n; i++) print tolower(dc) "\t" value[i]; n = 0; dc = "" }
        /^$/ { flush() }
        /^SEARCH-FAILED/ { print }
        tolower($1) == "dc:" { dc = $2 }
        tolower($1) ~ "^" key "::?$" { value[n++] = $2 }
        END { flush() }' | sort
}

# Every object below both DNS partitions with its change number: equal means
# that nothing at all was written there.
dns_snapshot() {
    local partition
    for partition in DomainDnsZones ForestDnsZones; do
        directory_search "CN=MicrosoftDNS,DC=$partition,$domain_dn" -E pr=500/noprompt \
            '(objectClass=*)' uSNChanged |
            awk '/^dn:/ { dn = $0 } /^uSNChanged:/ { print dn, $2 } /^SEARCH-FAILED/'
    done | sort
}

take_snapshot() {
    dns_snapshot >"$work/snapshot"
    [[ $(wc -l <"$work/snapshot") -gt 20 ]] || bail "ldapsearch does not show the DNS partitions"
}

nothing_written() {  # DESCRIPTION: since take_snapshot
    local changes rc=0
    dns_snapshot >"$work/snapshot.now"
    changes=$(diff "$work/snapshot" "$work/snapshot.now") || rc=1
    point "$rc" "$1" || note "$(head -n 20 <<<"$changes")"
}

# Written since take_snapshot, as "ZONE NAME" lines.
written() {
    dns_snapshot >"$work/snapshot.now"
    diff "$work/snapshot" "$work/snapshot.now" | sed -nE 's/^[<>] dn: DC=([^,]*),DC=([^,]*),.*/\2 \1/p' | sort -u
}

highest_usn() {
    on admin -- ldapsearch -x -LLL -H "ldap://$dc" -s base -b '' highestCommittedUSN </dev/null |
        awk -v failed="FAILED-$RANDOM$RANDOM" '
            /^highestCommittedUSN:/ { print found = $2 }
            END { if (!found) print failed }'
}

sid_of() {  # ACCOUNT: as text, from Samba itself
    on dc1 -- ldbsearch -H /var/lib/samba/private/sam.ldb "(sAMAccountName=$1)" objectSid </dev/null 2>/dev/null |
        awk '/^objectSid:/ { print $2 }'
}

owner_of() {  # ZONE NAME: the SID that owns the node
    local owner
    owner=$(on dc1 -- samba-tool dsacl get -H /var/lib/samba/private/sam.ldb \
        --objectdn="$(node_dn "$1" "$2")" </dev/null 2>/dev/null |
        grep -oE 'O:(S-[0-9-]+|[A-Z]{2})' | head -n 1 | cut -c3-)
    echo "${owner:-UNKNOWN-$RANDOM$RANDOM}"
}

# --- dnsRecord values (MS-DNSP 2.3.2.2), taken apart and made by od and printf

hours_now() { echo $(( $(date +%s) / 3600 + 3234576 )); }

hours_to_utc() { date -u -d "@$(( ($1 - 3234576) * 3600 ))" +%Y-%m-%dT%H:%M:%SZ; }

declare -A type_numbers=([TOMBSTONE]=0 [A]=1 [NS]=2 [CNAME]=5 [SOA]=6 [PTR]=12 [MX]=15 [TXT]=16 [AAAA]=28 [SRV]=33)

# record_fields BASE64: type number, timestamp, TTL, serial, rank
record_fields() {
    local b
    mapfile -t b < <(base64 -d <<<"$1" | od -An -v -tu1 -w1)
    echo "$(( b[2] + b[3] * 256 ))" \
        "$(( b[20] + b[21] * 256 + b[22] * 65536 + b[23] * 16777216 ))" \
        "$(( b[15] + b[14] * 256 + b[13] * 65536 + b[12] * 16777216 ))" \
        "$(( b[8] + b[9] * 256 + b[10] * 65536 + b[11] * 16777216 ))" \
        "$(( b[5] ))"
}

# The timestamps of a name's records of a type, one per line.
record_stamp() {  # ZONE NAME TYPE
    local value type stamp _
    while read -r value; do
        read -r type stamp _ < <(record_fields "$value")
        (( type != ${type_numbers[$3]} )) || echo "$stamp"
    done < <(raw_records "$1" "$2") | sort
}

le16() { printf '%02x%02x' $(( $1 & 255 )) $(( $1 >> 8 & 255 )); }
le32() { printf '%s%s' "$(le16 $(( $1 & 65535 )))" "$(le16 $(( $1 >> 16 )))"; }

# record_hex TYPE-NUMBER DATA-HEX STAMP [RANK [FLAGS [RESERVED]]]: base64 of a value
record_hex() {
    local hex
    hex=$(le16 $(( ${#2} / 2 )))$(le16 "$1")05$(printf '%02x' "${4:-240}")$(le16 "${5:-0}")
    hex+=$(le32 7)000004b0$(le32 "${6:-0}")$(le32 "$3")$2
    # shellcheck disable=SC2001  # two characters at a time
    printf '%b' "$(sed 's/../\\x&/g' <<<"$hex")" | base64 -w0
}

text_hex() { printf '%02x' "${#1}"; printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n'; }

name_hex() {  # FQDN: a counted name
    local labels label data=
    IFS=. read -r -a labels <<<"${1%.}"
    for label in "${labels[@]}"; do data+=$(text_hex "$label"); done
    data+=00
    printf '%02x%02x%s' $(( ${#data} / 2 )) "${#labels[@]}" "$data"
}

ipv4_hex() {
    local part
    IFS=. read -r -a part <<<"$1"
    printf '%02x%02x%02x%02x' "${part[@]}"
}

record_a() { record_hex 1 "$(ipv4_hex "$1")" "$2"; }         # ADDRESS STAMP
record_aaaa() { record_hex 28 "fd530000000000000000000000000$1" "$2"; }  # LAST-3-DIGITS STAMP
record_txt() { record_hex 16 "$(text_hex "$1")" "$2"; }      # TEXT STAMP
record_name() { record_hex "${type_numbers[$1]}" "$(name_hex "$2")" "$3"; }  # TYPE TARGET STAMP
record_mx() { record_hex 15 "000a$(name_hex "$1")" "$2"; }   # TARGET STAMP
record_srv() { record_hex 33 "000000640185$(name_hex "$1")" "$2"; }  # TARGET STAMP: 0 100 389

put_node() {  # ZONE NAME VALUE...: a new node with exactly these values
    node_delete "$1" "$2"
    {
        printf 'dn: %s\nchangetype: add\nobjectClass: top\nobjectClass: dnsNode\n' "$(node_dn "$1" "$2")"
        printf 'dnsRecord:: %s\n' "${@:3}"
    } | directory_modify || bail "cannot add $2 to $1"
}

set_records() {  # ZONE NAME VALUE...: exactly these values from now on
    {
        printf 'dn: %s\nchangetype: modify\nreplace: dnsRecord\n' "$(node_dn "$1" "$2")"
        printf 'dnsRecord:: %s\n' "${@:3}"
    } | directory_modify || bail "cannot change $2 in $1"
}

node_delete() {  # ZONE NAME: the object itself, where there is one
    printf 'dn: %s\nchangetype: delete\n' "$(node_dn "$1" "$2")" | directory_modify >/dev/null || true
}

# --- zones, made and looked at by samba-tool

samba_dns() {  # SUBCOMMAND ARG...
    on dc1 -- samba-tool dns "$1" "$dc" "${@:2}" -P </dev/null
}

samba_query() {  # ZONE NAME: its records as samba-tool prints them, sorted
    local said rc=0
    said=$(samba_dns query "$1" "$2" ALL 2>&1) || rc=$?
    if (( rc )) && [[ $said != *'Record or zone does not exist'* ]]; then
        echo "samba-tool: $said"
        return
    fi
    sed -nE 's/^ +([A-Z]+: .*) \(flags.*/\1/p' <<<"$said" | sort
}

zone_setting() {  # ZONE KEY
    samba_dns zoneinfo "$1" | awk -v key="$2" '$1 == key { print $3 }'
}

# A zone of the scenario's own, gone at its end: what others do does not matter to it.
# Its settings look old: hosts have had the time to refresh.
zone_make() {  # ZONE [NO-REFRESH REFRESH]
    samba_dns zonedelete "$1" >/dev/null 2>&1
    must samba_dns zonecreate "$1"
    must samba_dns zoneoptions "$1" --aging=1 --norefreshinterval="${2:-168}" \
        --refreshinterval="${3:-168}"
    must zone_settle "$1"
    at_exit "samba_dns zonedelete $1"
}

# As if what was set so far had been set long ago.
zone_settle() { on dc1 -- python3 /lab/zone_age.py "$1" "${2:-10000}" </dev/null; }  # ZONE [HOURS]

# --- computer accounts

unseen() {  # HOST [HOURS]: as if its machine had not logged on since
    must on dc1 -- python3 /lab/logon_age.py "$1" "${2:-1000}"
}

# What became of a name in the last scavenge --json: the reasons of its stale
# records, sorted; "stale" for those in the plan.
fate_of() {  # NAME [TYPE]
    jq -r --arg name "$1" --arg type "${2:-}" \
        '[.zones[] | (.plan + .saved)[] | select(.name == $name and ($type == "" or .type == $type)) | .reason]
         | sort | join(" ")' <<<"$out" 2>&1
}

fate_is() {  # NAME REASON DESCRIPTION [TYPE]
    is "$3" "$(fate_of "$1" "${4:-}")" "$2"
}
