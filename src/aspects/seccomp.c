/* SPDX-License-Identifier: GPL-2.0-or-later */
/* linux.seccomp: names become numbers, libseccomp makes the program (SEC-*). */
#include "aspects/seccomp.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aspects/annotations.h"
#include "aspects/aspects.h"
#include "util/cleanup.h"

/* From here on a binary tree of syscall numbers is faster than a list. */
#define OPTIMIZE_RULES 8

struct filter {
	struct compile *c;
	const struct libseccomp *lib;
	const struct oci_seccomp *seccomp;
	scmp_filter_ctx context;
	uint32_t default_action;
	bool fail_unknown;
	uint32_t tokens[32]; /* of the architectures */
	size_t token_count;
};

static int action_value(struct compile *c, enum oci_seccomp_action action, const uint32_t *number,
	const void *number_slot, uint32_t *ret)
{
	uint32_t value = number ? *number : EPERM;

	if (number && !seccomp_takes_errno((int)action))
		return plan_refuse(c, number_slot, EINVAL, "action %s takes no errno",
			oci_enum_name(&oci_seccomp_action_enum, (int)action));
	if (value > 0xffff)
		return plan_refuse(c, number_slot, ERANGE, "errno %u is above 65535", value);
	*ret = seccomp_action((int)action, value);
	return 0;
}

static int add_architectures(struct filter *f)
{
	const struct oci_seccomp *seccomp = f->seccomp;

	f->tokens[f->token_count++] = f->lib->arch_native();
	for (size_t i = 0; i < seccomp->architectures.len; i++) {
		enum oci_seccomp_arch arch = seccomp->architectures.items[i];
		uint32_t token = seccomp_arch((int)arch);
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
		if (r == 0 && f->token_count < sizeof(f->tokens) / sizeof(f->tokens[0]))
			f->tokens[f->token_count++] = token;
	}
	return 0;
}

struct condition_list {
	struct scmp_arg_cmp *items; /* in the arena */
	unsigned count;
	bool any; /* each is enough by itself; otherwise all must hold */
};

static int add_call(struct filter *f, int number, uint32_t action, const struct condition_list *conditions)
{
	int r = 0;

	if (!conditions->any)
		return f->lib->rule_add_array(f->context, action, number, conditions->count, conditions->items);
	for (unsigned i = 0; r == 0 && i < conditions->count; i++)
		r = f->lib->rule_add_array(f->context, action, number, 1, &conditions->items[i]);
	return r;
}

