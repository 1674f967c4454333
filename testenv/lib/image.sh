# shellcheck shell=bash
# The image of the server containers: the machine's own Debian release with
# Samba and BIND, fetched the way the machine fetches its packages.

image_packages=(
    samba samba-ad-dc samba-ad-provision samba-dsdb-modules samba-vfs-modules
    winbind ldb-tools python3-samba
    bind9 bind9-utils bind9-dnsutils krb5-user ldap-utils libsasl2-modules-gssapi-mit
    iproute2 nftables procps tcpdump
)

image_release() {
    # shellcheck disable=SC1091
    ( . /etc/os-release && echo "$VERSION_CODENAME" )
}

image_name() {
    local id
    id=$({ image_release; dpkg --print-architecture; cat "$lab_dir/lib/image.sh"; } |
        sha256sum | cut -c1-16)
    echo "localhost/muster-lab:$id"
}

image_ensure() {
    podman image exists "$(image_name)" || with_lock image image_make
}

image_make() {
    local name work=$lab_cache/image
    name=$(image_name)
    # Another lab may have made it meanwhile.
    podman image exists "$name" && return 0
    say "building the server image (once; about a minute)"
    image_remove_work
    mkdir -p "$work"
    if ! image_build "$name" "$work"; then
        tail -n 20 "$work/log" >&2 || true
        die "cannot build the server image; does apt-get update work on this machine?"
    fi
    image_remove_work
    image_forget_others "$name"
}

# What an interrupted build left; not what another lab is building just now.
image_cleanup() {
    [[ ! -e $lab_cache/image ]] || (
        flock --nonblock 8 || exit 0
        image_remove_work
    ) 8>/run/lock/muster-lab.image
}

image_remove_work() {
    local mounted
    while read -r mounted; do
        umount --lazy "$mounted"
    done < <(awk -v dir="$lab_cache/image/" 'index($5, dir) == 1 { print $5 }' \
                 /proc/self/mountinfo | sort -r)
    rm -rf --one-file-system "$lab_cache/image"
}

image_build() {  # NAME WORK
    local include sources=()
    include=$(IFS=,; echo "${image_packages[*]}")
    mapfile -t sources < <(find /etc/apt -maxdepth 2 \
        -type f -size +0 \( -name '*.list' -o -name '*.sources' \) | sort)
    # Proxies and the like come from the machine's apt configuration; logins
    # are read where they lie. None of it stays in the image.
    apt-config dump Acquire >"$2/apt.conf"
    cat >>"$2/apt.conf" <<-'CONF'
	Dir::Etc::netrc "/etc/apt/auth.conf";
	Dir::Etc::netrcparts "/etc/apt/auth.conf.d/";
	CONF
    # shellcheck disable=SC2016  # $1 is for the hook
    TMPDIR=$2 mmdebstrap --variant=minbase --include="$include" \
        --aptopt="$2/apt.conf" --aptopt='Apt::Install-Recommends "false"' \
        --dpkgopt='path-exclude=/usr/share/doc/*' \
        --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' \
        --customize-hook='cd "$1/etc" && rm -rf apt/apt.conf.d/99mmdebstrap \
            apt/sources.list apt/sources.list.d resolv.conf hostname' \
        "$(image_release)" "$2/image.tar" "${sources[@]}" >"$2/log" 2>&1 &&
        podman import -q "$2/image.tar" "$1" >>"$2/log" 2>&1
}

image_forget_others() {
    local other
    # Other versions of the lab may be in use beside this one.
    for other in $(podman images --format '{{.Repository}}:{{.Tag}}' \
                       --filter reference='localhost/muster-lab' \
                       --filter until="$(( lab_keep_days * 24 ))h"); do
        [[ $other == "$1" ]] || podman rmi "$other" >/dev/null 2>&1 || true
    done
}
