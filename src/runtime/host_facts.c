/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/host_facts.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cgroup/cgroup.h"
#include "runtime/user_namespace.h"
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

/* What only those without the rights of the host's root have to know. */
static void read_rootless(struct oci_arena *arena, struct host_facts *facts)
{
	char path[PATH_MAX];

	if (facts->in_user_namespace) {
		facts->setgroups_denied = user_namespace_denies_setgroups();
		facts->foreign_mounts = user_namespace_has_foreign_mounts();
	}
	if (facts->euid == 0)
		return;
	subid_find_user(facts->euid, arena, &facts->user);
	facts->no_uid_helper = !subid_helper("newuidmap", path, sizeof(path));
	facts->no_gid_helper = !subid_helper("newgidmap", path, sizeof(path));
	facts->subuid_text = subid_text(SUBUID_FILE, arena);
	facts->subgid_text = subid_text(SUBGID_FILE, arena);
	if (!facts->no_uid_helper)
		subid_parse(facts->subuid_text, &facts->user, &facts->subuids);
	if (!facts->no_gid_helper)
		subid_parse(facts->subgid_text, &facts->user, &facts->subgids);
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
		.in_user_namespace = user_namespace_is_nested(),
		.apparmor = apparmor_enabled(),
		.selinux = selinux_enabled(),
		.cgroups = layout && layout->count ? layout : NULL,
	};
	read_status(facts);
	read_rootless(arena, facts);
	return 0;
}

void host_facts_choose(struct host_facts *facts, const struct runtime_context *context)
{
	facts->cgroups_disabled = context->cgroup_manager == CGROUP_MANAGER_DISABLED;
}
