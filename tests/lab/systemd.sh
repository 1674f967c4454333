# shellcheck shell=bash
# A live systemd in a host of the lab: the host's network, name, /etc and /var; processes, control
# groups and /run of its own, and no units but those given to it. Sourced after lib.sh, which sets
# and reads these variables.
# shellcheck disable=SC2034,SC2154

systemd_units=$work/units   # what it knows; seen there as /run/lab-units
systemd_pid=

# A control group of its own, where a systemd of the machine has its units, too.
systemd_group() {
    local top=/sys/fs/cgroup
    [[ $(stat -f -c %T $top) == cgroup2fs ]] || top=/sys/fs/cgroup/systemd
    [[ -d $top ]] || { mkdir -p $top && mount -t cgroup -o none,name=systemd cgroup $top; } || return 1
    echo "$top/muster-lab-$scenario.$$"
}

# Inside the new namespaces, before systemd takes over as process 1.
systemd_boot() {
    cat <<'BOOT'
set -eu
mount --make-rprivate /
mount -t proc proc /proc
cp -r "$1" /dev/shm/lab-units.$$
mount -t tmpfs -o mode=0755 tmpfs /run
mv /dev/shm/lab-units.$$ /run/lab-units
if [ "$2" = cgroup2fs ]; then
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
else
    mount -t tmpfs -o mode=0755 tmpfs /sys/fs/cgroup
    mkdir /sys/fs/cgroup/systemd
    mount -t cgroup -o none,name=systemd cgroup /sys/fs/cgroup/systemd
fi
exec env -i PATH=/usr/sbin:/usr/bin container=muster-lab SYSTEMD_UNIT_PATH=/run/lab-units \
    /lib/systemd/systemd --system --unit=basic.target --log-target=console
BOOT
}

systemd_start() {  # NODE
    local group target i
    mkdir -p "$systemd_units"
    # The names that units lean on by themselves; the machine's own would start much more.
    for target in sysinit basic shutdown network nss-lookup multi-user local-fs; do
        printf '[Unit]\nDescription=%s\n' $target >"$systemd_units/$target.target"
    done
    group=$(systemd_group) && mkdir "$group" || return 1
    systemd_boot >"$work/boot"
    (
        echo "$BASHPID" >"$group/cgroup.procs"
        exec "$lab" exec "$1" -- unshare --mount --pid --fork --ipc --cgroup --kill-child \
            sh "$work/boot" "$systemd_units" "$(stat -f -c %T /sys/fs/cgroup)" \
            >"$work/systemd.log" 2>&1 </dev/null
    ) &
    systemd_outer=$!
    at_exit "systemd_end '$group'"
    for (( i = 0; i < 200; i++ )); do
        # The only process below the one that waits for it.
        systemd_pid=$(pgrep -P "$systemd_outer" -x systemd)
        [[ -n $systemd_pid ]] && in_systemd systemctl is-system-running >/dev/null 2>&1 && return 0
        kill -0 "$systemd_outer" 2>/dev/null || break
        sleep 0.1
    done
    return 1
}

systemd_end() {  # CONTROL-GROUP
    [[ -z $systemd_pid ]] || kill -KILL "$systemd_pid"
    kill -KILL "$systemd_outer"
    wait "$systemd_outer"
    for (( i = 0; i < 50; i++ )); do
        find "$1" -depth -type d -exec rmdir {} + && break
        sleep 0.1
    done
}

in_systemd() {  # COMMAND...
    nsenter --target "$systemd_pid" --mount --pid --net --uts --ipc --cgroup -- \
        env -u NOTIFY_SOCKET SYSTEMD_UNIT_PATH=/run/lab-units timeout 100 "$@"
}

property() { in_systemd systemctl show --value --property="$2" "$1"; }  # UNIT PROPERTY

property_is() { [[ $(property "$1" "$2") == "$3" ]]; }  # UNIT PROPERTY VALUE
