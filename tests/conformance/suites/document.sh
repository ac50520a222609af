#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The document itself, the bundle, the version, the state (GEN, BUN, VER, STA).
. "$(dirname "$0")/../lib.sh"
conformance_begin

# refused_text NAME REGEX TEXT: create is refused for a config.json of TEXT.
refused_text()
{
	local err status=0

	mkdir -p "$WORK/text" && printf '%s' "$3" >"$WORK/text/config.json"
	timeout 30 "$RUNTIME" --root "$STATE" create -b "$WORK/text" "$PREFIX-text" >"$WORK/text.out" 2>&1 </dev/null ||
		status=$?
	err=$(cat "$WORK/text.out")
	if [ "$status" -eq 0 ] || [ "$status" -ge 124 ] || [ -e "$STATE/$PREFIX-text" ]; then
		runtime delete --force "$PREFIX-text" 2>/dev/null
		fail "$1" "exit status $status: $err"
	elif is_silo && ! grep -Eq -- "$2" <<<"$err"; then
		fail "$1" "no match for \"$2\": $err"
	else
		pass "$1"
	fi
}

# General rules
base=$(bundle good)/config.json
accepted "GEN-01 the order of names has no meaning" \
	'def turned: if type == "object" then to_entries | reverse | from_entries | map_values(turned)
		elif type == "array" then map(turned) else . end; turned'
inside "GEN-01 UTF-8 reaches the process" "grün €" '.process.env += ["WORD=grün €"]' 'echo "$WORD"'
refused_text "GEN-01 an invalid UTF-8 sequence" '\(line [0-9]+, column [0-9]+\): invalid UTF-8' \
	"$(sed $'s/"true"/"\xc3("/' "$base")"
refused_text "GEN-01 a trailing comma" 'line [0-9]+.*: invalid JSON' "$(sed '$s/}/,}/' "$base")"
refused_text "GEN-02 a name that comes twice" '/hostname \(line [0-9]+\): .*(twice|duplicate)' \
	"$(sed '1s/{/{ "hostname": "a",/' "$base")"
refused_text "GEN-02 a name that comes twice, deep" '/process/cwd \(line [0-9]+\): .*(twice|duplicate)' \
	"$(sed 's/"cwd": "\/"/"cwd": "\/", "cwd": "\/tmp"/' "$base")"
for place in . .process .process.user .root '.mounts[0]' .linux '.linux.namespaces[0]' .linux.resources; do
	accepted "GEN-03 an unknown property in $place" "$place += {\"org.example.unknown\": {\"a\": [1, null]}}"
done
accepted "GEN-04 ANN-04 unknown annotations" '.annotations = {"org.example.unknown": "x",
	"org.opencontainers.unknown": "", "org.opencontainers.image.stopSignal": "nonsense"}'
refused "GEN-05 a known property with an invalid value" 'config.json: /process/oomScoreAdj \(line [0-9]+\): expected' \
	'.process.oomScoreAdj = 1001'
refused "GEN-06 GEN-07 OPS-10 a valid value that no kernel supports" '/process/scheduler/policy' \
	'.process.scheduler = {policy: "SCHED_ISO"}'
for section in windows solaris zos freebsd; do
	accepted "GEN-08 PLT-02 the section $section is not ours" ".$section = {layerFolders: 7, anet: \"x\"}"
done
accepted "GEN-08 process.commandLine, process.user.username" \
	'.process.commandLine = 7 | .process.user.username = ["x"]'
warned=$(run_in '.process.capabilities.bounding += ["CAP_NO_SUCH"]' 'echo done')
check_match "GEN-11 CAP-03 an unknown capability is warned about" 'level=warning.*CAP_NO_SUCH' "$warned"
check_match "GEN-11 CAP-04 ...and the operation goes on" '^done$' "$warned"
if is_silo; then
	# What the text leaves to us is kept nevertheless: results on stdout, errors on stderr or in the log, and 1.
	dir=$(bundle channels '.process.scheduler = {policy: "SCHED_ISO"}')
	"$RUNTIME" --root "$STATE" create -b "$dir" "$PREFIX-channels" >"$WORK/stdout" 2>"$WORK/stderr" </dev/null
	check_equal "GEN-12 an error: exit status 1, a line on stderr, nothing on stdout" "1 1 0" \
		"$? $(grep -c 'level=error' "$WORK/stderr") $(wc -c <"$WORK/stdout")"
	"$RUNTIME" --root "$STATE" --log "$WORK/log.json" --log-format json create -b "$dir" "$PREFIX-channels" >/dev/null 2>&1 </dev/null
	check_equal "GEN-12 ...and in the log, as JSON when asked for" error "$(jq -r .level "$WORK/log.json")"
	check "GEN-14 a config can be checked before it is used" "$RUNTIME" plan -b "$WORK/text" -f "$WORK/base.json"
