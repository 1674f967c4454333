# shellcheck shell=bash
# The network: one namespace per node, the switch in a namespace of its own.

# A node's namespace as `ip netns` names it: dc1, in the lab "two" two-dc1.
net_name() { echo "${lab_instance:+$lab_instance-}$1"; }

net_path() { echo "/run/netns/$(net_name "$1")"; }

in_net() {  # NODE CMD...: CMD in the node's network namespace, nothing else changed
    local node=$1
    shift
    nsenter --net="$(net_path "$node")" -- "$@"
}

net_ip() {  # NODE ARG...: `ip` in the node's network namespace
    ip -n "$(net_name "$1")" "${@:2}"
}

net_exists() { [[ -e $(net_path "$1") ]]; }

net_create() {
    with_lock netns ip netns add "$(net_name "$1")"
    # Addresses must be usable at once, and come from the lab only.
    in_net "$1" sysctl -q -w \
        net.ipv6.conf.{all,default}.accept_dad=0 \
        net.ipv6.conf.{all,default}.accept_ra=0
    net_ip "$1" link set lo up
}

net_switch_up() {
    if net_exists lan; then
        net_ip lan link show br0 >/dev/null 2>&1 && return 0
        ip netns del "$(net_name lan)"
    fi
    net_create lan
    in_net lan sysctl -q -w net.ipv6.conf.{all,default}.disable_ipv6=1
    net_ip lan link add br0 type bridge forward_delay 0 stp_state 0 mcast_snooping 0
    net_ip lan link set br0 up
}

net_node_up() {  # NODE IPV4 IPV6
    local mac
    # By its address, so that others find a node again that was made anew.
    # shellcheck disable=SC2086  # words to be split
    printf -v mac '02:00:%02x:%02x:%02x:%02x' ${2//./ }
    net_create "$1"
    net_ip lan link add "$1" type veth \
        peer name eth0 address "$mac" netns "$(net_name "$1")"
    net_ip lan link set "$1" master br0 up
    net_address "$@"
    net_ip "$1" link set eth0 up
}

net_address() {  # NODE IPV4 IPV6
    net_ip "$1" address add "$2/24" brd + dev eth0
    net_ip "$1" address add "$3/64" dev eth0 nodad
}

# A name server that answers for its zone at both addresses. What dig says about
# an error is an answer to +short as well, behind a semicolon.
net_answers_dns() {  # NODE ZONE
    local server
    for server in "$lab_dns_server" "$lab_dns_server6"; do
        in_net "$1" dig +short +time=1 +tries=1 "@$server" "$2" SOA |
            grep -q '^[^;]' || return 1
    done
}

# The cable between switch and node: a node without it keeps its addresses,
# as a laptop does that was carried away.
net_cable() {  # NODE up|down
    net_ip lan link set "$1" "$2"
}

net_down() {
    local pid
    net_exists "$1" || return 0
    # Whatever was left running in the node would keep the namespace alive.
    for pid in $(ip netns pids "$(net_name "$1")"); do
        kill -KILL "$pid" 2>/dev/null || true
    done
    net_ip lan link del "$1" 2>/dev/null || true
    ip netns del "$(net_name "$1")"
}

net_cleanup() {
    net_down lan
    with_lock netns net_cleanup_mount
}

# `ip netns add` mounts this directory on itself. It belongs to every lab, and
# to whoever else has namespaces here.
net_cleanup_mount() {
    if mountpoint -q /run/netns && [[ -z $(ls -A /run/netns) ]]; then
        umount /run/netns && rmdir /run/netns
    fi
}
