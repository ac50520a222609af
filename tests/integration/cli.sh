#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The command line: what is refused and how, texts that callers read, and the commands that need no container.
# Usage: SILO=path/to/silo tests/integration/cli.sh
set -u
# A state directory that a group can write to is not believed.
umask 022

SILO=$(command -v "${SILO:-${RUNTIME:-silo}}") || { echo "set SILO to the program to test" >&2; exit 2; }
SILO=$(realpath "$SILO")
sources=$(realpath "$(dirname "$0")/../..")
work=$(mktemp -d "${TMPDIR:-/tmp}/silo-cli.XXXXXX")
sleeper=
trap '[ -n "$sleeper" ] && kill "$sleeper" 2>/dev/null; rm -rf "$work"' EXIT
chmod 755 "$work"
cd "$work" || exit 2
out=$work/out err=$work/err
number=0 passed=0 failed=0 skipped=0

report() { # report ok|not NAME
	number=$((number + 1))
	if [ "$1" = ok ]; then
		passed=$((passed + 1))
		echo "ok $number - $2"
	else
		failed=$((failed + 1))
		echo "not ok $number - $2"
		sed 's/^/#   /' "$out" "$err"
	fi
}

skip() { # skip NAME REASON
	number=$((number + 1))
	skipped=$((skipped + 1))
	echo "ok $number - $1 # skip $2"
}

# Runs a command, keeping its status, standard output and standard error.
call() {
	"$@" >"$out" 2>"$err" </dev/null
	status=$?
}

check() { # check NAME CONDITION...
	local name=$1
	shift
	if "$@" >/dev/null 2>&1; then report ok "$name"; else report not "$name"; fi
}

says() { grep -qF -- "$1" "$err"; }
prints() { grep -qF -- "$1" "$out"; }
line_is() { [ "$(sed -n "$1p" "$out")" = "$2" ]; }
silent() { [ ! -s "$out" ] && [ ! -s "$err" ]; }
one_line() { [ "$(wc -l <"$err")" = 1 ]; }

refused() { # refused NAME TEXT ARGUMENTS...: status 1, TEXT on standard error, nothing on standard output
	local name=$1 text=$2
	shift 2
	call "$SILO" "$@"
	if [ "$status" = 1 ] && says "$text" && one_line && [ ! -s "$out" ]; then
		report ok "$name"
	else
		report not "$name (status $status)"
	fi
}

json() { [ -s "$out" ] && jq -e "$1" "$out"; } # jq is content with no input at all

### what is refused
refused "unknown global option" "unknown option --nope" --nope list
refused "unknown short global option" "unknown option -x" -x list
refused "unknown option of a command" "unknown option --nope" list --nope
refused "unknown option after the container" "unknown option --nope" state c1 --nope
refused "option without its argument" "needs an argument" --root
refused "argument for a flag" "takes no argument" delete --force=yes c1
refused "unknown command" "No help topic for 'foo'" foo
refused "help of an unknown command" "No help topic for 'foo'" foo -h
refused "no command" "no command was given"
refused "unknown log format" "unknown log format" --log-format xml list
refused "unknown log level" "unknown log level" --log-level loud list
refused "unknown log scheme" "unknown log scheme" --log pigeon:post list
refused "log that cannot be opened" "No such file or directory" --log /nonexistent/log list
refused "unknown cgroup manager" "--cgroup-manager" --cgroup-manager magic list
refused "unknown --rootless" "--rootless" --rootless maybe list
refused "unknown list format" "unknown format" --root "$work" list --format xml
refused "number that is none" "not a number" create --preserve-fds many c1
refused "unknown signal" "unknown signal" --root "$work" kill c1 NOSUCH
refused "create without a config" "config.json" --root "$work/none" create c1
check "a refused create leaves no state directory" [ ! -e "$work/none" ]
for command in create start run state kill delete; do
	refused "$command without a container (OPS-02, 04, 13, 17, 21)" "CONTAINER" "$command"
