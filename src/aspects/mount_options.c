/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "aspects/mount_options.h"

#include <string.h>

#include "plan/plan.h"
#include "sys/mount.h"

#define ATIME MOUNT_ATTR__ATIME

const struct mount_option mount_options[] = {
	{ "async", MOUNT_OPTION_SUPERBLOCK, 0, 0 },
	{ "atime", MOUNT_OPTION_ATIME_OFF, 0, MOUNT_ATTR_NOATIME },
	{ "acl", MOUNT_OPTION_LEGACY, MS_POSIXACL, 0 },
	{ "bind", MOUNT_OPTION_FLAG, PLAN_MOUNT_BIND, 0 },
	{ "copy-symlink", MOUNT_OPTION_FLAG, PLAN_MOUNT_COPY_SYMLINK, 0 },
	{ "defaults", MOUNT_OPTION_NONE, 0, 0 },
	{ "dest-nofollow", MOUNT_OPTION_FLAG, PLAN_MOUNT_DEST_NOFOLLOW, 0 },
	{ "dev", MOUNT_OPTION_ATTR, 0, MOUNT_ATTR_NODEV },
	{ "diratime", MOUNT_OPTION_ATTR, 0, MOUNT_ATTR_NODIRATIME },
	{ "dirsync", MOUNT_OPTION_SUPERBLOCK, 0, 0 },
	{ "exec", MOUNT_OPTION_ATTR, 0, MOUNT_ATTR_NOEXEC },
	{ "idmap", MOUNT_OPTION_IDMAP, 0, 0 },
	{ "iversion", MOUNT_OPTION_LEGACY, MS_I_VERSION, 0 },
	{ "lazytime", MOUNT_OPTION_SUPERBLOCK, 0, 0 },
	{ "loud", MOUNT_OPTION_LEGACY, 0, MS_SILENT },
	{ "mand", MOUNT_OPTION_SUPERBLOCK, 0, 0 },
	{ "noacl", MOUNT_OPTION_LEGACY, 0, MS_POSIXACL },
	{ "noatime", MOUNT_OPTION_ATTR, MOUNT_ATTR_NOATIME, ATIME },
	{ "nodev", MOUNT_OPTION_ATTR, MOUNT_ATTR_NODEV, 0 },
	{ "nodiratime", MOUNT_OPTION_ATTR, MOUNT_ATTR_NODIRATIME, 0 },
	{ "noexec", MOUNT_OPTION_ATTR, MOUNT_ATTR_NOEXEC, 0 },
	{ "noiversion", MOUNT_OPTION_LEGACY, 0, MS_I_VERSION },
	{ "nolazytime", MOUNT_OPTION_SUPERBLOCK, 0, 0 },
	{ "nomand", MOUNT_OPTION_SUPERBLOCK, 0, 0 },
	{ "norelatime", MOUNT_OPTION_NONE, 0, 0 },
	{ "nostrictatime", MOUNT_OPTION_ATIME_OFF, 0, MOUNT_ATTR_STRICTATIME },
	{ "nosuid", MOUNT_OPTION_ATTR, MOUNT_ATTR_NOSUID, 0 },
	{ "nosymfollow", MOUNT_OPTION_ATTR, MOUNT_ATTR_NOSYMFOLLOW, 0 },
	{ "private", MOUNT_OPTION_PROPAGATION, MS_PRIVATE, 0 },
	{ "ratime", MOUNT_OPTION_ATTR_TREE, MOUNT_ATTR_RELATIME, ATIME },
	{ "rbind", MOUNT_OPTION_FLAG, PLAN_MOUNT_BIND | PLAN_MOUNT_RECURSIVE, 0 },
	{ "rdev", MOUNT_OPTION_ATTR_TREE, 0, MOUNT_ATTR_NODEV },
	{ "rdiratime", MOUNT_OPTION_ATTR_TREE, 0, MOUNT_ATTR_NODIRATIME },
	{ "relatime", MOUNT_OPTION_ATTR, MOUNT_ATTR_RELATIME, ATIME },
	{ "remount", MOUNT_OPTION_FLAG, PLAN_MOUNT_REMOUNT, 0 },
	{ "rexec", MOUNT_OPTION_ATTR_TREE, 0, MOUNT_ATTR_NOEXEC },
	{ "ridmap", MOUNT_OPTION_IDMAP, 1, 0 },
	{ "rnoatime", MOUNT_OPTION_ATTR_TREE, MOUNT_ATTR_NOATIME, ATIME },
	{ "rnodev", MOUNT_OPTION_ATTR_TREE, MOUNT_ATTR_NODEV, 0 },
	{ "rnodiratime", MOUNT_OPTION_ATTR_TREE, MOUNT_ATTR_NODIRATIME, 0 },
	{ "rnoexec", MOUNT_OPTION_ATTR_TREE, MOUNT_ATTR_NOEXEC, 0 },
	{ "rnorelatime", MOUNT_OPTION_ATTR_TREE, MOUNT_ATTR_STRICTATIME, ATIME },
	{ "rnostrictatime", MOUNT_OPTION_ATTR_TREE, MOUNT_ATTR_RELATIME, ATIME },
	{ "rnosuid", MOUNT_OPTION_ATTR_TREE, MOUNT_ATTR_NOSUID, 0 },
	{ "rnosymfollow", MOUNT_OPTION_ATTR_TREE, MOUNT_ATTR_NOSYMFOLLOW, 0 },
	{ "ro", MOUNT_OPTION_ATTR, MOUNT_ATTR_RDONLY, 0 },
	{ "rprivate", MOUNT_OPTION_PROPAGATION, MS_PRIVATE, 1 },
	{ "rrelatime", MOUNT_OPTION_ATTR_TREE, MOUNT_ATTR_RELATIME, ATIME },
	{ "rro", MOUNT_OPTION_ATTR_TREE, MOUNT_ATTR_RDONLY, 0 },
	{ "rrw", MOUNT_OPTION_ATTR_TREE, 0, MOUNT_ATTR_RDONLY },
	{ "rshared", MOUNT_OPTION_PROPAGATION, MS_SHARED, 1 },
	{ "rslave", MOUNT_OPTION_PROPAGATION, MS_SLAVE, 1 },
	{ "rstrictatime", MOUNT_OPTION_ATTR_TREE, MOUNT_ATTR_STRICTATIME, ATIME },
	{ "rsuid", MOUNT_OPTION_ATTR_TREE, 0, MOUNT_ATTR_NOSUID },
	{ "rsymfollow", MOUNT_OPTION_ATTR_TREE, 0, MOUNT_ATTR_NOSYMFOLLOW },
	{ "runbindable", MOUNT_OPTION_PROPAGATION, MS_UNBINDABLE, 1 },
	{ "rw", MOUNT_OPTION_ATTR, 0, MOUNT_ATTR_RDONLY },
	{ "shared", MOUNT_OPTION_PROPAGATION, MS_SHARED, 0 },
	{ "silent", MOUNT_OPTION_LEGACY, MS_SILENT, 0 },
	{ "slave", MOUNT_OPTION_PROPAGATION, MS_SLAVE, 0 },
	{ "src-nofollow", MOUNT_OPTION_FLAG, PLAN_MOUNT_SRC_NOFOLLOW, 0 },
	{ "strictatime", MOUNT_OPTION_ATTR, MOUNT_ATTR_STRICTATIME, ATIME },
	{ "suid", MOUNT_OPTION_ATTR, 0, MOUNT_ATTR_NOSUID },
	{ "symfollow", MOUNT_OPTION_ATTR, 0, MOUNT_ATTR_NOSYMFOLLOW },
	{ "sync", MOUNT_OPTION_SUPERBLOCK, 0, 0 },
	{ "tmpcopyup", MOUNT_OPTION_FLAG, PLAN_MOUNT_COPY_UP, 0 },
	{ "unbindable", MOUNT_OPTION_PROPAGATION, MS_UNBINDABLE, 0 },
};

const size_t mount_option_count = sizeof(mount_options) / sizeof(mount_options[0]);

const struct mount_option *mount_option_find(const char *name)
{
	for (size_t i = 0; i < mount_option_count; i++) {
		if (strcmp(mount_options[i].name, name) == 0)
			return &mount_options[i];
	}
	return NULL;
}
