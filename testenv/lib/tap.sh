# shellcheck shell=bash
# Counts test points. A point that was announced and never came is a failure.
# Sourced; the counts are read by the file that sources it.

passed=0 failed=0 skipped=0

count_pass() { passed=$(( passed + 1 )); }

count_failure() {
    failed=$(( failed + 1 ))
    echo "FAILED: $*"
}

# count_trs DIRECTORY: Automake's result files, one line per test point.
count_trs() {
    local file line files=()
    mapfile -t files < <(find "$1" -name '*.trs' | sort)
    if (( ${#files[@]} == 0 )); then
        count_failure "$1: make check left no results"
    fi
    for file in "${files[@]}"; do
        while IFS= read -r line; do
            case $line in
            ':test-result: PASS'* | ':test-result: XFAIL'*) count_pass ;;
            ':test-result: SKIP'*) skipped=$(( skipped + 1 )) ;;
            ':test-result:'*) count_failure "${file#"$1"/}:${line#:test-result:}" ;;
            esac
        done <"$file"
        grep -q '^:test-result:' "$file" || count_failure "$file: no results"
    done
}

# count_tap FILE STATUS: TAP streams one after the other, and how they ended.
count_tap() {
    local line planned=0 seen=0 bad=$failed
    while IFS= read -r line; do
        case $line in
        'not ok'*) count_failure "$line"; seen=$(( seen + 1 )) ;;
        'ok'*'# SKIP'* | 'ok'*'# skip'*) skipped=$(( skipped + 1 )); seen=$(( seen + 1 )) ;;
        'ok' | 'ok '*) count_pass; seen=$(( seen + 1 )) ;;
        'Bail out!'*) count_failure "$line" ;;
        1..[0-9]*) [[ $line =~ ^1\.\.([0-9]+) ]] && planned=$(( planned + BASH_REMATCH[1] )) ;;
        esac
    done <"$1"
    if (( planned == 0 )); then
        count_failure "$1: no test points were announced"
    elif (( seen != planned )); then
        count_failure "$1: $planned test points announced, $seen came"
    fi
    if (( $2 != 0 && failed == bad )); then
        count_failure "$1: ended with status $2"
    fi
}

print_counts() {
    local line="$passed passed, $failed failed"
    (( skipped == 0 )) || line+=", $skipped skipped"
    echo "$line"
}
