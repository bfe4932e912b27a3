# SPDX-License-Identifier: MIT
# Completion of prhelperctl(1) for bash: verbs, options, reservation types, block devices. The test
# integration_ctl compares its options with those of --help.
# shellcheck shell=bash

_prhelperctl_verbs='read-keys read-reservation report-capabilities read-full-status register register-ignore
register-move reserve release clear preempt preempt-abort ping status watch events metrics serve show doctor
validate report'
# Those that name no device.
_prhelperctl_deviceless=' ping status watch events metrics serve report '

# _prhelperctl_options VERB: the options that it takes; those of every command where there is none.
_prhelperctl_options() {
    local common='--help --version --socket= --timeout= --json --verbose'
    local device='--readonly --retry-unit-attention'
    case $1 in
        read-keys | read-reservation | report-capabilities | read-full-status)
            echo "$common $device --alloc-length= --hex --raw" ;;
        register)
            echo "$common $device --param-rk= --param-sark= --param-aptpl --param-alltgpt --transport-id=" ;;
        register-ignore)
            echo "$common $device --param-rk= --param-sark= --param-aptpl --param-alltgpt" ;;
        register-move)
            echo "$common $device --param-rk= --param-sark= --prout-type= --param-aptpl --param-unreg" \
                "--unreg --relative-target-port= --transport-id=" ;;
        reserve | release)
            echo "$common $device --param-rk= --prout-type=" ;;
        clear)
            echo "$common $device --param-rk=" ;;
        preempt | preempt-abort)
            echo "$common $device --param-rk= --param-sark= --prout-type=" ;;
        status)
            echo "$common --control=" ;;
        watch)
            echo "$common --control= --interval= --once" ;;
        events)
            echo "$common --control= --reads" ;;
        metrics)
            echo "$common --control= --output= --openmetrics" ;;
        validate)
            echo "$common --scratch --second= --second-socket= --clear-keys --preempt-abort" ;;
        report)
            echo "$common --output= --title=" ;;
        show)
            echo "$common --control=" ;;
        doctor)
            echo "$common --control= --multipathd-socket=" ;;
        serve)
            echo "$common --control= --listen= --allow-remote" ;;
        *)
            echo "$common" ;;
    esac
}

# _prhelperctl_devices WORD: block devices, SCSI generic devices, and directories on the way to them.
_prhelperctl_devices() {
    local path
    while IFS= read -r path; do
        if [[ -d $path ]]; then
            echo "$path/"
        elif [[ -b $path || $path == /dev/sg* ]]; then
            echo "$path"
        fi
    done < <(compgen -f -- "${1:-/dev/}")
}

_prhelperctl() {
    local word=${COMP_WORDS[COMP_CWORD]} before='' verb='' index
    if ((COMP_CWORD > 0)); then before=${COMP_WORDS[COMP_CWORD - 1]}; fi
    # "=" is a word of its own where it is among COMP_WORDBREAKS.
    if [[ $word == '=' ]]; then
        word=''
    elif [[ $before == '=' ]]; then
        before=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    for ((index = 1; index < COMP_CWORD; index++)); do
        if [[ " ${_prhelperctl_verbs//$'\n'/ } " == *" ${COMP_WORDS[index]} "* ]]; then
            verb=${COMP_WORDS[index]}
            break
        fi
    done

    COMPREPLY=()
    case $before in
        --socket | --second-socket | --control | --output | --multipathd-socket)
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
            compopt -o filenames 2> /dev/null
            return ;;
        --second)
            mapfile -t COMPREPLY < <(_prhelperctl_devices "$word")
            return ;;
        --prout-type | -T)
            mapfile -t COMPREPLY < <(compgen -W '1 3 5 6 7 8' -- "$word")
            return ;;
        --transport-id | -X)
            mapfile -t COMPREPLY < <(compgen -W 'sas, fcp, srp, sbp, sop, iqn. file= -' -- "$word")
            compopt -o nospace 2> /dev/null
            return ;;
        --timeout | --param-rk | -K | --param-sark | -S | --alloc-length | -l | --relative-target-port | -Q | --interval | --listen)
            return ;;
    esac
    if [[ $word == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_prhelperctl_options "$verb")" -- "$word")
        if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then compopt -o nospace 2> /dev/null; fi
    elif [[ -z $verb ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$_prhelperctl_verbs" -- "$word")
    elif [[ $_prhelperctl_deviceless != *" $verb "* ]]; then
        mapfile -t COMPREPLY < <(_prhelperctl_devices "$word")
        if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == */ ]]; then compopt -o nospace 2> /dev/null; fi
    fi
}

complete -F _prhelperctl prhelperctl
