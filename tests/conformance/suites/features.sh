#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The features document (FEA): what it names is recognised, and what it leaves out is not. Nothing is run: a config
# is compiled by `silo plan`, or created by other runtimes.
. "$(dirname "$0")/../lib.sh"
conformance_begin
features=$WORK/features.json
"$RUNTIME" features >"$features" 2>"$WORK/features.err" || {
	skip "FEA-04 the features document" "the runtime has no features command"
	conformance_end
}

# compiles FILTER: whether the base config, changed by FILTER, is accepted; its words are in $WORK/said.
compiles()
{
	local dir

	dir=$(bundle compiled "$1") && "$RUNTIME" plan -b "$dir" >/dev/null 2>"$WORK/said"
}

# each ID PATH FILTER: FILTER with @ replaced by each item of the list at PATH compiles, without a warning.
each()
{
	local item bad= count=0

	while read -r item; do
		count=$((count + 1))
		compiles "${3//@/$item}" && [ ! -s "$WORK/said" ] || bad+=" $item: $(head -n 1 "$WORK/said")"
	done < <(jq -r "$2[]" "$features")
	check_equal "$1 $2: $count items, each recognised" "" "$bad"
	[ "$count" -gt 0 ] || fail "$1 $2 has items"
}

# What schema/features-schema.json says, in jq.
schema='def strings: type == "array" and all(.[]; type == "string");
	def optional(f): . == null or f;
	def switch: optional(type == "object" and (.enabled | optional(type == "boolean")));
	(.ociVersionMin | type == "string" and test("^[0-9]+\\.[0-9]+\\.[0-9]+")) and
	(.ociVersionMax | type == "string" and test("^[0-9]+\\.[0-9]+\\.[0-9]+")) and
	(.hooks | optional(strings)) and (.mountOptions | optional(strings)) and
	(.annotations | optional(type == "object" and all(to_entries[]; .key != "" and (.value | type == "string")))) and
	(.potentiallyUnsafeConfigAnnotations | optional(strings)) and
	(.linux | optional(
		(.namespaces | optional(strings)) and
		(.capabilities | optional(strings and all(.[]; test("^CAP_[A-Z_]+$")))) and
		(.cgroup | optional(all(.[]; optional(type == "boolean")))) and
		(.seccomp | switch and all(.actions, .operators, .archs, .knownFlags, .supportedFlags; optional(strings))) and
		(.apparmor | switch) and (.selinux | switch) and (.intelRdt | switch) and (.netDevices | switch) and
		(.mountExtensions | optional(.idmap | switch))))'
check "FEA-01 FEA-19 SDX-15 the document is valid against the schema" jq -e "$schema" "$features"
check "FEA-19 ...which a wrong one is not" sh -c 'jq ".linux.seccomp.actions = 7" "$1" | jq -e "$2" >/dev/null && exit 1 || exit 0' - \
	"$features" "$schema"
check "FEA-03 no member is null" jq -e '[.. | select(. == null)] | length == 0' "$features"
check "FEA-04 ociVersionMax is not below ociVersionMin" jq -e \
	'def parts: split(".") | map(tonumber? // 0); (.ociVersionMax | parts) >= (.ociVersionMin | parts)' "$features"
