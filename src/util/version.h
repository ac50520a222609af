/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this build is; configure defines SILO_VERSION and SILO_COMMIT. */
#ifndef SILO_UTIL_VERSION_H
#define SILO_UTIL_VERSION_H

#ifndef SILO_VERSION
#define SILO_VERSION "0.1.0-dev"
#endif
#ifndef SILO_COMMIT
#define SILO_COMMIT "unknown"
#endif

/* The versions of the runtime specification that are understood: from, to. */
#define SILO_SPEC_VERSION_MIN "1.0.0"
#define SILO_SPEC_VERSION "1.3.0"

#endif
