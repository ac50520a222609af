/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SILO_ASPECTS_SECCOMP_H
#define SILO_ASPECTS_SECCOMP_H

#include <linux/filter.h>
#include <linux/seccomp.h>

#include "plan/compile.h"
#include "util/libseccomp.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

/*
 * What the tables (seccomp_tables.c) say; for `features`, too.
 */

/** seccomp_action - an action (enum oci_seccomp_action) with its number, if it takes one, as libseccomp has it */
uint32_t seccomp_action(int action, uint32_t number);

/** seccomp_takes_errno - whether an action has a number */
bool seccomp_takes_errno(int action);

/** seccomp_operator - a comparison (enum oci_seccomp_op) */
enum scmp_compare seccomp_operator(int op);

/** seccomp_arch - libseccomp's token of an architecture (enum oci_seccomp_arch); 0 if its headers did not know it */
uint32_t seccomp_arch(int arch);

/** seccomp_flags - SECCOMP_FILTER_FLAG_* for seccomp(2); @notify: with a listener */
uint32_t seccomp_flags(const struct oci_seccomp *seccomp, bool notify);

/*
 * Notifications (seccomp_listener.c).
 */

/**
 * seccomp_listener - check SCMP_ACT_NOTIFY's conditions; plan the sending to the agent
 * @seccomp: NULL if the filter comes from elsewhere
 * @notify: whether init is to hand over a listener
 */
int seccomp_listener(struct compile *c, const struct oci_seccomp *seccomp, bool *notify);

/*
 * A program made elsewhere (seccomp_raw.c): crun's annotation, which replaces the rules of linux.seccomp.
 */

#define SECCOMP_RAW "run.oci.seccomp_bpf_data"

/** seccomp_raw - base64 of struct sock_filter[] into the blob; the kernel checks the program */
int seccomp_raw(struct compile *c, const char *text, struct plan_filter *ret);

/*
 * ENOSYS for what is newer than the profile (seccomp_stub.c).
 */

#define SECCOMP_STUB_MAX 256

/** seccomp_wants_stub - whether calls that no rule names must be told apart into newer and denied ones */
bool seccomp_wants_stub(const struct oci_seccomp *seccomp);

/**
 * seccomp_stub - instructions to put before the filter's
 * @tokens: libseccomp's tokens of the filter's architectures
 * @program: has room for SECCOMP_STUB_MAX
 *
 * Return: the number of instructions; they end by running into what follows.
 */
size_t seccomp_stub(const struct libseccomp *lib, const struct oci_seccomp *seccomp,
	const uint32_t *tokens, size_t count, struct sock_filter *program);

#endif
