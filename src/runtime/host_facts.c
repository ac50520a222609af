/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/host_facts.h"

#include <sys/prctl.h>
#include <sys/vfs.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <unistd.h>

#include "cgroup/cgroup.h"
#include "util/cleanup.h"

/* Asks for one capability after the other: prctl(2) fails for those that the kernel does not know. */
static void read_capabilities(struct host_facts *facts)
{
	for (unsigned capability = 0; capability < 64; capability++) {
		int bounding = prctl(PR_CAPBSET_READ, capability, 0, 0, 0);

		if (bounding < 0)
			break;
		facts->last_capability = capability;
		if (bounding)
			facts->bounding |= 1ULL << capability;
	}
}

static bool apparmor_enabled(void)
{
	_cleanup_close_ int fd = open("/sys/module/apparmor/parameters/enabled",
		O_RDONLY | O_CLOEXEC);
	char answer;

	return fd >= 0 && read(fd, &answer, 1) == 1 && answer == 'Y';
}

static bool selinux_enabled(void)
{
	struct statfs fs;

	return statfs("/sys/fs/selinux", &fs) == 0 && fs.f_type == SELINUX_MAGIC;
}

int host_facts_read(struct oci_arena *arena, struct host_facts *facts, struct error *err)
{
	struct cgroup_layout *layout = NULL;
	int r = cgroup_layout_read(arena, &layout, err);

	if (r < 0)
		return r;
	*facts = (struct host_facts){
		.euid = geteuid(),
		.egid = getegid(),
		.apparmor = apparmor_enabled(),
		.selinux = selinux_enabled(),
		.cgroups = layout && layout->count ? layout : NULL,
	};
	read_capabilities(facts);
	return 0;
}
