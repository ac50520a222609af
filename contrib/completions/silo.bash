# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for silo. Commands and options come from silo's own help texts.

# Prints the words of a help text's section: commands, or options with two dashes.
_silo_commands() {
	"$1" --help 2>/dev/null | sed -n '/^COMMANDS:/,/^$/s/^   \([a-z]*\) .*/\1/p'
}

_silo_options() {
	"$@" --help 2>/dev/null | sed -n '/^OPTIONS:/,$p' | grep -oE -- '^ +(-[a-zA-Z], )? *--[a-z-]+' |
		grep -oE -- '--[a-z-]+'
}

# Prints the containers under the --root that is on the command line, if any.
_silo_containers() {
	local i
	local -a root=()

	for ((i = 1; i < COMP_CWORD; i++)); do
		if [[ ${COMP_WORDS[i]} = --root ]]; then root=(--root "${COMP_WORDS[i + 1]}"); fi
	done
	"$1" "${root[@]}" list -q 2>/dev/null
}

_silo() {
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
	local program=${COMP_WORDS[0]} command='' i

	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--root | --log | --log-format | --log-level | --cgroup-manager | --rootless) ((i++)) ;;
		-*) ;;
		*)
			command=${COMP_WORDS[i]}
			break
			;;
		esac
	done
	case $previous in
	--root | --bundle | -b)
		mapfile -t COMPREPLY < <(compgen -d -- "$current")
		return
		;;
	--log | --config | --pid-file | --process | --resources | --console-socket | --pidfd-socket)
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		return
		;;
	--log-format) mapfile -t COMPREPLY < <(compgen -W "text json" -- "$current") && return ;;
	--log-level) mapfile -t COMPREPLY < <(compgen -W "error warning info debug" -- "$current") && return ;;
	--cgroup-manager) mapfile -t COMPREPLY < <(compgen -W "cgroupfs systemd disabled" -- "$current") && return ;;
	--rootless) mapfile -t COMPREPLY < <(compgen -W "true false auto" -- "$current") && return ;;
	--format) mapfile -t COMPREPLY < <(compgen -W "table json" -- "$current") && return ;;
	esac
	if [[ $current = -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_silo_options "$program" $command)" -- "$current")
	elif [[ -z $command || $command = help ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_silo_commands "$program")" -- "$current")
	else
		case $command in
		start | state | exec | kill | pause | resume | ps | update | events | delete)
			mapfile -t COMPREPLY < <(compgen -W "$(_silo_containers "$program")" -- "$current")
			;;
		esac
	fi
}

complete -F _silo silo
