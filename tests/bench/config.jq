# SPDX-License-Identifier: GPL-2.0-or-later
# What the benchmark changes in the configuration that `runc spec` writes. The cgroup namespace is
# what `runc spec` itself adds where cgroup v2 is the only one; the path makes every runtime put
# its cgroups at the same place, so that the same cgroups are made, and can be looked for.
.process.terminal = false
| .process.args = ["/true"]
| .root.path = $rootfs
| .linux.cgroupsPath = "/" + $cgroup
| if any(.linux.namespaces[]; .type == "cgroup") then .
  else .linux.namespaces += [{"type": "cgroup"}] end
| if $memory > 0 then .linux.resources.memory = {"limit": $memory} else . end
