/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A bundle: its directory, and its config as text and as structs. */
#ifndef SILO_RUNTIME_BUNDLE_H
#define SILO_RUNTIME_BUNDLE_H

#include <stddef.h>

#include "libocispec/ocispec.h"
#include "util/error.h"

struct bundle {
	const char *path;                /* absolute, without symbolic links */
	const char *text;                /* the config as it is in the file */
	size_t length;
	struct oci_document *config;     /* of oci_config_type */
	struct oci_arena *arena;         /* of path and text */
};

/**
 * bundle_load - find a bundle and read its config
 * @directory: the bundle; NULL is the working directory
 * @config: the config, relative to the working directory; NULL is config.json in the bundle
 * @ret: receives the bundle; release with bundle_release(), also after an error
 *
 * Return: 0 or a negative errno; an error in the config names property and line.
 */
int bundle_load(const char *directory, const char *config, struct bundle *ret, struct error *err);

/** bundle_release - free what bundle_load() filled in; a zeroed struct is fine */
void bundle_release(struct bundle *bundle);

#endif
