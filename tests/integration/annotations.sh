#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Annotations of crun and runc that change what is done, by their effect; those of others' suites (seccomp, hooks, lsm,
# systemd, contract, rootless) are not repeated. What is refused, and on which host, is in tests/conformance/badinput, too.
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
before=$(snapshot)
id=$PREFIX-a

# with KEY VALUE COMMAND [FILTER]: what a container with the annotation prints.
with()
{
	run_in ".annotations[\"$1\"] = \"$2\" | ${4:-.}" "$3"
}

# What is asked of a part that is not there is said, and the container runs.
for pair in krun.cpus=2 krun.ram_mib=512 module.wasm.image/variant=compat org.criu.config=/etc/criu/x.conf run.oci.nonsense=1 \
	org.systemd.property.TasksMax='uint64 5' run.oci.systemd.subgroup=x; do
	out=$(with "${pair%%=*}" "${pair#*=}" 'echo ran')
	check_match "ANN-01 ${pair%%=*}: said to have no effect" "level=warning.*annotation ${pair%%=*} has no effect" "$out"
	check_match "GEN-11 ...and the container runs" '^ran$' "$out"
done
check_equal "ANN-01 annotations of others are not spoken of" ran "$(with org.example.run.oci.handler x 'echo ran')"

# What would make another container is refused.
for pair in run.oci.handler=krun run.oci.handler=wasm run.oci.seccomp.plugins=/p.so run.oci.systemd.force_cgroup_v1=/sys/fs/cgroup \
	'run.oci.timens_offset=monotonic 1 0'; do
	out=$(with "${pair%%=*}" "${pair#*=}" 'echo ran')
	check_match "GEN-06 ANN-01 ${pair%%=*}: refused by name" "/annotations/${pair%%=*} \(line [0-9]+\): annotation ${pair%%=*}" "$out"
	check_equal "GEN-06 ...and nothing ran" 0 "$(grep -c '^ran' <<<"$out")"
	check_equal "ANN-01 ${pair%%=*}: an empty one asks for nothing" ran "$(with "${pair%%=*}" "" 'echo ran')"
done
check_equal "ANN-01 run.oci.handler is not meant for a pod's sandbox" ran \
	"$(with run.oci.handler krun 'echo ran' '.annotations["io.kubernetes.cri.container-type"] = "sandbox"')"
check_match "ANN-01 ...but for its containers" 'no handlers' \
	"$(with run.oci.handler krun 'echo ran' '.annotations["io.kubernetes.cri.container-type"] = "container"')"
check_unchanged "nothing is left behind" "$before"

# run.oci.delegate-cgroup: on cgroup v2 alone.
delegate=run.oci.delegate-cgroup
out=$(with $delegate init 'echo ran')
if [ ! -e /sys/fs/cgroup/cgroup.controllers ]; then
	check_match "ANN-01 $delegate: not where v1 is" "$delegate needs cgroup v2 alone" "$out"
	wrapper=(on_v2)
	if ! on_v2 true 2>/dev/null; then
		skip "ANN-01 $delegate" "the v2 tree cannot be mounted"
		suite_end
	fi
fi
namespace='.linux.namespaces |= (map(select(.type != "cgroup")) + [{type: "cgroup"}])'
writable="$namespace | .mounts |= map(if .type == \"cgroup\" then .options -= [\"ro\"] else . end)"

