/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SILO_ASPECTS_CAPABILITIES_H
#define SILO_ASPECTS_CAPABILITIES_H

#include "plan/compile.h"

/**
 * capabilities_compile - the five sets of process.capabilities as bits (CAP-*)
 * @ret: bounding, effective, permitted, inheritable and ambient are filled; all empty without the object
 *
 * Names that the kernel does not know, or that cannot be granted here, are warned about (once) and left out.
 */
int capabilities_compile(struct compile *c, struct plan_capabilities *ret);

#endif
