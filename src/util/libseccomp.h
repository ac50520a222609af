/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libseccomp, loaded when the first filter is compiled: most of its start-up cost
 * is not paid by commands and containers without one.
 */
#ifndef SILO_UTIL_LIBSECCOMP_H
#define SILO_UTIL_LIBSECCOMP_H

#include <seccomp.h>

#include "util/error.h"

/* The functions that are used, as in seccomp.h. */
struct libseccomp {
	scmp_filter_ctx (*init)(uint32_t action);
	void (*release)(scmp_filter_ctx context);
	int (*attr_set)(scmp_filter_ctx context, enum scmp_filter_attr attr, uint32_t value);
	int (*arch_add)(scmp_filter_ctx context, uint32_t arch);
	uint32_t (*arch_native)(void);
	int (*resolve)(const char *name);
	int (*resolve_arch)(uint32_t arch, const char *name);
	int (*rule_add_array)(scmp_filter_ctx context, uint32_t action, int number, unsigned count,
		const struct scmp_arg_cmp *args);
	int (*export_bpf)(const scmp_filter_ctx context, int fd);
};

/** libseccomp_load - the functions; loads the library once. Return: 0 or a negative errno */
int libseccomp_load(const struct libseccomp **ret, struct error *err);

#endif