# Members of features.md and features-linux.md at 1.3; "annotations" may hold anything.
known='ociVersionMin ociVersionMax hooks mountOptions linux annotations potentiallyUnsafeConfigAnnotations'
check_equal "FEA-04 no members but those of that version" "" "$(jq -r 'keys[]' "$features" | grep -vxF "${known// /$'\n'}")"
known='namespaces capabilities cgroup seccomp apparmor selinux intelRdt memoryPolicy mountExtensions netDevices'
check_equal "FEA-04 FEA-07 ...nor in linux" "" "$(jq -r '.linux | keys[]' "$features" | grep -vxF "${known// /$'\n'}")"
check_equal "FEA-02 it does not depend on the host: as an ordinary user in new namespaces, the same" "$(cat "$features")" \
	"$(cp "$RUNTIME" "$WORK/runtime"; chmod 0755 "$WORK/runtime"; unshare -mpf --mount-proc setpriv --reuid=65534 --clear-groups \
	--bounding-set -all "$WORK/runtime" features 2>&1)"
each "FEA-05" .hooks '.hooks = {"@": [{path: "/bin/true"}]}'
check_equal "FEA-05 ...and all six are there" "createContainer createRuntime poststart poststop prestart startContainer" \
	"$(jq -r '.hooks | sort | join(" ")' "$features")"
# Together with what they need: a bind, or mappings.
each "FEA-06" .mountOptions '.mounts += [if "@" | IN("bind", "rbind", "copy-symlink", "dest-nofollow", "src-nofollow") or
	("@" | test("^r?idmap$")) then {destination: "/mnt", source: "/etc", options: ["rbind", "@"]} +
	(if "@" | test("idmap") then {uidMappings: [{containerID: 0, hostID: 1, size: 1}], gidMappings: [{containerID: 0, hostID: 1, size: 1}]} else {} end)
	else {destination: "/mnt", type: "tmpfs", source: "tmpfs", options: (if "@" == "remount" then ["bind", "@"] else ["@"] end)} end]'
for option in nosymfollow rro idmap ridmap tmpcopyup rnodev symfollow iversion; do
	check "FEA-06 SDX-16 mountOptions has $option" jq -e --arg option "$option" '.mountOptions | index($option)' "$features"
done
check_equal "FEA-06 no options of single file systems" "" "$(jq -r '.mountOptions[]' "$features" | grep -E '=|^(size|mode|lowerdir|uid|gid)')"
each "FEA-10" .linux.namespaces '.linux.namespaces |= map(select(.type != "@")) + [{type: "@"}]'
each "FEA-11" .linux.capabilities '.process.capabilities = {bounding: ["@"]} | if "@" == "CAP_SYS_RESOURCE" then .process.capabilities = {} else . end'
if compiles '.process.capabilities.bounding = ["CAP_NO_SUCH"]' && grep -q CAP_NO_SUCH "$WORK/said"; then
	pass "FEA-11 ...what is not named is not recognised"
else
	fail "FEA-11 ...what is not named is not recognised" "$(cat "$WORK/said")"
fi
check "FEA-12 linux.cgroup: kinds of cgroups, each true or false" jq -e '.linux.cgroup | (keys - ["v1", "v2", "systemd", "systemdUser", "rdma"] == []) and
	.v1 == true and .v2 == true and all(.[]; type == "boolean")' "$features"
check "FEA-13 linux.seccomp.enabled" jq -e '.linux.seccomp.enabled == true' "$features"
each "FEA-13" .linux.seccomp.actions '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: "/run/agent",
	syscalls: [{names: ["acct"], action: "@"}]}'
each "FEA-13" .linux.seccomp.operators '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["personality"],
	action: "SCMP_ACT_LOG", args: [{index: 0, value: 1, valueTwo: 1, op: "@"}]}]}'
# One of another byte order than this machine is recognised, but nothing can be made of it.
for arch in $(jq -r '.linux.seccomp.archs[]' "$features"); do
	if compiles ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", architectures: [\"$arch\"]}" ||
		grep -q "libseccomp refuses architecture $arch" "$WORK/said"; then
		pass "FEA-13 SEC-04 $arch is recognised"
	else
		fail "FEA-13 SEC-04 $arch is recognised" "$(cat "$WORK/said")"
	fi
done
each "FEA-13" .linux.seccomp.knownFlags '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", flags: ["@"], listenerPath: "/run/agent",
	syscalls: [{names: ["acct"], action: "SCMP_ACT_NOTIFY"}]}'
