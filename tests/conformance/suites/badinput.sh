#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every line of tests/conformance/badinput is refused before anything is made, by `silo plan`, or by tests/golden/compile
# where the answer depends on the machine: with the property's JSON pointer, its line, and what would be valid.
. "$(dirname "$0")/../lib.sh"
conformance_begin
table=$CONFORMANCE/badinput
compile=${COMPILE:-$(dirname "$RUNTIME")/tests/golden/compile}
if ! is_silo; then
	skip "GEN-05 table of invalid values" "the runtime cannot check a config without making the container"
	conformance_end
fi

# One jq program makes all documents, and a second one says in which line of each the pointer must be found.
definitions='def without($type): .linux.namespaces |= map(select(.type != $type));
	def userns: .linux.namespaces += [{type: "user"}] |
		.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings;
	# How many lines jq needs for a value, and in which one the value of a path begins.
	def lines: if type | IN("object", "array") then if length == 0 then 1 else 2 + (map(lines) | add) end else 1 end;
	def steps: split("/")[1:] | map(gsub("~1"; "/") | gsub("~0"; "~"));
	def line($steps): if $steps == [] then 1 else
		to_entries as $members |
		($members | map(.key | tostring) | index([$steps[0]])) as $i |
		if $i == null then "no such value" else
		1 + ([$members[:$i][].value | lines] | add // 0) + ($members[$i].value | line($steps[1:])) end end;
	.'
rows()
{
	grep -v '^#' "$table"
}
{
	echo "$definitions as \$base |"
	rows | cut -f3 | sed 's/.*/($base | &), "====",/'
	echo empty
} >"$WORK/documents.jq"
{
	echo "$definitions as \$base |"
	rows | awk -F'\t' '{ gsub(/\\/, "\\\\", $4); gsub(/"/, "\\\"", $4); printf "($base | %s | line(\"%s\" | steps)),\n", $3, $4 }'
	echo empty
} >"$WORK/lines.jq"
if ! jq -f "$WORK/documents.jq" "$WORK/base.json" >"$WORK/documents" ||
	! jq -f "$WORK/lines.jq" "$WORK/base.json" >"$WORK/lines"; then
	fail "GEN-05 the filters of the table are right"
	conformance_end
fi
mkdir "$WORK/bad"
awk -v dir="$WORK/bad/" '$0 == "\"====\"" { close(dir n++); next } { print >(dir n) }' n=1 "$WORK/documents"

# told ROW HOST: sets got and said, "POINTER LINE" and the words of the runtime or the compiler; nothing if it was accepted.
told()
{
	local output

	got="" said=""
	if [ "$2" = - ]; then
		output=$("$RUNTIME" plan -f "$WORK/bad/$1" 2>&1 >/dev/null)
		if [[ $output =~ msg=\"config\.json:\ (.*)\ \(line\ ([0-9]+)\):\ (.*)\" ]] ||
			[[ $output =~ msg=\"config\.json()\ \(line\ ([0-9]+),\ column\ [0-9]+\):\ (.*)\" ]]; then
			got="${BASH_REMATCH[1]} ${BASH_REMATCH[2]}" said=${BASH_REMATCH[3]//\\\"/\"}
		fi
	elif output=$("$compile" "$2" "$WORK/bad/$1") || [[ $output =~ ^refused\ (.*)\ ([0-9]+):\ (.*)$ ]]; then
		got="${BASH_REMATCH[1]} ${BASH_REMATCH[2]}" said=${BASH_REMATCH[3]}
	fi
}

row=0
while IFS=$'\037' read -r ids host filter pointer words <&3 && read -r line <&4; do
	row=$((row + 1))
	name="$ids GEN-05 invalid: ${filter:0:150}"
	if [ "$host" != - ] && [ ! -x "$compile" ]; then
		skip "$name" "needs tests/golden/compile to be built"
		continue
	fi
	told $row "$host"
	if [ "$got" = "$pointer $line" ] && [[ $said =~ $words ]]; then
		pass "$name"
	else
		fail "$name" "expected \"$pointer $line: $words\", got \"${got:-nothing, accepted}: $said\""
	fi
done 3< <(rows | tr '\t' '\037') 4<"$WORK/lines"
conformance_end
