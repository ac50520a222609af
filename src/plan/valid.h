/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether init can take a blob for a plan at all. Its steps are those that the same build compiled
 * (PLAN_VERSION), so what they refer to is not looked into; but a blob that was cut off, or is none of ours,
 * must not lead anywhere.
 */
#ifndef SILO_PLAN_VALID_H
#define SILO_PLAN_VALID_H

#include <stdbool.h>
#include <stddef.h>

#include "plan/plan.h"

static inline bool plan_array_inside(plan_ref start, uint64_t count, size_t item, size_t size)
{
	return start >= sizeof(struct plan_header) && start % 4 == 0 && start <= size &&
		count <= (size - start) / item;
}

/* What a step itself refers to; 0 is nothing. */
static inline bool plan_step_inside(const struct plan_step *step, size_t size)
{
	return step->kind < PLAN_KIND_COUNT && step->pointer < size && step->what < size && step->args <= size;
}

/** plan_valid - whether @blob of @size bytes is a plan of this version; it must be aligned to 8 bytes */
static inline bool plan_valid(const void *blob, size_t size)
{
	const struct plan_header *header = blob;
	const struct plan_step *steps;

	if (size < sizeof(*header) || header->magic != PLAN_MAGIC || header->version != PLAN_VERSION ||
		header->size != size || ((const char *)blob)[size - 1] != '\0')
		return false;
	if (header->fd_count > PLAN_FDS_MAX ||
		(header->fd_count && !plan_array_inside(header->fds, header->fd_count, sizeof(int32_t), size)) ||
		!plan_array_inside(header->steps, header->step_count, sizeof(*steps), size))
		return false;
	steps = (const struct plan_step *)((const char *)blob + header->steps);
	for (uint32_t i = 0; i < header->step_count; i++) {
		if (!plan_step_inside(&steps[i], size))
			return false;
	}
	return true;
}

#endif
