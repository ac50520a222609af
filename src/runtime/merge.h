/* SPDX-License-Identifier: GPL-2.0-or-later */
/* linux.resources of a container after an update. */
#ifndef SILO_RUNTIME_MERGE_H
#define SILO_RUNTIME_MERGE_H

#include "libocispec/ocispec.h"

/**
 * resources_merge - lay one set of resources over another
 * @base: NULL is an empty one
 * @over: what it says replaces what @base says; 0 counts as unsaid where it does so for the cgroup, and
 *	lists by device, page size or interface are merged entry by entry; device rules are replaced as a whole
 * @arena: of the result, which refers to both
 *
 * Return: the result, or NULL without memory.
 */
const struct oci_resources *resources_merge(const struct oci_resources *base,
	const struct oci_resources *over, struct oci_arena *arena);

#endif