# delegated PATH FILTER COMMAND: what a container prints with the annotation, and "exit N"
delegated()
{
	local dir status=0

	dir=$(bundle delegated ".annotations[\"$delegate\"] = \"$1\" | $2 |
		.process.args = [\"sh\", \"-c\", \$cmd]" --arg cmd "$3")
	"${wrapper[@]}" timeout 60 "$RUNTIME" --root "$STATE" run -b "$dir" "$id" 2>&1 </dev/null || status=$?
	[ "$status" -eq 0 ] || echo "exit $status"
}
in_v2='sed -n s/^0:://p /proc/self/cgroup'
check_equal "ANN-01 $delegate: the process is below the root of its cgroup namespace" /init "$(delegated init "$namespace" "$in_v2")"
check_equal "ANN-01 ...of a path, too" /init/below "$(delegated //init//below/ "$namespace" "$in_v2")"
check_match "ANN-01 ...and below its cgroup without one" "/$id/init\$" \
	"$(delegated init '.linux.namespaces |= map(select(.type != "cgroup"))' "$in_v2")"
check_equal "ANN-01 ...the process may divide it" "/init/own" \
	"$(delegated init "$writable" "mkdir /sys/fs/cgroup/init/own && echo \$\$ >/sys/fs/cgroup/init/own/cgroup.procs && $in_v2")"
check_equal "ANN-01 ...as another user than root, too" "/init/own" \
	"$(delegated init "$writable | .process.user = {uid: 1234, gid: 1234}" \
		"mkdir /sys/fs/cgroup/init/own && echo \$\$ >/sys/fs/cgroup/init/own/cgroup.procs && $in_v2")"
check_equal "ANN-01 ...limits stay above it, where they hold" refused \
	"$(delegated init "$writable | .linux.resources.unified = {\"cgroup.max.descendants\": \"1\"}" \
		'mkdir /sys/fs/cgroup/init/own 2>/dev/null || echo refused')"
cp -a "$WORK/rootfs" "$WORK/rootfs-user" && chown -hR 5000:5000 "$WORK/rootfs-user"
user='.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 5000, size: 2000}] |
	.linux.gidMappings = .linux.uidMappings | .root.path += "-user"'
check_equal "ANN-01 ...it belongs to the user as the host knows it" "0 0 /init/own" \
	"$(delegated init "$writable | $user" "mkdir /sys/fs/cgroup/init/own && echo \$\$ >/sys/fs/cgroup/init/own/cgroup.procs &&
		echo \$(stat -c %u /sys/fs/cgroup/init /sys/fs/cgroup/init/cgroup.procs) \$($in_v2)")"
# shellcheck disable=SC2016
check_equal "ANN-01 ...it has all the controllers that the container has" same \
	"$(delegated init/x "$writable" 'cd /sys/fs/cgroup; [ "$(cat cgroup.controllers)" = "$(cat init/x/cgroup.controllers)" ] && echo same')"
check_equal "ANN-01 an empty $delegate asks for nothing" / "$(delegated "" "$namespace" "$in_v2")"
for path in .. a/../b / .; do
	check_match "ANN-01 $delegate $path is refused" "/annotations/$delegate \(line [0-9]+\): $delegate" "$(delegated $path . true)"
done
check_match "ANN-01 $delegate without cgroups" "needs a cgroup, and cgroups are disabled" \
	"$(dir=$(bundle disabled ".annotations[\"$delegate\"] = \"x\"") &&
		"${wrapper[@]}" "$RUNTIME" --cgroup-manager disabled --root "$STATE" run -b "$dir" "$id" 2>&1)"

# The other commands, of a container that has been divided.
dir=$(bundle divided ".annotations[\"$delegate\"] = \"init\" | $writable |
	.process.args = [\"sleep\", \"1000\"]")
check "ANN-01 $delegate: create" runtime create --pid-file "$WORK/pid" -b "$dir" "$id"
check "ANN-01 ...start" runtime start "$id"
check_equal "ANN-01 ...ps knows the process" "[$(cat "$WORK/pid")]" "$(runtime ps --format json "$id" | tr -d ' \n')"
out=$(runtime exec "$id" sh -c "$in_v2" 2>&1)
if v2_has hugetlb || [ -s "$(v2_root)/cgroup.controllers" ]; then
	# Where controllers are passed on, no process can be above.
	check_equal "ANN-01 ...exec goes where the process is" /init "$out"
else
	check_match "ANN-01 ...exec works" '^/' "$out"
fi
check "ANN-01 ...pause" runtime pause "$id"
check_equal "ANN-01 ..." paused "$(status_of "$id")"
check "ANN-01 ...resume" runtime resume "$id"
check "ANN-01 ...delete" runtime delete --force "$id"
check_unchanged "nothing is left behind" "$before"

# Whatever of it fails leaves nothing.
if grep -q SILO_FAIL_HOST_STEP "$RUNTIME"; then
	steps=$("${wrapper[@]}" "$RUNTIME" plan --json -b "$dir" "$id" | jq '[.[] | select(.side == "host")] | length')
	for ((step = 0; step < steps; step++)); do
		SILO_FAIL_HOST_STEP=$step check_refused "ANN-01 $delegate: host step $step fails" "${wrapper[@]}" timeout 30 \
			"$RUNTIME" --root "$STATE" run -b "$dir" "$id"
		check_unchanged "GEN-10 ...and leaves nothing" "$before"
	done
fi
suite_end
