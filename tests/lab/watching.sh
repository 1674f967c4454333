# shellcheck shell=bash
# For the scenarios of `register --watch`: a watcher in the background, and waiting
# for what it does. Sourced after lib.sh. Waits are wide: they say that something
# happens, tests/bench says how fast. Variables come from lib.sh and go to scenarios.
# shellcheck disable=SC2034,SC2154

watch_pid=
watch_number=0

# start_watch NODE ARG...: each run's JSON is a line of $watch_out.
start_watch() {
    watch_number=$(( watch_number + 1 ))
    watch_out=$work/watch$watch_number.out watch_err=$work/watch$watch_number.err
    ran="muster register --watch --json ${*:2}"
    # The descriptors of the scenario would keep its pipes open.
    "$lab" exec "$1" -- muster register --watch --json "${@:2}" \
        >"$watch_out" 2>"$watch_err" </dev/null &
    watch_pid=$!
    at_exit "kill -KILL $watch_pid"
}

runs() { wc -l <"$watch_out"; }                       # so far
last_run() { tail -n 1 "$watch_out"; }
has_run() { (( $(runs) >= $1 )); }                    # COUNT

# within SECONDS COMMAND...: it succeeds before they are over.
within() {
    local end=$(( $(date +%s) + $1 ))
    shift
    until "$@"; do
        (( $(date +%s) < end )) || return 1
        sleep 0.05
    done
}

# ends_within SECONDS: of the watcher; sets status.
ends_within() {
    within "$1" watch_is_over || return 1
    status=0
    wait "$watch_pid" || status=$?
    cat "$watch_err" >>"$work/all.err"
}

watch_is_over() { ! kill -0 "$watch_pid" 2>/dev/null; }

stop_watch() {  # quietly, between two parts of a scenario
    kill -TERM "$watch_pid" 2>/dev/null
    ends_within 20
}

dns_is() { [[ $(dns_says "$1" "$2") == "$3" ]]; }              # NAME TYPE EXPECTED
reverse_is() { [[ $(reverse_says "$1") == "$2" ]]; }           # ADDRESS EXPECTED
dns_is_gone() { is_gone "$(dns_says "$1" "$2")"; }             # NAME TYPE

run_is() {  # DESCRIPTION FILTER EXPECTED: of the watcher's last line
    local got rc=0
    got=$(last_run | jq -cS "$2" 2>&1) || rc=1
    [[ $got == "$3" ]] || rc=1
    point "$rc" "$1" || { note "got: $got"; note "expected: $3"; note "last run: $(last_run)"; note "$(tail -n 20 "$watch_err")"; }
}