static int add_syscall(struct filter *f, const struct oci_seccomp_syscall *rule, size_t index,
	uint32_t action, const struct condition_list *conditions)
{
	int number = f->lib->resolve(rule->names.items[index]), r;

	if (number == __NR_SCMP_ERROR) {
		if (f->fail_unknown)
			return plan_refuse(f->c, &rule->names.items[index], EINVAL,
				"unknown syscall \"%s\"", rule->names.items[index]);
		plan_note(f->c, "seccomp: the rule for \"%s\" is left out: libseccomp does not know this system call",
			rule->names.items[index]);
		return 0;
	}
	r = add_call(f, number, action, conditions);
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

/*
 * libseccomp compares an argument once in a rule. Profiles with several conditions on one were written for runc and
 * crun, which make a rule of each condition then: any is enough.
 */
static int read_conditions(struct filter *f, const struct oci_seccomp_syscall *rule, struct condition_list *ret)
{
	unsigned seen = 0;

	*ret = (struct condition_list){ .count = (unsigned)rule->args.len };
	ret->items = oci_arena_alloc(f->c->arena, (rule->args.len + 1) * sizeof(*ret->items));
	if (!ret->items)
		return error_set(f->c->err, ENOMEM, "compile seccomp");
	for (size_t i = 0; i < rule->args.len; i++) {
		const struct oci_seccomp_arg *arg = rule->args.items[i];

		/* MASKED_EQ: value is the mask, valueTwo what must be left. */
		ret->items[i] = (struct scmp_arg_cmp){ .arg = arg->index, .op = seccomp_operator((int)arg->op),
			.datum_a = arg->value, .datum_b = arg->valueTwo };
		ret->any |= (seen >> arg->index) & 1;
		seen |= 1u << arg->index;
	}
	if (ret->any)
		plan_note(f->c, "seccomp: the rule for \"%s\" compares an argument more than once: any of its conditions is enough",
			rule->names.items[0]);
	return 0;
}

static int add_rule(struct filter *f, const struct oci_seccomp_syscall *rule)
{
	struct condition_list conditions = { 0 };
	uint32_t action;
	int r = action_value(f->c, rule->action, rule->errnoRet, &rule->errnoRet, &action);

	if (r == 0)
		r = read_conditions(f, rule, &conditions);
	if (r < 0)
		return r;
	/* What the default does anyway needs no rule; libseccomp refuses it. */
	if (action == f->default_action)
		return 0;
	for (size_t i = 0; i < rule->names.len; i++) {
		r = add_syscall(f, rule, i, action, &conditions);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The library's program behind our own instructions; both run in one go. */
static void put_program(struct filter *f, const void *program, size_t size, struct plan_filter *ret)
{
	struct sock_filter *whole = oci_arena_alloc(f->c->arena,
		size + SECCOMP_STUB_MAX * sizeof(struct sock_filter));
	size_t ahead = 0;

	if (!whole) {
		f->c->out_of_memory = true;
		return;
	}
	if (seccomp_wants_stub(f->seccomp))
		ahead = seccomp_stub(f->lib, f->seccomp, f->tokens, f->token_count, whole);
	memcpy(whole + ahead, program, size);
	ret->length = (uint32_t)(ahead + size / sizeof(struct sock_filter));
	ret->program = plan_put_bytes(f->c, whole, ret->length * sizeof(struct sock_filter));
}

static int export(struct filter *f, struct plan_filter *ret)
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
	put_program(f, program, (size_t)st.st_size, ret);
	munmap(program, (size_t)st.st_size);
	return 0;
}

static int build(struct filter *f, struct plan_filter *ret)
{
	int r = add_architectures(f);

	if (r == 0 && f->seccomp->syscalls.len > OPTIMIZE_RULES)
		f->lib->attr_set(f->context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	for (size_t i = 0; r == 0 && i < f->seccomp->syscalls.len; i++)
		r = add_rule(f, f->seccomp->syscalls.items[i]);
	return r < 0 ? r : export(f, ret);
}

static int from_rules(struct compile *c, struct plan_filter *ret)
{
	struct filter f = { .c = c, .seccomp = c->config->linux->seccomp };
	int r;

	f.fail_unknown = annotation_set(c->config, "run.oci.seccomp_fail_unknown_syscall");
	r = action_value(c, f.seccomp->defaultAction, f.seccomp->defaultErrnoRet,
		&f.seccomp->defaultErrnoRet, &f.default_action);
	if (r == 0)
		r = libseccomp_load(&f.lib, c->err);
	if (r < 0)
		return r;
	f.context = f.lib->init(f.default_action);
	if (!f.context)
		return plan_refuse(c, &f.seccomp->defaultAction, EINVAL,
			"libseccomp refuses the default action");
	r = build(&f, ret);
	f.lib->release(f.context);
	return r;
}

/* libseccomp takes longer than all the rest of exec. */
static int from_create(struct compile *c, struct plan_filter *ret)
{
	const struct plan_entered *entered = c->options->entered;

	if (entered->filter_size % sizeof(struct sock_filter))
		return error_say(c->err, EINVAL, "the filter saved at create has %zu bytes: that is damaged",
			entered->filter_size);
	ret->program = plan_put_bytes(c, entered->filter, entered->filter_size);
	ret->length = (uint32_t)(entered->filter_size / sizeof(struct sock_filter));
	return 0;
}

static int make_program(struct compile *c, const char *raw, struct plan_filter *ret)
{
	if (c->options->entered && c->options->entered->filter)
		return from_create(c, ret);
	return raw ? seccomp_raw(c, raw, ret) : from_rules(c, ret);
}

int aspect_filter(struct compile *c)
{
	const struct oci_seccomp *seccomp = c->config->linux ? c->config->linux->seccomp : NULL;
	const char *raw = annotation_get(c->config, SECCOMP_RAW);
	bool notify;
	int r;

	c->filtered = c->config->process && (seccomp || raw);
	if (!c->filtered)
		return 0;
	r = seccomp_listener(c, raw ? NULL : seccomp, &notify);
	if (r == 0)
		r = make_program(c, raw, &c->filter.filter);
	if (r < 0)
		return r;
	c->filter.filter.flags = seccomp_flags(seccomp, notify);
	c->filter.notify = notify;
	plan_note(c, "seccomp filter flags: %u", c->filter.filter.flags);
	if (c->filter.filter.length > BPF_MAXINSNS)
		return plan_refuse(c, raw ? (const void *)&c->config->annotations : &c->config->linux->seccomp,
			E2BIG, "the filter has %u instructions: the kernel takes at most %d", c->filter.filter.length,
			BPF_MAXINSNS);
	c->plan->filter = c->filter.filter;
	return 0;
}
