/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ENOSYS for system calls that are newer than the profile, as runc: a C library that tries a new call
 * falls back on ENOSYS, but takes EPERM for an answer. Newer is what has a higher
 * number than every call that the profile names.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>

#include "aspects/seccomp.h"

#define X32_BIT 0x40000000u
#define BLOCK 7        /* instructions for an architecture */
#define BLOCKS_MAX 32  /* so that a jump over all of them fits into its 8 bits */

/* What one architecture's numbers may be, and the highest that the profile names. */
struct range {
	uint32_t audit, low, high, last;
};

/* A default that lets calls pass, or that a tracer decides about, has no need of it. */
bool seccomp_wants_stub(const struct oci_seccomp *seccomp)
{
	switch (seccomp->defaultAction) {
	case OCI_SCMP_ACT_ALLOW:
	case OCI_SCMP_ACT_LOG:
	case OCI_SCMP_ACT_TRACE:
		return false;
	default:
		return !seccomp->defaultErrnoRet || *seccomp->defaultErrnoRet != ENOSYS;
	}
}

/* The highest number of a call that the profile names; negative if it names none. */
static int last_named(const struct libseccomp *lib, const struct oci_seccomp *seccomp, uint32_t token)
{
	int last = -1;

	for (size_t i = 0; i < seccomp->syscalls.len; i++) {
		const struct oci_string_list *names = &seccomp->syscalls.items[i]->names;

		for (size_t k = 0; k < names->len; k++) {
			/* Calls of other architectures, and unknown ones, have negative numbers. */
			int number = lib->resolve_arch(token, names->items[k]);

			if (number > last)
				last = number;
		}
	}
	return last;
}

/* An architecture's token is its AUDIT_ARCH_* value, but for x32, which is told by a bit of the number. */
static struct range range_of(uint32_t token, int last)
{
	struct range range = { token, 0, UINT32_MAX, (uint32_t)last };

	if (token == SCMP_ARCH_X86_64)
		range.high = X32_BIT - 1;
	if (token == SCMP_ARCH_X32) {
		range.audit = AUDIT_ARCH_X86_64;
		range.low = X32_BIT;
	}
	return range;
}

static size_t collect(const struct libseccomp *lib, const struct oci_seccomp *seccomp,
	const uint32_t *tokens, size_t count, struct range *ranges)
{
	size_t found = 0;

	for (size_t i = 0; i < count && found < BLOCKS_MAX; i++) {
		int last = last_named(lib, seccomp, tokens[i]);
		bool repeated = false;

		for (size_t k = 0; k < i; k++)
			repeated |= tokens[k] == tokens[i];
		if (last >= 0 && !repeated)
			ranges[found++] = range_of(tokens[i], last);
	}
	return found;
}

size_t seccomp_stub(const struct libseccomp *lib, const struct oci_seccomp *seccomp,
	const uint32_t *tokens, size_t count, struct sock_filter *program)
{
	struct range ranges[BLOCKS_MAX];
	size_t found = collect(lib, seccomp, tokens, count, ranges);

	for (size_t i = 0; i < found; i++) {
		const struct range *r = &ranges[i];
		/* From the number's comparison to the end of all blocks: it is known, the filter decides. */
		uint8_t end = (uint8_t)((found - i) * BLOCK - 6);
		const struct sock_filter block[BLOCK] = {
			BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
			BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, r->audit, 0, 5),
			BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
			BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, r->low, 0, 3),
			BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, r->high, 2, 0),
			BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, r->last, 0, end),
			BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		};

		memcpy(program + i * BLOCK, block, sizeof(block));
	}
	return found * BLOCK;
}
