/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libFuzzer target: the texts of /proc that say where cgroups are, and the text of a state file that says which of
 * them are a container's. Three texts with NULs between them.
 */
#include <stdlib.h>
#include <string.h>

#include "cgroup/cgroup.h"
#include "fuzz.h"

/* What is found must be usable: an absolute place each. */
static void check_layout(const struct cgroup_layout *layout)
{
	for (size_t i = 0; i < layout->count; i++) {
		const struct cgroup_hierarchy *hierarchy = &layout->items[i];

		if (!hierarchy->mountpoint || !hierarchy->controllers || !hierarchy->own ||
			*hierarchy->own != '/')
			abort();
	}
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct oci_arena *arena = oci_arena_new();
	const char *rest = (const char *)data;
	char *mountinfo = fuzz_text(&rest, &size), *own = fuzz_text(&rest, &size),
	     *saved = fuzz_text(&rest, &size);
	struct cgroup_layout *layout;
	struct cgroup *cgroup;
	struct error err = { 0 };

	if (cgroup_layout_parse(arena, mountinfo, own, &layout, &err) == 0) {
		check_layout(layout);
		if (cgroup_recall(layout, saved, arena, &cgroup, &err) == 0)
			cgroup_close(cgroup);
		else
			fuzz_check_error(&err);
	} else {
		fuzz_check_error(&err);
	}
	free(mountinfo);
	free(own);
	free(saved);
	oci_arena_free(arena);
	return 0;
}
