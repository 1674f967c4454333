# shellcheck shell=bash
# The image of the server containers: a minimal Debian of the machine's release
# (the base), and on it what the Containerfile says. Both are fetched the way
# the machine fetches its packages.

image_release() {
    # shellcheck disable=SC1091
    ( . /etc/os-release && echo "$VERSION_CODENAME" )
}

# Images are named by a hash of what they are made from.
image_base_name() {
    local id
    id=$({ image_release; dpkg --print-architecture; declare -f image_build_base; } |
        sha256sum | cut -c1-16)
    echo "localhost/muster-lab-base:$id"
}

image_name() {
    local id
    id=$({ image_base_name; cat "$lab_dir/Containerfile"; } | sha256sum | cut -c1-16)
    echo "localhost/muster-lab:$id"
}

image_ensure() {
    podman image exists "$(image_name)" || with_lock image image_make
}

image_make() {
    local work=$lab_cache/image
    # Another lab may have made it meanwhile.
    podman image exists "$(image_name)" && return 0
    say "building the server image (once; about a minute)"
    image_remove_work
    mkdir -p "$work"
    chmod 700 "$work"
    if ! image_build "$work" >"$work/log" 2>&1; then
        tail -n 20 "$work/log" >&2 || true
        die "cannot build the server image; does apt-get update work on this machine?"
    fi
    image_remove_work
    image_forget_old
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

image_build() {  # WORK
    podman image exists "$(image_base_name)" || image_build_base "$1" || return
    image_build_servers "$1"
}

image_build_base() {  # WORK
    local sources=()
    mapfile -t sources < <(find /etc/apt -maxdepth 2 \
        -type f -size +0 \( -name '*.list' -o -name '*.sources' \) | sort)
    # Proxies and the like come from the machine's settings; logins and
    # preferences are read where they lie.
    { apt-config dump Acquire; cat; } >"$1/apt.conf" <<-'CONF'
	Dir::Etc::netrc "/etc/apt/auth.conf";
	Dir::Etc::netrcparts "/etc/apt/auth.conf.d/";
	Dir::Etc::preferences "/etc/apt/preferences";
	Dir::Etc::preferencesparts "/etc/apt/preferences.d/";
	CONF
    # shellcheck disable=SC2016  # $1 is for the hook
    TMPDIR=$1 mmdebstrap --variant=minbase --aptopt="$1/apt.conf" \
        --dpkgopt='path-exclude=/usr/share/doc/*' \
        --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' \
        --customize-hook='cd "$1/etc" && rm -rf apt/apt.conf.d/99mmdebstrap \
            apt/sources.list apt/sources.list.d resolv.conf hostname' \
        "$(image_release)" "$1/base.tar" "${sources[@]}" &&
        podman import -q "$1/base.tar" "$(image_base_name)"
}

image_build_servers() {  # WORK
    local mounts
    container_flags "$(image_base_name)" || return
    mkdir "$1/settings" "$1/context"
    image_apt_settings "$1/settings"
    mapfile -t mounts < <(image_apt_files | sed 's/.*/--volume=&:&:ro/')
    # shellcheck disable=SC2086  # words to be split
    podman $container_runtime build $container_limits \
        --network host --layers=false --pull=never \
        --build-arg BASE="$(image_base_name)" \
        --build-arg APT_CONFIG=/mnt/apt.conf --volume "$1/settings:/mnt:ro" \
        "${mounts[@]}" \
        --tag "$(image_name)" --file "$lab_dir/Containerfile" "$1/context"
}

# The machine's settings without its hooks, which want programs that a container
# has not, and its certificates, as the base has none.
image_apt_settings() {  # DIRECTORY, seen as /mnt
    if [[ -f /etc/ssl/certs/ca-certificates.crt ]]; then
        cp /etc/ssl/certs/ca-certificates.crt "$1"
        echo 'Acquire::https::CaInfo "/mnt/ca-certificates.crt";' >"$1/apt.conf"
    fi
    { apt-config dump Acquire; cat; } >>"$1/apt.conf" <<-'CONF'
	Dir::Etc::main "/dev/null";
	Dir::Etc::parts "/dev/null";
	CONF
}

# Sources, logins, keys, preferences, and the files that apt's settings name.
image_apt_files() {
    local path
    printf '%s\n' /etc/apt /usr/share/keyrings
    apt-config dump --format '%v%n' Acquire | sort -u |
        while read -r path; do
            if [[ $path == /?* && -f $path ]]; then echo "$path"; fi
        done
}

image_forget_old() {
    local old
    # Other versions of the lab may be in use beside this one.
    for old in $(podman images --format '{{.Repository}}:{{.Tag}}' \
                     --filter reference='localhost/muster-lab*' \
                     --filter until="$(( lab_keep_days * 24 ))h"); do
        [[ $old == "$(image_name)" || $old == "$(image_base_name)" ]] ||
            podman rmi "$old" >/dev/null 2>&1 || true
    done
}
