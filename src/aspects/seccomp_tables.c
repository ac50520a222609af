/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The specification's names of actions, comparisons, architectures and flags, as the kernel and libseccomp have them. */
#include "aspects/seccomp.h"

static const struct {
	uint32_t action;
	bool takes_errno;
} actions[] = {
	[OCI_SCMP_ACT_KILL] = { SCMP_ACT_KILL_THREAD, false },
	[OCI_SCMP_ACT_KILL_THREAD] = { SCMP_ACT_KILL_THREAD, false },
	[OCI_SCMP_ACT_KILL_PROCESS] = { SCMP_ACT_KILL_PROCESS, false },
	[OCI_SCMP_ACT_TRAP] = { SCMP_ACT_TRAP, false },
	[OCI_SCMP_ACT_ERRNO] = { SCMP_ACT_ERRNO(0), true },
	[OCI_SCMP_ACT_TRACE] = { SCMP_ACT_TRACE(0), true },
	[OCI_SCMP_ACT_ALLOW] = { SCMP_ACT_ALLOW, false },
	[OCI_SCMP_ACT_LOG] = { SCMP_ACT_LOG, false },
	[OCI_SCMP_ACT_NOTIFY] = { SCMP_ACT_NOTIFY, false },
};

static const enum scmp_compare operators[] = {
	[OCI_SCMP_CMP_NE] = SCMP_CMP_NE, [OCI_SCMP_CMP_LT] = SCMP_CMP_LT,
	[OCI_SCMP_CMP_LE] = SCMP_CMP_LE, [OCI_SCMP_CMP_EQ] = SCMP_CMP_EQ,
	[OCI_SCMP_CMP_GE] = SCMP_CMP_GE, [OCI_SCMP_CMP_GT] = SCMP_CMP_GT,
	[OCI_SCMP_CMP_MASKED_EQ] = SCMP_CMP_MASKED_EQ,
};

/* 0: not known to the libseccomp this was built with. */
static const uint32_t architectures[] = {
	[OCI_SCMP_ARCH_X86] = SCMP_ARCH_X86,
	[OCI_SCMP_ARCH_X86_64] = SCMP_ARCH_X86_64,
	[OCI_SCMP_ARCH_X32] = SCMP_ARCH_X32,
	[OCI_SCMP_ARCH_ARM] = SCMP_ARCH_ARM,
	[OCI_SCMP_ARCH_AARCH64] = SCMP_ARCH_AARCH64,
	[OCI_SCMP_ARCH_MIPS] = SCMP_ARCH_MIPS,
	[OCI_SCMP_ARCH_MIPS64] = SCMP_ARCH_MIPS64,
	[OCI_SCMP_ARCH_MIPS64N32] = SCMP_ARCH_MIPS64N32,
	[OCI_SCMP_ARCH_MIPSEL] = SCMP_ARCH_MIPSEL,
	[OCI_SCMP_ARCH_MIPSEL64] = SCMP_ARCH_MIPSEL64,
	[OCI_SCMP_ARCH_MIPSEL64N32] = SCMP_ARCH_MIPSEL64N32,
	[OCI_SCMP_ARCH_PPC] = SCMP_ARCH_PPC,
	[OCI_SCMP_ARCH_PPC64] = SCMP_ARCH_PPC64,
	[OCI_SCMP_ARCH_PPC64LE] = SCMP_ARCH_PPC64LE,
	[OCI_SCMP_ARCH_S390] = SCMP_ARCH_S390,
	[OCI_SCMP_ARCH_S390X] = SCMP_ARCH_S390X,
	[OCI_SCMP_ARCH_PARISC] = SCMP_ARCH_PARISC,
	[OCI_SCMP_ARCH_PARISC64] = SCMP_ARCH_PARISC64,
	[OCI_SCMP_ARCH_RISCV64] = SCMP_ARCH_RISCV64,
#ifdef SCMP_ARCH_LOONGARCH64
	[OCI_SCMP_ARCH_LOONGARCH64] = SCMP_ARCH_LOONGARCH64,
#else
	[OCI_SCMP_ARCH_LOONGARCH64] = 0,
#endif
#ifdef SCMP_ARCH_M68K
	[OCI_SCMP_ARCH_M68K] = SCMP_ARCH_M68K,
#endif
#ifdef SCMP_ARCH_SH
	[OCI_SCMP_ARCH_SH] = SCMP_ARCH_SH,
	[OCI_SCMP_ARCH_SHEB] = SCMP_ARCH_SHEB,
#endif
};

static const uint32_t filter_flags[] = {
	/* One thread at that moment: TSYNC has nothing to synchronise, and would clash with a listener. */
	[OCI_SECCOMP_FILTER_FLAG_TSYNC] = 0,
	[OCI_SECCOMP_FILTER_FLAG_LOG] = SECCOMP_FILTER_FLAG_LOG,
	[OCI_SECCOMP_FILTER_FLAG_SPEC_ALLOW] = SECCOMP_FILTER_FLAG_SPEC_ALLOW,
	[OCI_SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV] = SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
};

uint32_t seccomp_action(int action, uint32_t number)
{
	return actions[action].action | (actions[action].takes_errno ? number : 0);
}

bool seccomp_takes_errno(int action)
{
	return actions[action].takes_errno;
}

enum scmp_compare seccomp_operator(int op)
{
	return operators[op];
}

uint32_t seccomp_arch(int arch)
{
	return (size_t)arch < sizeof(architectures) / sizeof(*architectures) ? architectures[arch] : 0;
}

uint32_t seccomp_flags(const struct oci_seccomp *seccomp, bool notify)
{
	uint32_t flags = notify ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0;

	/* As runc does: absent is SPEC_ALLOW, an empty list is none. */
	if (!seccomp || !seccomp->flags.items)
		return flags | SECCOMP_FILTER_FLAG_SPEC_ALLOW;
	for (size_t i = 0; i < seccomp->flags.len; i++)
		flags |= filter_flags[seccomp->flags.items[i]];
	/* The kernel refuses it where nobody is notified. */
	return notify ? flags : flags & ~(uint32_t)SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
}
