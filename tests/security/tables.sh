#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Input of the config and of the command line that is out of bounds: refused with words, or harmless.
. "$(dirname "$0")/lib.sh"
security_begin
good=$(bundle good)

attempt '.linux.sysctl = {"net.ipv4.ip_forward": "1"}' "cat /proc/sys/net/ipv4/ip_forward"
check_match "CVE-2022-0811 CVE-2025-52881: control: a sysctl of the container's namespaces is set" '^1$' "$out"
# Sysctls: only what belongs to a namespace of the container.
while read -r key; do
	attempt ".linux.sysctl = {$key: \"1\"}" true
	check_no_run "CVE-2022-0811 CVE-2025-52881: refused: sysctl $key" ' /linux/sysctl'
done < <(printf '"%s"\n' kernel.core_pattern kernel/core_pattern kernel.sysrq vm.overcommit_memory fs.file-max \
	net.x/../../kernel/core_pattern net/../kernel/core_pattern net.ipv4/../../kernel/sysrq ../kernel/sysrq \
	/proc/sys/kernel/sysrq net net. . '' 'net.ipv4.ip_forward\n' kernel.shm_rmid_forced/../core_pattern \
	fs.mqueue/../../kernel/core_pattern)
attempt '.linux.sysctl = {"net.ipv4.ip_forward": "0\n1+kernel.core_pattern=x"}' true
check_canary "CVE-2022-0811: a sysctl's value with separators changes nothing on the host"

# Identifiers and cgroup paths.
for id in .. . a/b ../../victim /abs "a b" $'a\nb' "$(printf 'a%.0s' {1..5000})" ''; do
	check_refused "hardening: refused: container ID $(printf %q "${id:0:20}")" timeout 20 "$RUNTIME" \
		--root "$STATE" create -b "$good" "$id"
done
if [ "$KIND" = crun ] && findmnt -n -t cgroup >/dev/null; then
	skip "hardening: refused: cgroup paths with .." "crun has no cgroups on a hybrid host"
else
	# Others make cgroups on this host, too: those that these paths could lead to.
	cgroups()
	{
		find /sys/fs/cgroup -type d \( -name '*evil*' -o -name 'a' -o -name 'a?b' -o -name 'aaaa*' -o -name "*$PREFIX*" \) 2>/dev/null | sort
	}
	before=$(cgroups)
	for path in ../../evil /../evil /a/../../evil "/$(printf 'a%.0s' {1..5000})" '/a\nb' / /../..; do
		attempt ".linux.cgroupsPath = \"$path\"" "cat /proc/self/cgroup"
		check_equal "hardening: cgroup path ${path:0:20}: no cgroup outside, none left" "" \
			"$(ran && grep -F /.. <<<"$out"; comm -13 <(echo "$before") <(cgroups))"
	done
fi
for annotation in run.oci.systemd.subgroup run.oci.delegate-cgroup; do
	attempt ".annotations = {\"$annotation\": \"../../evil\"}" "cat /proc/self/cgroup"
	check_equal "hardening: annotation $annotation=../../evil leads out of no cgroup" "" \
		"$(ran && grep evil <<<"$out")"
done

# Lengths: nothing may overflow.
attempt '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [range(5000)
	| {containerID: ., hostID: (. + 100000), size: 1}] | .linux.gidMappings = .linux.uidMappings' true
check_equal "CVE-2021-43784: 5000 id mappings end without a crash" "" "$(grep -Ei 'segmentation|panic|sanitizer' <<<"$out"
	[ "$status" -lt 124 ] || echo "exit $status")"
for filter in '.linux.namespaces[0].path = ("/" + ("a" * 70000))' '.mounts += [{destination: ("/" + ("a" * 70000)),
	type: "tmpfs", source: "tmpfs"}]' '.mounts += [{destination: ("/" + ("a/" * 35000)), type: "tmpfs",
	source: "tmpfs"}]' '.process.cwd = "/" + ("a/" * 35000)' '.hostname = "a" * 70000' '.linux.maskedPaths = ["/" +
	("a" * 70000)]' '.process.args = ["/" + ("a" * 70000)]' '.root.path = "/" + ("a" * 70000)'; do
	attempt "$filter" true
	if [ "$status" -ge 124 ] || grep -Eqi 'segmentation|panic|sanitizer' <<<"$out"; then
		fail "CVE-2021-43784: 70000 bytes end without a crash: ${filter:0:40}" "exit $status: ${out:0:300}"
	else
		pass "CVE-2021-43784: 70000 bytes end without a crash: ${filter:0:40}"
	fi
done
for filter in '.process.cwd = "/\u0000etc"' '.root.path = "\u0000"' '.process.env += ["A\u0000B=1"]' \
	'.mounts += [{destination: "/m\u0000nt", type: "tmpfs", source: "tmpfs"}]'; do
	attempt "$filter" true
	pointer=${filter%% *}
	check_no_run "hardening: refused: NUL in ${filter%% =*}" " ${pointer//.//}"
done

# Annotations that widen rights are listed for the caller to filter.
if has features; then
	listed=$("$RUNTIME" features | jq '.potentiallyUnsafeConfigAnnotations // [] | any(startswith("org.systemd.property."))')
	known=$(grep -q org.systemd.property "$REAL" && echo true || echo false)
	check_equal "CVE-2024-3154: features lists annotations as unsafe if they set systemd properties" "$known" "$listed"
else
	skip "CVE-2024-3154: features lists annotations as unsafe if they set systemd properties" "no features command"
fi
check_canary "hardening: nothing on the host changed"
suite_end