fi
accepted "GEN-15 null is as good as absent" '.hostname = null | .process.rlimits = null | .linux.seccomp = null |
	.process.capabilities.ambient = null | .linux.resources = null | .hooks = null | .annotations = null'

# Bundle
mkdir "$WORK/other" "$WORK/misnamed"
cp "$base" "$WORK/misnamed/Config.json"
check_refused "BUN-01 a bundle without config.json" runtime create -b "$WORK/other" "$PREFIX-bundle"
check_refused "BUN-01 config.json under another name" runtime create -b "$WORK/misnamed" "$PREFIX-bundle"
refused_text "BUN-01 config.json that is no JSON" 'JSON' 'x'
echo "the bundle's" >"$WORK/rootfs/marker"
inside "BUN-02 ROOT-02 the root file system is that of root.path" "the bundle's" . 'cat /marker'
mkdir "$WORK/whole" && cp -a "$WORK/rootfs" "$WORK/whole/image"
jq '.root.path = "image" | .process.args = ["cat", "/marker"]' "$base" >"$WORK/whole/config.json"
check_equal "BUN-03 ROOT-02 all in one directory, root.path relative to it" "the bundle's" \
	"$(runtime run -b "$WORK/whole" "$PREFIX-whole" 2>&1 </dev/null)"
mv "$WORK/whole" "$WORK/moved"
check_equal "BUN-03 ...the directory itself does not matter" "the bundle's" \
	"$(runtime run -b "$WORK/moved" "$PREFIX-whole" 2>&1 </dev/null)"
check "BUN-04 a relative bundle" sh -c 'cd "$1" && "$2" --root "$3" create -b moved "$4" >/dev/null' - \
	"$WORK" "$RUNTIME" "$STATE" "$PREFIX-relative"
check_equal "BUN-04 STA-08 the state's bundle is absolute" "$WORK/moved" \
	"$(runtime state "$PREFIX-relative" | jq -r .bundle)"
runtime delete --force "$PREFIX-relative"

# Version
refused "VER-01 ociVersion is absent" 'ociVersion.* is missing' 'del(.ociVersion)'
for version in '' 1 1.0 invalid 1.0.0.0 01.0.0 1.0.0- v1.0.0; do
	refused "VER-01 VER-04 ociVersion \"$version\" is no semantic version" \
		'/ociVersion \(line [0-9]+\): expected a semantic version' ".ociVersion = \"$version\""
done
for version in 1.0.0 1.0.2 1.1.0 1.2.1 1.3.0 1.0.0-rc1 1.3.0+dev 1.2.0-rc.1+build.5; do
	accepted "VER-02 ociVersion $version" ".ociVersion = \"$version\""
done
# What each version of the text brought is there, whatever version a config names.
maps='uidMappings: [{containerID: 0, hostID: 1000, size: 1}], gidMappings: [{containerID: 0, hostID: 1000, size: 1}]'
mkdir -p "$WORK/tmp" && mount -t tmpfs tmpfs "$WORK/tmp"
user='.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
while IFS='|' read -r id version what filter; do
	accepted "$id $version: $what" ".ociVersion = \"$version\" | $filter"
	accepted "$id VER-02 $what, in a config of 1.0.0" ".ociVersion = \"1.0.0\" | $filter"
done <<END
SVN-01|1.0.2|personality|.linux.personality = {domain: "LINUX"}
SVN-01|1.0.2|createRuntime, createContainer and startContainer hooks|.hooks = ([("prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop") | {key: ., value: [{path: "/bin/true"}]}] | from_entries)
SVN-02|1.1.0|domainname|.domainname = "realm"
SVN-02|1.1.0|errnoRet, KILL_PROCESS|.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["swapon"], action: "SCMP_ACT_KILL_PROCESS"}, {names: ["reboot"], action: "SCMP_ACT_ERRNO", errnoRet: 38}]}
SVN-02|1.1.0|flags WAIT_KILLABLE_RECV, architecture RISCV64|.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_RISCV64"], flags: ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]}
SVN-02|1.1.0|mappings of a mount|.mounts += [{destination: "/mnt", source: "$WORK/tmp", options: ["bind"], $maps}]
SVN-02|1.1.0|time namespace|.linux.namespaces += [{type: "time"}] | .linux.timeOffsets = {boottime: {secs: 1}}
SVN-02|1.1.0|scheduler, ioPriority|.process.scheduler = {policy: "SCHED_BATCH"} | .process.ioPriority = {class: "IOPRIO_CLASS_IDLE"}
SVN-02|1.1.0|checkBeforeUpdate|.linux.resources.memory = {checkBeforeUpdate: true}
SVN-03|1.2.0|idmap without mappings|$user | .mounts += [{destination: "/mnt", source: "$WORK/tmp", options: ["bind", "idmap"]}]
SVN-03|1.2.0|org.opencontainers.image annotations|.annotations = {"org.opencontainers.image.os": "linux"}
SVN-04|1.2.1|execCPUAffinity|.process.execCPUAffinity = {initial: "0", final: "0"}
SVN-05|1.3.0|memoryPolicy|.linux.memoryPolicy = {mode: "MPOL_LOCAL"}
SVN-05|1.3.0|pids.limit may be absent|.linux.resources.pids = {}
SVN-05|1.3.0|freebsd|.freebsd = {jail: {}}
END
umount "$WORK/tmp"
inside_match "SVN-03 1.2.0: a relative destination" " /mnt tmpfs " \
	'.ociVersion = "1.2.0" | .mounts += [{destination: "mnt", source: "tmpfs", type: "tmpfs"}]' 'cat /proc/mounts'