done
for command in state start delete; do
	refused "too many arguments for $command" "too many arguments" "$command" a b
done

### container IDs (OPS-06)
for id in . .. .foo "foo bar" foo/bar ../foo "" $'a\nb' 'a@b'; do
	for command in create run state kill delete start; do
		call "$SILO" --root "$work/ids" "$command" "$id"
		check "$command refuses the id '${id//$'\n'/\\n}'" \
			eval '[ "$status" = 1 ] && says invalid && says "container ID" && one_line'
	done
done
check "refused ids leave nothing" eval '[ ! -e "$work/ids" ]'
call "$SILO" --root "$work/ids" state foo/bar
check "an id with a slash is called an invalid character" says "invalid character"

### help and version
for program in silo runc crun; do
	ln -sf "$SILO" "$work/$program"
	call "./$program" --help
	check "$program --help: status 0" [ "$status" = 0 ]
	check "$program --help: line 1" line_is 1 "NAME:"
	check "$program --help: line 2" line_is 2 "   $program - Open Container Initiative runtime"
	check "$program --help: usage" prints "Usage: $program [OPTION...] COMMAND"
	call "./$program" --version
	check "$program --version: line 1" eval '[[ "$(sed -n 1p "$out")" =~ ^$program\ version\ [0-9]+\.[0-9]+ ]]'
	check "$program --version: line 2" eval '[[ "$(sed -n 2p "$out")" = "commit: "?* ]]'
	check "$program --version: line 3" line_is 3 "spec: 1.3.0"
	check "$program --version: features" eval 'grep -q "^+.*+SECCOMP" "$out"'
	call "./$program" delete --help
	check "$program delete --help" prints "Usage: $program [OPTION...] delete CONTAINER"
done
call "$SILO" -h
check "-h is --help" line_is 1 "NAME:"
call "$SILO" -v
check "-v is --version" line_is 3 "spec: 1.3.0"
call "$SILO" help list
check "help COMMAND" prints "Usage: $(basename "$SILO") [OPTION...] list"
for command in create start run state list kill delete spec plan features; do
	call ./runc "$command" -h
	check "$command -h" eval '[ "$status" = 0 ] && line_is 1 "NAME:" &&
		[[ "$(sed -n 2p "$out")" = "   runc $command - "* ]] && [ ! -s "$err" ]'
	call ./crun "$command" --help
	check "$command --help" prints "Usage: crun [OPTION...] $command"
done

### what the documents and the completion say of it
call "$SILO" --help
commands=$(sed -n '/^COMMANDS:/,/^$/s/^   \([a-z]*\) .*/\1/p' "$out" | sort)
check "--help lists commands" [ "$(wc -w <<<"$commands")" -ge 17 ]
if [ -e "$sources/README.md" ] && [ -e "$sources/doc/silo.8" ]; then
	check "README lists the same commands" [ "$(sed -n 's/^Commands: `\([a-z ]*\)`.*/\1 help/p' "$sources/README.md" | tr ' ' '\n' | sort)" = "$commands" ]
	missing=
	for command in '' $commands; do
		call "$SILO" ${command:+"$command"} --help
		[ -z "$command" ] || [ "$command" = help ] || grep -Eq "^\.(Ss|It|Nm|Sx|Ic|Cm)( Ic| Cm)? $command( |\$)" "$sources/doc/silo.8" || missing+=" $command"
		for option in $(grep -oE -- '^ +(-[a-zA-Z], )? *--[a-z0-9-]+' "$out" | grep -oE -- '--[a-z0-9-]+'); do
			grep -Eq "Fl Fl ${option#--}( |\$)" "$sources/doc/silo.8" || missing+=" $command$option"
		done
	done
	echo "$missing" >"$out"
	check "the manual has every command and option" [ -z "$missing" ]
	call bash -c '. "$1/contrib/completions/silo.bash"; _silo_commands "$2" | sort' - "$sources" "$SILO"
	check "the completion has every command" [ "$(cat "$out")" = "$commands" ]
