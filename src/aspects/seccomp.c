/* SPDX-License-Identifier: GPL-2.0-or-later */
/* linux.seccomp: names become numbers, libseccomp makes the program (SEC-*). */
#include "aspects/seccomp.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/libseccomp.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

/* From here on a binary tree of syscall numbers is faster than a list. */
#define OPTIMIZE_RULES 8

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

bool seccomp_knows_action(int action)
{
	/* seccomp_compile() refuses it: nobody would pass the listener on. */
	return action != OCI_SCMP_ACT_NOTIFY;
}

static uint32_t architecture_token(int arch)
{
	return (size_t)arch < sizeof(architectures) / sizeof(*architectures) ? architectures[arch] : 0;
}

bool seccomp_knows_arch(int arch)
{
	return architecture_token(arch) != 0;
}

struct filter {
	struct compile *c;
	const struct libseccomp *lib;
	const struct oci_seccomp *seccomp;
	scmp_filter_ctx context;
	uint32_t default_action;
	bool fail_unknown;
};

static int action_value(struct compile *c, enum oci_seccomp_action action, const uint32_t *number,
	const void *number_slot, uint32_t *ret)
{
	uint32_t value = number ? *number : EPERM;

	if (number && !actions[action].takes_errno)
		return plan_refuse(c, number_slot, EINVAL, "action %s takes no errno",
			oci_enum_name(&oci_seccomp_action_enum, (int)action));
	if (value > 0xffff)
		return plan_refuse(c, number_slot, ERANGE, "errno %u is above 65535", value);
	*ret = actions[action].action | (actions[action].takes_errno ? value : 0);
	return 0;
}

static int check_listener(struct compile *c, const struct oci_seccomp *seccomp, bool *notify)
{
	if (seccomp->defaultAction == OCI_SCMP_ACT_NOTIFY)
		return plan_refuse(c, &seccomp->defaultAction, EINVAL,
			"SCMP_ACT_NOTIFY cannot be used as default action");
	for (size_t i = 0; i < seccomp->syscalls.len; i++) {
		const struct oci_seccomp_syscall *rule = seccomp->syscalls.items[i];

		if (rule->action != OCI_SCMP_ACT_NOTIFY)
			continue;
		*notify = true;
		for (size_t k = 0; k < rule->names.len; k++) {
			if (strcmp(rule->names.items[k], "write") == 0)
				return plan_refuse(c, &rule->names.items[k], EINVAL,
					"SCMP_ACT_NOTIFY cannot be used for the write syscall");
		}
	}
	if (seccomp->listenerMetadata && *seccomp->listenerMetadata &&
		(!seccomp->listenerPath || !*seccomp->listenerPath))
		return plan_refuse(c, &seccomp->listenerMetadata, EINVAL,
			"listenerMetadata needs a listenerPath");
	if (*notify && (!seccomp->listenerPath || !*seccomp->listenerPath))
		return plan_refuse(c, &seccomp->syscalls, EINVAL,
			"SCMP_ACT_NOTIFY needs a listenerPath");
	return 0;
}

static int add_architectures(struct filter *f)
{
	const struct oci_seccomp *seccomp = f->seccomp;

	for (size_t i = 0; i < seccomp->architectures.len; i++) {
		enum oci_seccomp_arch arch = seccomp->architectures.items[i];
		uint32_t token = architecture_token((int)arch);
		int r;

		if (!token)
			return plan_refuse(f->c, &seccomp->architectures.items[i], ENOTSUP,
				"architecture %s is not known to libseccomp",
				oci_enum_name(&oci_seccomp_arch_enum, (int)arch));
		r = f->lib->arch_add(f->context, token);
		if (r < 0 && r != -EEXIST)
			return plan_refuse(f->c, &seccomp->architectures.items[i], -r,
				"libseccomp refuses architecture %s: %s",
				oci_enum_name(&oci_seccomp_arch_enum, (int)arch), strerror(-r));
	}
	return 0;
}

static int add_syscall(struct filter *f, const struct oci_seccomp_syscall *rule, size_t index,
	uint32_t action, const struct scmp_arg_cmp *args)
{
	int number = f->lib->resolve(rule->names.items[index]), r;

	if (number == __NR_SCMP_ERROR) {
		if (f->fail_unknown)
			return plan_refuse(f->c, &rule->names.items[index], EINVAL,
				"unknown syscall \"%s\"", rule->names.items[index]);
		return 0;
	}
	r = f->lib->rule_add_array(f->context, action, number, (unsigned)rule->args.len, args);
	/* libseccomp takes the same rule twice without a word: this one differs in its action. */
	if (r == -EEXIST) {
		plan_warn(f->c, "seccomp: a rule for \"%s\" contradicts an earlier one, which stands",
			rule->names.items[index]);
		return 0;
	}
	if (r < 0)
		return plan_refuse(f->c, &rule->names.items[index], -r,
			"libseccomp refuses the rule for \"%s\": %s", rule->names.items[index],
			strerror(-r));
	return 0;
}