check "SVN-02 SVN-03 SVN-05 features tells of each of them" jq -e '.linux.seccomp.knownFlags and .linux.mountExtensions.idmap.enabled and
	(.potentiallyUnsafeConfigAnnotations | length > 0) and .linux.netDevices.enabled and .linux.intelRdt.schemata and
	.linux.intelRdt.monitoring and (.linux.memoryPolicy.modes | length == 7) and (.linux.seccomp.archs | index("SCMP_ARCH_RISCV64"))' \
	<("$RUNTIME" features)
for bound in ociVersionMin ociVersionMax; do
	version=$("$RUNTIME" features 2>/dev/null | jq -r .$bound)
	accepted "VER-03 FEA-04 the features document's $bound ($version)" ".ociVersion = \"$version\""
done

# State: one container through its life
hook='{path: "/bin/sh", args: ["sh", "-c", $save]}'
dir=$(bundle life ".process.args = [\"sh\", \"-c\", \"read line\"] | .annotations = {\"org.example.k\": \"v\"} |
	.hooks = {prestart: [$hook]}" --arg save "cat >$WORK/creating.json")
mkfifo "$WORK/fifo"
sleep 1000 >"$WORK/fifo" &
holder=$!
id=$PREFIX-state
runtime create -b "$dir" --pid-file "$WORK/state.pid" "$id" <"$WORK/fifo" >"$WORK/state.out" 2>&1
runtime state "$id" >"$WORK/created.json"
pid=$(cat "$WORK/state.pid")
check_equal "STA-05 created: the program is not executed" 1 \
	"$(tr '\0' ' ' <"/proc/$pid/cmdline" | grep -vc '^sh -c')"
runtime start "$id"
runtime state "$id" >"$WORK/running.json"
check "STA-05 running: the program is executed" wait_until 5 grep -q 'read line' "/proc/$pid/cmdline"
kill "$holder"
wait "$holder" 2>/dev/null
check "STA-05 LIF-10 OPS-03 stopped: it has ended" wait_until 10 status_is "$id" stopped
runtime state "$id" >"$WORK/stopped.json"
# What schema/state-schema.json says of a State, in jq: types, required members, the statuses.
schema='(.ociVersion | type == "string") and (.id | type == "string") and (.bundle | type == "string") and
	(.status | IN("creating", "created", "running", "stopped")) and
	(.pid // 0 | type == "number" and . >= 0 and . == floor) and
	(.annotations // {} | type == "object" and all(.[]; type == "string"))'
for status in creating created running stopped; do
	document=$WORK/$status.json
	check_equal "STA-03 status $status" "$status" "$(jq -r .status "$document")"
	check_match "STA-01 $status: ociVersion" '^1\.[0-3]\.[0-9]+' "$(jq -r .ociVersion "$document")"
	check_equal "STA-02 $status: id" "$id" "$(jq -r .id "$document")"
	check_equal "STA-08 $status: bundle" "$dir" "$(jq -r .bundle "$document")"
	check_equal "STA-09 ANN-06 $status: annotations" v "$(jq -r '.annotations["org.example.k"]' "$document")"
	check "STA-11 $status: valid against the schema" jq -e "$schema" "$document"
	check "STA-10 $status: further members do not harm" jq -e . "$document"
done
check_equal "STA-06 the pid of a created container" "$pid" "$(jq .pid "$WORK/created.json")"
check_equal "STA-06 the pid of a running one" "$pid" "$(jq .pid "$WORK/running.json")"
check_equal "STA-07 the pid that a hook in the runtime's namespace reads" "$pid" "$(jq .pid "$WORK/creating.json")"
runtime delete "$id"
inside "STA-07 the pid that a hook in the container reads is the container's" 1 \
	'.hooks.startContainer = [{path: "/bin/sh", args: ["sh", "-c", "cat >/state.json"]}]' \
	"sed -n 's/.*\"pid\":\\([0-9]*\\).*/\\1/p' /state.json"
dir=$(bundle plain)
runtime create -b "$dir" "$PREFIX-plain" >/dev/null 2>&1 </dev/null
check_match "STA-09 ANN-06 without annotations: absent or empty" '^(null|\{\})$' \
	"$(runtime state "$PREFIX-plain" | jq -c .annotations)"
runtime delete --force "$PREFIX-plain"
conformance_end
