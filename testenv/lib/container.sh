# shellcheck shell=bash
# Servers: a container in the node's network namespace, its data in a volume
# that can be saved and put back.

container_name() { echo "$lab_id-$1"; }

# Tells the containers of this lab from those of others.
container_label() { echo "muster-lab.instance=$lab_id"; }

container_exists() { podman container exists "$(container_name "$1")"; }

container_running() {
    [[ $(podman container inspect -f '{{.State.Running}}' \
        "$(container_name "$1")" 2>/dev/null) == true ]]
}

# Podman's defaults where they work. A machine without CAP_SYS_RESOURCE cannot
# raise limits, so the container then gets the machine's own; and one with
# mixed control groups needs runc. Sets container_runtime, the words before
# podman's command, and container_limits, the words after it; found out once.
container_flags() {  # IMAGE
    local found=$lab_run/container-flags files processes
    if [[ -f $found ]]; then
        { read -r container_runtime; read -r container_limits; } <"$found"
        return 0
    fi
    files=$(ulimit -Hn) processes=$(ulimit -Hu)
    for container_limits in "" \
        "--ulimit nofile=${files/unlimited/-1} --ulimit nproc=${processes/unlimited/-1}" \
        "--ulimit nofile=1024 --ulimit nproc=4096"; do
        for container_runtime in "" "--runtime runc"; do
            # shellcheck disable=SC2086  # words to be split
            if podman $container_runtime run --rm --label "$(container_label)" \
                    --network none $container_limits "$1" true >/dev/null 2>&1; then
                printf '%s\n' "$container_runtime" "$container_limits" >"$found"
                return 0
            fi
        done
    done
    say "podman cannot start a container here; its own words are:"
    podman run --rm --network none "$1" true >&2
    return 1
}

# container_start NODE MODE CMD... [-- ENV...]: MODE is --rm (wait for the end)
# or --detach. The volume's folders are mounted over the server's.
container_start() {
    local node=$1 mode=$2 volume=$lab_volumes/$1 mounts=() folder
    shift 2
    container_flags "$(image_name)"
    for folder in "$volume"/*/; do
        folder=$(basename "$folder")
        mounts+=(--volume "$volume/$folder:/${folder//-//}")
    done
    # shellcheck disable=SC2086
    podman $container_runtime run $container_limits "$mode" --name "$(container_name "$node")" --hostname "$node" \
        --label "$(container_label)" \
        --network "ns:$(net_path "$node")" --no-hosts --log-driver k8s-file \
        --cap-add NET_ADMIN,NET_RAW \
        --volume "$lab_dir/server:/lab:ro" "${mounts[@]}" \
        "$(image_name)" "$@"
}

container_run() {  # NODE CMD...
    podman exec -i "$(container_name "$1")" "${@:2}"
}

container_become() {  # NODE CMD...: this process turns into the one that asks
    local flags=(-i)
    [[ -t 0 && -t 1 ]] && flags+=(-t)
    exec podman exec "${flags[@]}" "$(container_name "$1")" "${@:2}"
}

container_log() { podman logs --tail 30 "$(container_name "$1")" >&2 || true; }

container_stop() {  # NODE [SECONDS]: at once unless it is given time to finish
    container_exists "$1" || return 0
    podman rm --force --time "${2:-0}" "$(container_name "$1")" >/dev/null
}

# What an interrupted command left, whatever its name.
container_cleanup() {
    local left
    mapfile -t left < <(podman ps --all --quiet \
        --filter "label=$(container_label)" 2>/dev/null)
    (( ${#left[@]} == 0 )) || podman rm --force --time 0 "${left[@]}" >/dev/null
}

volume_create() {  # NODE FOLDER...: folders as etc-samba for /etc/samba
    local folder
    rm -rf "${lab_volumes:?}/$1"
    for folder in "${@:2}"; do
        mkdir -p "$lab_volumes/$1/$folder"
    done
}

# Volumes that only go together are saved as one set.
volume_saved() {  # SET KEY: the path of the saved volumes
    echo "$lab_cache/$1-$2.tar"
}

volume_exists() { [[ -f $(volume_saved "$1" "$2") ]]; }  # SET KEY

volume_save() {  # SET KEY NODE...
    local saved new
    saved=$(volume_saved "$1" "$2")
    mkdir -p "$lab_cache"
    find "$lab_cache" -maxdepth 1 -name '*.tar*' -mtime "+$lab_keep_days" -delete
    new=$(mktemp "$saved.XXXXXX")
    tar --create --sparse --xattrs --warning=no-file-ignored --file "$new" \
        --directory "$lab_volumes" "${@:3}"
    # Only a whole set may bear the name, and it keeps it: another lab may have
    # restored one part of it and be about to restore the next.
    ln "$new" "$saved" 2>/dev/null || true
    rm "$new"
}

volume_restore() {  # SET KEY NODE: fails when there is none
    local saved
    saved=$(volume_saved "$1" "$2")
    volume_exists "$1" "$2" || return 1
    touch -c "$saved"
    rm -rf "${lab_volumes:?}/$3"
    mkdir -p "$lab_volumes"
    tar --extract --sparse --xattrs --same-owner --file "$saved" \
        --directory "$lab_volumes" "$3"
}

volume_delete() {
    rm -rf "${lab_volumes:?}/$1"
    rmdir "$lab_volumes" 2>/dev/null || true
}
