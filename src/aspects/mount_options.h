/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every word of mounts[].options that is not passed on to a file system
 * (MNT-09..MNT-16). `features` prints this same table.
 */
#ifndef SILO_ASPECTS_MOUNT_OPTIONS_H
#define SILO_ASPECTS_MOUNT_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

enum mount_option_kind {
	MOUNT_OPTION_NONE,        /* a default, nothing to do */
	MOUNT_OPTION_ATTR,        /* set and clear are MOUNT_ATTR_* of this mount */
	MOUNT_OPTION_ATTR_TREE,   /* the same, recursively */
	MOUNT_OPTION_ATIME_OFF,   /* takes back the access time mode in clear, if it was asked for */
	MOUNT_OPTION_SUPERBLOCK,  /* a flag parameter for fsconfig(2) */
	MOUNT_OPTION_LEGACY,      /* set and clear are MS_* that only mount(2) takes */
	MOUNT_OPTION_PROPAGATION, /* set is MS_*, clear is 1 for the whole tree */
	MOUNT_OPTION_FLAG,        /* set is PLAN_MOUNT_* */
	MOUNT_OPTION_IDMAP,       /* set is 1 for the whole tree */
};

struct mount_option {
	const char *name;
	enum mount_option_kind kind;
	uint64_t set, clear;
};

extern const struct mount_option mount_options[];
extern const size_t mount_option_count;

/** mount_option_find - the entry of a word, or NULL if it is a file system's own option */
const struct mount_option *mount_option_find(const char *name);

#endif
