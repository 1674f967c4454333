# shellcheck shell=bash
# Hosts: persistent network, mount and UTS namespaces in which the machine's
# own programs run as if on a computer of their own. No process holds them;
# they are files to enter, so there is none to lose or to hunt down.

host_up() {  # NODE IPV4 IPV6
    local dir=$lab_run/$1
    net_node_up "$@"
    mkdir -p "$dir/ns" "$dir/etc"
    touch "$dir/ns/mnt" "$dir/ns/uts"
    host_write_etc "$1" "$dir/etc"
    in_net "$1" unshare --uts="$dir/ns/uts" --mount="$dir/ns/mnt" --propagation slave \
        "$lab_dir/lib/host-namespace" "$1" "$dir" "$lab_top"
}

# What a Debian host of the domain has, and no more: muster must not need
# crutches. Lies over the machine's /etc.
host_write_etc() {  # NODE DIRECTORY
    echo "$1" >"$2/hostname"
    cat >"$2/hosts" <<-HOSTS
	127.0.0.1 localhost
	127.0.1.1 $1.$lab_suffix $1
	::1 localhost ip6-localhost ip6-loopback
	HOSTS
    cat >"$2/resolv.conf" <<-RESOLV
	search $lab_suffix
	nameserver $lab_dns_server
	RESOLV
    cat >"$2/krb5.conf" <<-KRB5
	[libdefaults]
	    default_realm = $lab_realm
	    dns_lookup_kdc = true
	KRB5
    cat >"$2/nsswitch.conf" <<-NSS
	passwd: files
	group: files
	shadow: files
	hosts: files dns
	networks: files
	protocols: files
	services: files
	NSS
    host_hide_from_node "$2" krb5.keytab muster.conf krb5.conf.d
}

# A whiteout: the machine's own file of that name is not seen in the node.
host_hide_from_node() {  # DIRECTORY NAME...
    local name
    for name in "${@:2}"; do
        mknod "$1/$name" c 0 0
    done
}

host_alive() { mountpoint -q "$lab_run/$1/ns/mnt"; }

# host_command NODE CMD...: sets host_command to what runs CMD in the node.
host_command() {
    local node=$1 dir=$lab_run/$1 build=${MUSTER_BUILD:-build}
    shift
    [[ $build == /* ]] || build=$lab_top/$build
    # shellcheck disable=SC2016  # expanded by the inner shell
    host_command=(
        nsenter --net="$(net_path "$node")" --uts="$dir/ns/uts" --mount="$dir/ns/mnt" --
        env -u KRB5_CONFIG -u KRB5_KTNAME -u KRB5_CLIENT_KTNAME
        KRB5CCNAME=FILE:/run/krb5cc
        PATH="$build:$PATH:/usr/local/sbin:/usr/sbin:/sbin"
        sh -c 'cd "$1" 2>/dev/null || cd /; shift; exec "$@"' sh "$PWD" "$@"
    )
}

host_run() {  # NODE CMD...
    local host_command
    host_command "$@"
    "${host_command[@]}"
}

host_become() {  # NODE CMD...: this process turns into CMD
    local host_command
    host_command "$@"
    exec "${host_command[@]}"
}

host_down() {
    local name
    net_down "$1"
    for name in mnt uts; do
        if mountpoint -q "$lab_run/$1/ns/$name"; then
            umount "$lab_run/$1/ns/$name"
        fi
    done
}

host_join() {
    host_run "$1" rm -f /etc/krb5.keytab
    host_run "$1" adcli join --domain="$lab_domain" --login-user=Administrator \
        --stdin-password <<<"$lab_password"
}
