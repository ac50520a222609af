/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cgroup/cgroup.h"

#include "cgroup/files.h"
#include "util/cleanup.h"

bool cgroup_oom(const struct cgroup *cgroup, long long *limit, long long *usage)
{
	_cleanup_free_ char *text = NULL;
	ssize_t found = cgroup_find(cgroup->layout, "memory", false);
	bool v2 = found < 0;
	int dir;

	*limit = *usage = -1;
	if (v2)
		found = cgroup_find(cgroup->layout, "memory", true);
	if (found < 0 || !cgroup->paths[found])
		return false;
	dir = cgroup_dir(cgroup, (size_t)found);
	if (dir < 0)
		return false;
	*limit = cgroup_read_number(dir, v2 ? "memory.max" : "memory.limit_in_bytes");
	*usage = cgroup_read_number(dir, v2 ? "memory.peak" : "memory.max_usage_in_bytes");
	if (v2 && *usage < 0) /* before 5.19 */
		*usage = cgroup_read_number(dir, "memory.current");
	return cgroup_read_text(dir, v2 ? "memory.events" : "memory.oom_control", &text) == 0 &&
		cgroup_key_value(text, "oom_kill") > 0;
}
