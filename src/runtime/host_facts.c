/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/host_facts.h"

#include <errno.h>
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
#include "util/file.h"

/* Of /proc/self/status: 65536 groups (NGROUPS_MAX), and the rest. */
#define STATUS_MAX (1 << 20)

/* The number after "\nNAME:" in the text of /proc/self/status, hexadecimal; false without such a line. */
static bool status_field(const char *text, const char *name, uint64_t *ret)
{
	const char *at = strstr(text, name);

	if (at)
		*ret = strtoull(at + strlen(name), NULL, 16);
	return at;
}

/*
 * Not known is not none: what is not in the bounding set would not be dropped from it, nor a signal be set to its
 * default. Before both stands the list of our groups, which may be long.
 */
static int read_status(struct oci_arena *arena, struct host_facts *facts, struct error *err)
{
	const char *text;
	size_t length;
	int r = file_read(AT_FDCWD, "/proc/self/status", STATUS_MAX, arena, &text, &length, err);

	if (r < 0)
		return r;
	if (!status_field(text, "\nCapBnd:", &facts->bounding) ||
		!status_field(text, "\nSigIgn:", &facts->ignored_signals))
		return error_say(err, EPROTO,
			"/proc/self/status has no CapBnd and SigIgn: is a procfs of this kernel mounted on /proc?");
	return 0;
}

/* The kernel may know more than the headers, or less (capabilities(7)). */
static void find_last_capability(struct host_facts *facts)
{
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
	int nested = user_namespace_nested();
	int r = cgroup_layout_read(arena, &layout, err);

	if (r < 0)
		return r;
	if (nested < 0)
		return error_set(err, -nested, "read our own id map from /proc/self/uid_map");
	*facts = (struct host_facts){
		.euid = geteuid(),
		.egid = getegid(),
		.in_user_namespace = nested,
		.apparmor = apparmor_enabled(),
		.selinux = selinux_enabled(),
		.cgroups = layout && layout->count ? layout : NULL,
	};
	r = read_status(arena, facts, err);
	if (r < 0)
		return r;
	find_last_capability(facts);
	read_rootless(arena, facts);
	return 0;
}

void host_facts_choose(struct host_facts *facts, const struct runtime_context *context)
{
	facts->cgroups_disabled = context->cgroup_manager == CGROUP_MANAGER_DISABLED;
}
