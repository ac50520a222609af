#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# linux.intelRdt, on a directory that behaves like a resctrl file system (helpers/fake-resctrl.c).
. "$(dirname "$0")/../lib/harness.sh"
. "$(dirname "$0")/../lib/resctrl.sh"
suite_begin
if ! ldd "$RUNTIME" 2>/dev/null | grep -q libc; then
	skip "linux.intelRdt" "the runtime is linked statically: nothing can stand between it and the kernel"
	suite_end
fi
if ! fake_resctrl '    MB:0=100;1=100\n    L3:0=fffff;1=fffff\n'; then
	fail "helper compiles"
	suite_end
fi
id=$PREFIX-rdt
before=$(snapshot)

# rdt ARG...: the runtime, on a machine with resctrl.
rdt()
{
	LD_PRELOAD=$WORK/fake.so timeout 30 "$RUNTIME" --root "$STATE" "$@"
}
# make RDT [FILTER]: create a container with this linux.intelRdt; its pid is $pid.
make()
{
	local dir status=0

	dir=$(bundle rdt ".linux.intelRdt = $1 | ${2:-.}") || return 1
	rdt create -b "$dir" --pid-file "$WORK/pid" "$id" >"$WORK/log" 2>&1 </dev/null || status=$?
	pid=$(cat "$WORK/pid")
	return $status
}
groups()
{
	(cd "$FAKE_RESCTRL" && find . -type d ! -name info ! -name mon_groups ! -name . | sort | paste -sd ' ')
}
content()
{
	cat "$FAKE_RESCTRL/$1"
}
# gone NAME [LEFT]: after delete these groups are left.
gone()
{
	rdt delete --force "$id"
	check_equal "$1" "${2:-}" "$(groups)"
}
# refused NAME RDT REGEX [LEFT]
refused()
{
	if make "$2"; then
		fail "$1" "created"
		rdt delete --force "$id"
	else
		check_match "$1" "$3" "$(cat "$WORK/log")"
	fi
	check_equal "GEN-10 ...no group stays" "${4:-}" "$(groups)"
	check_unchanged "GEN-10 ...nothing left" "$before"
}

make '{"l3CacheSchema": "L3:0=f;1=f", "memBwSchema": "MB:0=20;1=70", "schemata": ["L3:1=ff", "MB:0=30"]}'
check_equal "RDT-11 a group named after the container" "./$id" "$(groups)"
check_equal "RDT-08 RDT-09 schemata in order" "L3:0=f;1=f
MB:0=20;1=70
L3:1=ff
MB:0=30" "$(content "$id/schemata")"
check_equal "RDT-02 the process is in it" "$pid" "$(content "$id/tasks")"
rdt start "$id"
gone "RDT-14 removed at delete"

make '{}'
check_equal "RDT-10 without schemata the file is not written" "$(content schemata)" "$(content "$id/schemata")"
check_equal "RDT-02 the process is in it" "$pid" "$(content "$id/tasks")"
gone "RDT-14 removed at delete"

make '{"closID": "shared", "l3CacheSchema": "L3:0=f"}'
check_equal "RDT-12 a class that is not there is made" "L3:0=f" "$(content shared/schemata)"
check_equal "RDT-02 the process is in it" "$pid" "$(content shared/tasks)"
gone "RDT-15 a class is not removed" ./shared
printf '    MB:0= 20;1=100\n    L3:0=0000f;1=fffff\n' >"$FAKE_RESCTRL/shared/schemata"
kept=$(content shared/schemata)
for rdt in '{"closID": "shared"}' '{"closID": "shared", "l3CacheSchema": "L3:0=f"}' \
	'{"closID": "shared", "l3CacheSchema": "L3:1=FFFFF;0=0f", "memBwSchema": "MB:0=20"}' \
	'{"closID": "shared", "schemata": ["L3:0=f", "MB:1=100;0=20"]}'; do
	check "RDT-12 RDT-13 a class that is as it is asked for: $rdt" make "$rdt"
	check_match "RDT-02 the process is in it" "$pid\$" "$(content shared/tasks)"
	rdt delete --force "$id"
	check_equal "RDT-12 ...and it is not written to" "$kept" "$(content shared/schemata)"
done
for rdt in '{"closID": "shared", "l3CacheSchema": "L3:0=ff"}' '{"closID": "shared", "memBwSchema": "MB:0=2"}' \
	'{"closID": "shared", "schemata": ["L3:0=f", "MB:1=10"]}' '{"closID": "shared", "schemata": ["L2:0=f"]}' \
	'{"closID": "shared", "schemata": ["L3:2=f"]}'; do
	refused "RDT-12 a class that is not as it is asked for: $rdt" "$rdt" 'shared.*not match' ./shared
done
rm -r "${FAKE_RESCTRL:?}/shared"
refused "RDT-13 a class that is not there, without schemata" '{"closID": "nosuch"}' 'nosuch.*No such file'

make '{"closID": "/"}'
check_equal "RDT-04 the default class" "$pid" "$(content tasks)"
gone "RDT-15 the default class stays"
refused "RDT-12 the default class is not as it is asked for" '{"closID": "/", "schemata": ["L3:0=1"]}' 'not match'

make '{"enableMonitoring": true}'
check_equal "RDT-16 a monitoring group" "./$id ./$id/mon_groups/$id" "$(groups)"
check_equal "RDT-16 the process is in both" "$pid $pid" "$(content "$id/tasks") $(content "$id/mon_groups/$id/tasks")"
gone "RDT-16 removed at delete"
make '{"closID": "/", "enableMonitoring": true}'
check_equal "RDT-16 in the default class" "./mon_groups/$id" "$(groups)"
gone "RDT-16 removed at delete"
mkdir -p "$FAKE_RESCTRL/mon_groups/$id"
touch "$FAKE_RESCTRL/mon_groups/$id/tasks"
refused "RDT-16 somebody else's monitoring group" '{"closID": "/", "enableMonitoring": true}' 'File exists' "./mon_groups/$id"
rm -r "$FAKE_RESCTRL/mon_groups/$id"