check "FEA-13 supportedFlags is a subset of knownFlags" jq -e '.linux.seccomp | .supportedFlags - .knownFlags == []' "$features"
for arch in SCMP_ARCH_NO X86_64 ""; do
	refused "SEC-04 the architecture \"$arch\"" '/linux/seccomp/architectures/0 \(line [0-9]+\): expected one of' \
		".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", architectures: [\"$arch\"]}"
done
check "FEA-14 apparmor and selinux" jq -e '.linux | (.apparmor.enabled | type == "boolean") and (.selinux.enabled | type == "boolean")' "$features"
each "FEA-15" .linux.memoryPolicy.modes '.linux.memoryPolicy = {mode: "@", nodes: (if "@" | IN("MPOL_DEFAULT", "MPOL_LOCAL") then "" else "0" end)}'
each "FEA-15" .linux.memoryPolicy.flags '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0", flags: ["@"]}'
check "FEA-16 intelRdt" jq -e '.linux.intelRdt | [.enabled, .schemata // false, .monitoring // false] | all(type == "boolean")' "$features"
check "FEA-17 mountExtensions.idmap" jq -e '.linux.mountExtensions.idmap.enabled == true' "$features"
check "FEA-18 netDevices" jq -e '.linux.netDevices.enabled | type == "boolean"' "$features"
# What it says is there works, what it says is missing is refused by name.
for feature in netDevices:'{eth9: {}}' intelRdt:'{closID: "x"}'; do
	name=${feature%%:*}
	if jq -e ".linux.$name.enabled" "$features" >/dev/null; then
		check "FEA-16 FEA-18 $name is compiled" compiles ".linux.$name = ${feature#*:}"
	else
		check_refused "FEA-16 FEA-18 $name is refused" "$RUNTIME" plan -b "$(bundle feature ".linux.$name = ${feature#*:}")"
	fi
done
check "FEA-08 annotations: keys and values as in a config" jq -e '.annotations | all(to_entries[]; (.key | length) > 0 and (.value | type == "string"))' "$features"
check "FEA-09 potentiallyUnsafeConfigAnnotations: names or prefixes" jq -e '.potentiallyUnsafeConfigAnnotations | all(.[]; test("^[a-z0-9_./-]+$"; "i"))' "$features"

# The vm section: read and checked, and refused since no virtual machine is made
refused "VM-01 VM-02 GEN-06 vm" '/vm \(line [0-9]+\): ' '.vm = {kernel: {path: "/boot/vmlinuz"}}'
refused "VM-04 GEN-06 vm.image, since there is no machine whose root it could hold" '/vm \(line [0-9]+\): ' \
	'.vm = {kernel: {path: "/boot/vmlinuz"}, image: {path: "/image", format: "raw"}}'
refused "SVN-05 GEN-06 vm.hwConfig is read" '/vm \(line [0-9]+\): ' '.vm = {kernel: {path: "/k"}, hwConfig: {vcpus: 1, memory: 1}}'
refused "VM-02 vm without a kernel" '/vm.*kernel.* is missing' '.vm = {hypervisor: {path: "/usr/bin/qemu"}}'
for member in path; do
	refused "VM-02 the kernel's $member is absent" "/vm/kernel.*$member.* is missing" '.vm = {kernel: {}}'
done
for path in '.kernel.path' '.kernel.initrd' '.hypervisor.path' '.image.path'; do
	refused "VM-01 VM-02 VM-03 a relative $path" "/vm${path//.//} \\(line [0-9]+\\): .*absolute" \
		".vm = {hypervisor: {path: \"/h\"}, kernel: {path: \"/k\", initrd: \"/i\"}, image: {path: \"/m\", format: \"raw\"}} | .vm$path = \"relative\""
done
refused "VM-03 an unknown image format" '/vm/image/format \(line [0-9]+\): expected one of' \
	'.vm = {kernel: {path: "/k"}, image: {path: "/m", format: "iso"}}'
conformance_end