else
	skip "the manual has every command and option" "the documents are not beside the tests"
fi

### containers that do not exist (OPS-02, OPS-14, OPS-18)
for command in state start delete kill; do
	refused "$command of a missing container" "does not exist" --root "$work/none" "$command" c1
done
call "$SILO" --root "$work/none" delete --force c1
check "delete --force of a missing container" eval '[ "$status" = 0 ] && silent'
call "$SILO" --root "$work/none" delete c1 --force
check "an option after the container" eval '[ "$status" = 0 ] && silent'

### the log
call "$SILO" --root "$work/none" state c1
check "text line on standard error" eval \
	'grep -qE "^time=\"[0-9-]+T[0-9:]+Z\" level=error msg=\"container" "$err"'
call "$SILO" --log "$work/log" --log-format json --root "$work/none" state c1
check "JSON line in the log" jq -e '.level == "error" and (.msg | contains("does not exist")) and
	(.time | test("^[0-9-]+T[0-9:]+Z$")) and .errno == "ENOENT"' "$work/log"
check "with a log, the bare message goes to standard error, too" eval \
	'[ "$(cat "$err")" = "container \"c1\" does not exist" ]'
call "$SILO" --log="file:$work/log" --root "$work/none" state c1
check "the log is appended to" [ "$(wc -l <"$work/log")" = 2 ]

### list and state, of state directories made by hand
call "$SILO" --root "$work/none" list
check "list of a given root that does not exist" eval '[ "$status" = 1 ] && says "No such file"'
mkdir -p "$work/root"
call "$SILO" --root "$work/root" list
check "empty table" eval '[ "$status" = 0 ] && [ "$(wc -l <"$out")" = 1 ] && [ ! -s "$err" ]'
check "heading" eval '[ "$(tr -s " " <"$out")" = "ID PID STATUS BUNDLE CREATED OWNER" ]'
call "$SILO" --root "$work/root" list -f json
check "empty JSON" line_is 1 "[]"
call ./crun --root "$work/root" list
check "heading as crun's" eval '[ "$(tr -s " " <"$out")" = "NAME PID STATUS BUNDLE PATH CREATED OWNER" ]'

sleep 1000 &
sleeper=$!
write_state() { # write_state ID PID STATUS
	mkdir -p "$work/root/$1"
	printf '{"ociVersion":"1.3.0","id":"%s","pid":%d,"status":"%s","bundle":"/b","rootfs":"/b/r",%s}' \
		"$1" "$2" "$3" '"created":"2026-11-23T23:23:47.300422633Z","silo":{"version":"0"}' \
		>"$work/root/$1/state.json"
}
write_state zz "$sleeper" running
write_state aa 0 stopped
write_state mm 0 creating
call "$SILO" --root "$work/root" list -q
check "list -q is sorted" eval '[ "$(tr "\n" " " <"$out")" = "aa mm zz " ]'
call "$SILO" --root "$work/root" list --format=json
owner=$(id -un)
tail='"bundle":"/b","rootfs":"/b/r","created":"2026-11-23T23:23:47.300422633Z","owner":"'$owner'"}'
expected='[{"ociVersion":"1.3.0","id":"aa","pid":0,"status":"stopped",'$tail
expected+=',{"ociVersion":"1.3.0","id":"mm","pid":0,"status":"stopped",'$tail
expected+=',{"ociVersion":"1.3.0","id":"zz","pid":'$sleeper',"status":"running",'$tail']'
check "list -f json: one line, runc's order; an abandoned creation is stopped" line_is 1 "$expected"
call "$SILO" --root "$work/root" list
check "list: a row" eval '[ "$(tr -s " " <"$out" | sed -n 4p)" = \
	"zz $sleeper running /b 2026-11-23T23:23:47.300422633Z $owner" ]'
