# shellcheck shell=bash
# Samba domain controllers: what dc1, dc2 and dlz1 have in common. Each is
# provisioned once, then started from its saved volume.

dc_reverse_zones=(0.53.10.in-addr.arpa 0.0.0.0.0.0.0.0.0.0.0.0.3.5.d.f.ip6.arpa)
# First process of the container.
dc_start_script=/lab/dc-start

# Everything that the saved volumes are made from.
dc_volume_key() {
    { image_name; cat "$lab_dir"/server/{dc-*,zone_age.py} "$lab_dir"/lib/{common,dc}.sh \
        "$lab_dir"/nodes/{dc1,dc2,dlz1}; } | sha256sum | cut -c1-16
}

dc_logged() {  # WHAT CMD...: its output only when it fails
    local log=$lab_run/$NODE/$1.log
    "${@:2}" >"$log" 2>&1 </dev/null || { tail -n 20 "$log" >&2; die "$NODE: $1 failed"; }
}

# A domain of its own, as it was provisioned.
dc_restore_or_provision() {  # DNS-BACKEND
    volume_restore "$NODE" "$(dc_volume_key)" "$NODE" && return 0
    say "provisioning $lab_domain (once)"
    volume_create "$NODE" etc-samba var-lib-samba
    dc_logged provision container_start "$NODE" --rm /lab/dc-provision "$NODE" \
        "$lab_realm" "$lab_netbios" "$lab_password" \
        "$lab_dns_server" "$lab_dns_server6" "$1"
    dc_start
    dc_logged populate container_run "$NODE" /lab/dc-populate "$NODE.$lab_domain" \
        "$lab_domain" "${dc_reverse_zones[@]}"
    container_stop "$NODE" 20
    volume_save "$NODE" "$(dc_volume_key)" "$NODE"
}

# Starts the container on its volume; returns when every service answers.
dc_start() {
    container_start "$NODE" --detach "$dc_start_script" "$NODE" "$lab_domain" \
        "$lab_realm" "$lab_dns_server" "$lab_dns_server6" >/dev/null
    if ! { wait_for 60 "$NODE: DNS" dc_answers_dns &&
           wait_for 60 "$NODE: LDAP" dc_answers_ldap &&
           wait_for 60 "$NODE: Kerberos" dc_answers_kerberos &&
           wait_for 60 "$NODE: RPC" dc_answers_rpc; }; then
        container_log "$NODE"
        die "$NODE does not come up; its last words are above"
    fi
}

dc_restart() {
    container_stop "$NODE" 20
    dc_start
}

dc_services() {
    local service found=()
    for service in dns ldap kerberos rpc; do
        "dc_answers_$service" >/dev/null 2>&1 && found+=("$service")
    done
    echo "${found[*]:-none answers}"
}

dc_answers_dns() { net_answers_dns "$NODE" "$lab_domain"; }
dc_answers_ldap() {
    in_net "$NODE" ldapsearch -x -LLL -o nettimeout=1 -H "ldap://$lab_dns_server" \
        -s base -b '' defaultNamingContext | grep -q ^defaultNamingContext
}
dc_answers_kerberos() {
    cat >"$lab_run/$NODE/krb5.conf" <<-KRB5
	[libdefaults]
	    default_realm = $lab_realm
	[realms]
	    $lab_realm = {
	        kdc = $lab_dns_server
	    }
	KRB5
    in_net "$NODE" env KRB5_CONFIG="$lab_run/$NODE/krb5.conf" \
        KRB5CCNAME="FILE:$lab_run/$NODE/krb5cc" kinit Administrator <<<"$lab_password"
}
dc_answers_rpc() {  # the DNS management interface, found through the end point mapper
    container_run "$NODE" /lab/dc-rpc-ready "$NODE.$lab_domain" </dev/null
}
