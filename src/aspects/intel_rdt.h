/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SILO_ASPECTS_INTEL_RDT_H
#define SILO_ASPECTS_INTEL_RDT_H

#include "libocispec/ocispec.h"
#include "resctrl/resctrl.h"

/**
 * intel_rdt_group - the resctrl group that a config asks for
 * @id: the container's
 * @group: receives it; in the arena
 *
 * Return: false if there is no memory for it.
 */
bool intel_rdt_group(const struct oci_intel_rdt *rdt, const char *id, struct oci_arena *arena,
	struct resctrl_group *group);

#endif