call "$SILO" --root "$work/root" state zz
check "state (STA-01, 02, 03, 06, 08, 11)" json '[.ociVersion, .id, .pid, .status, .bundle, .rootfs, .owner] ==
	["1.3.0", "zz", '$sleeper', "running", "/b", "/b/r", "'"$owner"'"]'
check "state: runc's order" [ "$(jq -r 'keys_unsorted | join(" ")' "$out")" = \
	"ociVersion id pid status bundle rootfs created owner" ]
check "state: nothing of ours" json 'has("silo") | not'
check "state: indented" line_is 2 '  "ociVersion": "1.3.0",'
kill "$sleeper"
wait "$sleeper" 2>/dev/null
sleeper=
call "$SILO" --root "$work/root" state zz
check "state of a dead process (LIF-10)" json '.status == "stopped" and .pid == 0'
mkdir "$work/root/half"
: >"$work/root/aa/state.json"
ln -s zz "$work/root/link"
call "$SILO" --root "$work/root" list -q
check "list goes on over half-made and damaged containers" eval '[ "$status" = 0 ] && [ "$(tr "\n" " " <"$out")" = "mm zz " ]'
check "and says what to do about them" eval 'says "the state of container half" && says "the state of container aa"'
refused "state of a damaged container" "unusable" --root "$work/root" state aa

### spec
mkdir bundle && cd bundle || exit 2
call "$SILO" spec
check "spec is silent" eval '[ "$status" = 0 ] && silent'
call jq . config.json
check "spec's ociVersion (VER-01)" json '.ociVersion == "1.3.0"'
check "spec's process" json '.process.args == ["sh"] and .process.terminal and .process.cwd == "/"'
check "spec's namespaces" json '[.linux.namespaces[].type] - ["cgroup"] == ["pid", "network", "ipc", "uts", "mount"]'
sum=$(cksum config.json)
call "$SILO" spec
check "spec refuses to overwrite" eval '[ "$status" = 1 ] && says "config.json exists" && [ "$sum" = "$(cksum config.json)" ]'
mkdir "$work/other"
call "$SILO" spec --rootless --bundle "$work/other"
call jq . "$work/other/config.json"
check "spec --rootless -b DIR" json '([.linux.namespaces[].type] | contains(["user"])) and
	.linux.uidMappings == [{containerID: 0, hostID: '"$(id -u)"', size: 1}] and (.linux | has("resources") | not)'
call "$SILO" spec -b "$work/nowhere"
check "spec into a missing directory" eval '[ "$status" = 1 ] && says "No such file"'

### features (FEA-04 to FEA-19)
call "$SILO" features
check "versions" json '.ociVersionMin == "1.0.0" and .ociVersionMax == "1.3.0"'
check "hooks" json '.hooks == ["prestart","createRuntime","createContainer","startContainer","poststart","poststop"]'
check "mount options" json '(.mountOptions | length > 50 and all(type == "string" and length > 0) and (unique | length) == length)
	and (.mountOptions | contains(["ro", "rbind", "rro", "nosymfollow", "tmpcopyup", "rprivate"]))'
check "namespaces" json '.linux.namespaces | sort == ["cgroup","ipc","mount","network","pid","time","user","uts"]'
check "capabilities" json '.linux.capabilities | length > 35 and all(test("^CAP_[A-Z_]+$"))'
check "seccomp" json '.linux.seccomp | .enabled and (.actions | all(startswith("SCMP_ACT_"))) and
	(.operators | all(startswith("SCMP_CMP_"))) and (.archs | all(startswith("SCMP_ARCH_"))) and
	(.supportedFlags - .knownFlags == [])'
check "memory policy" json '(.linux.memoryPolicy.modes | contains(["MPOL_BIND"])) and
	(.linux.memoryPolicy.flags | contains(["MPOL_F_STATIC_NODES"]))'