# Processes of exec, and run to its end
place=. # where an ordinary user's cgroup is, tests/rootless/run has made
[ "$(id -u)" -ne 0 ] || place=".linux.cgroupsPath = \"/$id\""
make '{"enableMonitoring": true}' ".process.args = [\"sleep\", \"1000\"] | $place"
rdt start "$id"
check "RDT-02 exec" rdt exec --pid-file "$WORK/exec.pid" -d "$id" sleep 1000
check_match "RDT-02 a process of exec is in the group, too" "^$pid$(cat "$WORK/exec.pid")\$" "$(content "$id/tasks")"
check "RDT-08 update" rdt update --l3-cache-schema L3:0=3 --mem-bw-schema MB:0=10 "$id"
check_equal "RDT-08 ...writes the lines" "L3:0=3
MB:0=10" "$(content "$id/schemata")"
check "RDT-08 update of one of them" rdt update --mem-bw-schema MB:0=20 "$id"
check_equal "RDT-08 ...writes that one" "MB:0=20" "$(content "$id/schemata")"
check_refused "RDT-08 update: the kernel refuses" rdt update --l3-cache-schema L3:bad=1 "$id"
check_refused "RDT-08 update: the kernel refuses the second of two lines" \
	rdt update --pids-limit 7 --l3-cache-schema L3:0=7 --mem-bw-schema MB:bad=1 "$id"
check_equal "GEN-10 ...the first is taken back" "MB:0=20" "$(content "$id/schemata")"
check_equal "GEN-10 ...and in the saved config" "L3:0=3 MB:0=20 null" \
	"$(jq -r '.linux | "\(.intelRdt.l3CacheSchema) \(.intelRdt.memBwSchema) \(.resources.pids.limit)"' "$STATE/$id/config.json")"
if has_controller pids && [ "$place" != . ]; then
	check_equal "GEN-10 ...no limit is in force" max "$(cgroup_value "$id" pids pids.max pids.max)"
fi
if has_controller cpu; then
	check_refused "GEN-10 update: a limit that the kernel refuses" rdt update --cpu-period 1 --mem-bw-schema MB:0=40 "$id"
	check_equal "GEN-10 ...takes the schemata back" "MB:0=20" "$(content "$id/schemata")"
fi
for bad in "--l3-cache-schema=MB:0=1" "--mem-bw-schema=L3:0=1" "--mem-bw-schema="; do
	check_refused "RDT-06 update $bad" rdt update "$bad" "$id"
done
gone "RDT-14 removed at delete"
check "RDT-02 run" rdt run -b "$(bundle rdt '.linux.intelRdt = {enableMonitoring: true}')" "$id"
check_equal "RDT-14 removed when run ends" "" "$(groups)"
refused "GEN-10 a later step fails" '{"enableMonitoring": true} | .process.args = ["/no/such/program"]' 'no such file'

dir=$(bundle norrdt '.process.args = ["sleep", "1000"]')
rdt run -d -b "$dir" "$id" >"$WORK/log" 2>&1 </dev/null
check_refused "RDT-01 update of a container without intelRdt" rdt update --l3-cache-schema L3:0=1 "$id"
rdt delete --force "$id"

# What cannot be
refused "RDT-08 schemata that the kernel refuses" '{"schemata": ["L3:0=f", "bad:0=1"]}' 'bad:0=1.*Unknown or unsupported resource'
refused "RDT-12 ...of a new class" '{"closID": "new", "schemata": ["bad:0=1"]}' 'bad:0=1.*Unknown or unsupported'
mkdir "$FAKE_RESCTRL/$id"
refused "RDT-15 a group of the container's name that is not ours" '{}' 'File exists' "./$id"
rmdir "$FAKE_RESCTRL/$id"
for bad in '{"closID": ""}' '{"closID": "."}' '{"closID": ".."}' '{"closID": "a/b"}' '{"closID": "../a"}' \
	'{"closID": "info"}' '{"closID": "mon_groups"}' '{"closID": "mon_data"}' '{"closID": "schemata"}' \
	"{\"closID\": \"$(printf 'x%.0s' {1..256})\"}" '{"closID": "a\nb"}' '{"closID": 1}'; do
	refused "RDT-04 ${bad:0:40}" "$bad" '/linux/intelRdt/closID .*(cannot be the name|expected)'
done
refused "RDT-05 SDX-12 newline" '{"l3CacheSchema": "L3:0=f\nMB:0=1"}' 'l3CacheSchema'
refused "RDT-06 not MB" '{"memBwSchema": "L3:0=f"}' 'memBwSchema'
refused "RDT-06 newline" '{"memBwSchema": "MB:0=1\n"}' 'memBwSchema'
refused "RDT-07 SDX-12 newline" '{"schemata": ["L3:0=f", "L3:0=f\n"]}' 'schemata/1'
sed -i '$d' "$FAKE_MOUNTS"
refused "RDT-03 no resctrl is mounted" '{}' 'not mounted'
check "RDT-01 without intelRdt nobody looks for resctrl" rdt run -b "$(bundle plain)" "$id"
check "RDT-17 enableCMT and enableMBM are unknown" "$RUNTIME" plan -b \
	"$(bundle old '.linux.intelRdt = {enableCMT: true, enableMBM: "x"}')"
check_unchanged "nothing left at the end" "$before"
suite_end
