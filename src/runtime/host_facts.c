/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/host_facts.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cgroup/cgroup.h"
#include "util/cleanup.h"

/* The number after "\nNAME:" in the text of /proc/self/status, hexadecimal; 0 without such a line. */
static uint64_t status_field(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at ? strtoull(at + strlen(name), NULL, 16) : 0;
}

static void read_status(struct host_facts *facts)
{
	_cleanup_close_ int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	char text[4096];
	ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	text[got > 0 ? got : 0] = '\0';
	facts->bounding = status_field(text, "\nCapBnd:");
	facts->ignored_signals = status_field(text, "\nSigIgn:");
	/* The kernel may know more than the headers, or less (capabilities(7)). */
	facts->last_capability = CAP_LAST_CAP;
	while (facts->last_capability < 63 &&
		prctl(PR_CAPBSET_READ, facts->last_capability + 1, 0, 0, 0) >= 0)
		facts->last_capability++;
	while (facts->last_capability > 0 &&
		prctl(PR_CAPBSET_READ, facts->last_capability, 0, 0, 0) < 0)
		facts->last_capability--;
}

/* The initial user namespace maps every id to itself (user_namespaces(7)). */
static bool in_user_namespace(void)
{
	_cleanup_close_ int fd = open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC);
	unsigned long inside = 0, outside = 0, size = 0;
	char text[256];
	ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	text[got > 0 ? got : 0] = '\0';
	return sscanf(text, "%lu %lu %lu", &inside, &outside, &size) == 3 &&
		!(inside == 0 && outside == 0 && size == 4294967295UL);
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
		.in_user_namespace = in_user_namespace(),
		.apparmor = apparmor_enabled(),
		.selinux = selinux_enabled(),
		.cgroups = layout && layout->count ? layout : NULL,
	};
	read_status(facts);
	return 0;
}