static int add_rule(struct filter *f, const struct oci_seccomp_syscall *rule)
{
	struct scmp_arg_cmp args[6];
	uint32_t action;
	int r = action_value(f->c, rule->action, rule->errnoRet, &rule->errnoRet, &action);

	if (r < 0)
		return r;
	if (rule->args.len > 6)
		return plan_refuse(f->c, &rule->args, EINVAL, "a rule can have at most 6 conditions");
	for (size_t i = 0; i < rule->args.len; i++) {
		const struct oci_seccomp_arg *arg = rule->args.items[i];

		/* MASKED_EQ: value is the mask, valueTwo what must be left. */
		args[i] = (struct scmp_arg_cmp){ .arg = arg->index, .op = operators[arg->op],
			.datum_a = arg->value, .datum_b = arg->valueTwo };
	}
	/* What the default does anyway needs no rule; libseccomp refuses it. */
	if (action == f->default_action)
		return 0;
	for (size_t i = 0; i < rule->names.len; i++) {
		r = add_syscall(f, rule, i, action, args);
		if (r < 0)
			return r;
	}
	return 0;
}

static int export(struct filter *f, struct plan_seccomp *ret)
{
	_cleanup_close_ int fd = memfd_create("silo-seccomp", MFD_CLOEXEC);
	struct stat st;
	void *program;
	int r;

	if (fd < 0)
		return error_set(f->c->err, errno, "make a memfd for the seccomp filter");
	r = f->lib->export_bpf(f->context, fd);
	if (r < 0)
		return plan_refuse(f->c, &f->c->config->linux->seccomp, -r,
			"libseccomp cannot make a program of the filter: %s", strerror(-r));
	if (fstat(fd, &st) < 0)
		return error_set(f->c->err, errno, "fstat the seccomp filter");
	program = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (program == MAP_FAILED)
		return error_set(f->c->err, errno, "map the seccomp filter");
	ret->length = (uint32_t)((size_t)st.st_size / sizeof(struct sock_filter));
	ret->filter = plan_put_bytes(f->c, program, (size_t)st.st_size);
	munmap(program, (size_t)st.st_size);
	if (ret->length > BPF_MAXINSNS)
		return plan_refuse(f->c, &f->c->config->linux->seccomp, E2BIG,
			"the filter has %u instructions: the kernel takes at most %d", ret->length,
			BPF_MAXINSNS);
	return 0;
}

static uint32_t install_flags(const struct oci_seccomp *seccomp)
{
	uint32_t flags = 0;

	/* As runc does: absent is SPEC_ALLOW, an empty list is none. */
	if (!seccomp->flags.items)
		return SECCOMP_FILTER_FLAG_SPEC_ALLOW;
	for (size_t i = 0; i < seccomp->flags.len; i++)
		flags |= filter_flags[seccomp->flags.items[i]];
	return flags;
}

static int build(struct filter *f, struct plan_seccomp *ret)
{
	int r = add_architectures(f);

	if (r == 0 && f->seccomp->syscalls.len > OPTIMIZE_RULES)
		f->lib->attr_set(f->context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	for (size_t i = 0; r == 0 && i < f->seccomp->syscalls.len; i++)
		r = add_rule(f, f->seccomp->syscalls.items[i]);
	return r < 0 ? r : export(f, ret);
}

static bool annotated(const struct compile *c, const char *key)
{
	const struct oci_string_map *map = &c->config->annotations;

	for (size_t i = 0; i < map->len; i++) {
		if (strcmp(map->items[i].key, key) == 0)
			return strcmp(map->items[i].value, "0") != 0;
	}
	return false;
}

int seccomp_compile(struct compile *c, struct plan_seccomp *ret, bool *present)
{
	struct filter f = { .c = c };
	bool notify = false;
	int r;

	*present = c->config->linux && c->config->linux->seccomp;
	if (!*present)
		return 0;
	f.seccomp = c->config->linux->seccomp;
	f.fail_unknown = annotated(c, "run.oci.seccomp_fail_unknown_syscall");
	r = check_listener(c, f.seccomp, &notify);
	if (r == 0)
		r = action_value(c, f.seccomp->defaultAction, f.seccomp->defaultErrnoRet,
			&f.seccomp->defaultErrnoRet, &f.default_action);
	if (r < 0)
		return r;
	if (notify)
		return plan_refuse(c, &f.seccomp->listenerPath, ENOTSUP,
			"SCMP_ACT_NOTIFY is not supported by this version of silo");
	r = libseccomp_load(&f.lib, c->err);
	if (r < 0)
		return r;
	f.context = f.lib->init(f.default_action);
	if (!f.context)
		return plan_refuse(c, &f.seccomp->defaultAction, EINVAL,
			"libseccomp refuses the default action");
	ret->flags = install_flags(f.seccomp);
	r = build(&f, ret);
	f.lib->release(f.context);
	return r;
}