# A static program has no interpreter.
dynamic=$(grep -aq '^/lib.*ld-linux' <(head -c 4096 "$SILO" | tr '\0' '\n') && echo true || echo false)
check "cgroup" json '.linux.cgroup | .v1 and .v2 and .rdma'
check "systemd as cgroup manager, but for a static program, which cannot load libsystemd" json \
	".linux.cgroup | .systemd == $dynamic and .systemdUser == $dynamic"
check "annotations are strings" json '.annotations | all(.[]; type == "string")'
check "no null anywhere" json '[.. | select(. == null)] == []'

### plan
call "$SILO" plan --json
check "plan of the default config" eval '[ "$status" = 0 ] && [ ! -s "$err" ]'
check "plan: numbered from 1 without a gap" json '[.[].number] == [range(1; length + 1)]'
check "plan: sides, kinds and descriptions" json 'all(.side == "host" or .side == "init") and all(.kind | length > 0) and all(.what | length > 0)'
check "plan: the last step is exec" json '.[-1].kind == "exec"'
check "plan: pointers lead into the config" jq -e --slurpfile config config.json '[.[] | select(.pointer) |
	.pointer | ltrimstr("/") | split("/") | map(tonumber? // gsub("~1"; "/")) | . as $path |
	try ($config[0] | getpath($path)) catch null | select(. == null)] == []' "$out"
count=$(jq length "$out")
call "$SILO" plan
check "plan as a table has as many lines" [ "$(wc -l <"$out")" = "$count" ]
jq '.process.rlimits[0].soft = "many"' config.json >bad.json
call "$SILO" plan -f bad.json
check "plan of a bad config names property and line" eval '[ "$status" = 1 ] &&
	says "/process/rlimits/0/soft (line $(grep -n many bad.json | cut -d: -f1))"'
call "$SILO" plan -b "$work/nowhere"
check "plan of a missing bundle" eval '[ "$status" = 1 ] && says "No such file"'
echo '{"args": ["true"], "cwd": "/", "user": {"uid": 7, "gid": 8}}' >process.json
call "$SILO" plan --process process.json --json
check "plan --process: what exec would do" eval '[ "$status" = 0 ] && json "([.[].kind] | index(\"join\")) and .[-1].what == \"execute true\""'
check "plan --process: the process is the file's" json 'any(.what | startswith("become uid 7, gid 8"))'
echo '{"args": ["true"],
"cwd": "relative"}' >process.json
call "$SILO" plan -p process.json
check "plan --process: an error names the file's line" eval '[ "$status" = 1 ] && says "process.json (line 2): /cwd"'
call "$SILO" plan --process "$work/nowhere"
check "plan --process: no such file" eval '[ "$status" = 1 ] && says "No such file"'
rm bad.json process.json
chmod -R a+rX "$work"
as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all env -u XDG_RUNTIME_DIR "$@"; }
if [ "$(id -u)" != 0 ]; then
	skip "plan without privilege" "not root: cannot become nobody"
	skip "list with the default root missing" "not root: cannot become nobody"
else
	# Nobody may not be able to enter the directory of the build.
	install -m 0755 "$SILO" "$work/runtime"
	before=$(find "$work" | sort)
	cd "$work/other" || exit 2
	call as_nobody "$work/runtime" plan --json
	check "plan without privilege" eval '[ "$status" = 0 ] && json "length > 20"'
	check "plan changes nothing" [ "$before" = "$(find "$work" | sort)" ]
	call as_nobody env XDG_RUNTIME_DIR="$work/empty" "$work/runtime" list
	check "list with the default root missing" eval '[ "$status" = 0 ] && [ "$(wc -l <"$out")" = 1 ]'
fi
call bash -c "'$SILO' features >/dev/full"
check "standard output that cannot be written" eval '[ "$status" = 1 ] && says "standard output"'

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
