/* SPDX-License-Identifier: GPL-2.0-or-later */
/* linux.seccomp: the exported program is run by an interpreter of classic BPF (SEC-*). */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/syscall.h>

#include "process_help.h"

#ifdef __x86_64__

static uint32_t jump(const struct sock_filter *in, uint32_t a)
{
	switch (BPF_OP(in->code)) {
	case BPF_JA:
		return in->k;
	case BPF_JEQ:
		return a == in->k ? in->jt : in->jf;
	case BPF_JGT:
		return a > in->k ? in->jt : in->jf;
	case BPF_JGE:
		return a >= in->k ? in->jt : in->jf;
	case BPF_JSET:
		return a & in->k ? in->jt : in->jf;
	}
	cr_assert_fail("jump %#x is not one that libseccomp makes", in->code);
	return 0;
}

/* As the kernel would: only the instructions that libseccomp generates are known. */
static uint32_t run(const struct plan *plan, const struct seccomp_data *data)
{
	const struct plan_seccomp *args = step_args(plan, PLAN_SECCOMP, 0);
	const struct sock_filter *program;
	uint32_t a = 0, memory[BPF_MEMWORDS] = { 0 };

	cr_assert(args != NULL);
	program = (const void *)(plan->blob + args->filter.program);
	for (uint32_t pc = 0; pc < args->filter.length; pc++) {
		const struct sock_filter *in = &program[pc];

		if (in->code == (BPF_LD | BPF_W | BPF_ABS)) {
			cr_assert(in->k + 4 <= sizeof(*data));
			memcpy(&a, (const char *)data + in->k, 4);
		} else if (in->code == (BPF_ALU | BPF_AND | BPF_K)) {
			a &= in->k;
		} else if (in->code == BPF_ST) {
			memory[in->k % BPF_MEMWORDS] = a;
		} else if (in->code == (BPF_LD | BPF_MEM)) {
			a = memory[in->k % BPF_MEMWORDS];
		} else if (BPF_CLASS(in->code) == BPF_JMP) {
			pc += jump(in, a);
		} else if (in->code == (BPF_RET | BPF_K)) {
			return in->k;
		} else {
			cr_assert_fail("instruction %#x is not one that libseccomp makes", in->code);
		}
	}
	cr_assert_fail("the program ends without a return");
	return 0;
}

static uint32_t ask(const struct plan *plan, uint32_t arch, int nr, uint64_t a0, uint64_t a1)
{
	struct seccomp_data data = { .nr = nr, .arch = arch, .args = { a0, a1 } };

	return run(plan, &data);
}

static struct compiled filter(const char *members)
{
	char text[8192];

	snprintf(text, sizeof(text), ",\"seccomp\":{%s}", members);
	return compile_config("", "", text, "");
}

#define ALLOW SECCOMP_RET_ALLOW
#define FAILS(code) (SECCOMP_RET_ERRNO | (code))
#define X64 AUDIT_ARCH_X86_64
#define BIG 0x100000001ULL

static const struct {
	const char *members;
	uint32_t arch;
	int nr;
	uint64_t a0, a1;
	uint32_t expect;
} matrix[] = {
#define RULE(action, more) "\"syscalls\":[{\"names\":[\"dup2\"],\"action\":\"" action "\"" more "}]"
#define BOTH "\"defaultAction\":\"SCMP_ACT_ALLOW\"," RULE("SCMP_ACT_ERRNO", ",\"errnoRet\":77,\"args\":[" \
	"{\"index\":0,\"value\":1,\"op\":\"SCMP_CMP_EQ\"},{\"index\":1,\"value\":2,\"op\":\"SCMP_CMP_EQ\"}]")
	/* SEC-12: all conditions must hold (CVE-2017-18367), on 64 bits. */
	{ BOTH, X64, SYS_dup2, 1, 2, FAILS(77) },
	{ BOTH, X64, SYS_dup2, 1, 3, ALLOW },
	{ BOTH, X64, SYS_dup2, 3, 2, ALLOW },
	{ BOTH, X64, SYS_dup2, BIG, 2, ALLOW },
	{ BOTH, X64, SYS_dup, 1, 2, ALLOW },
	/* SEC-02, SEC-03, SEC-11: EPERM where no number is given. */
	{ "\"defaultAction\":\"SCMP_ACT_ERRNO\"," RULE("SCMP_ACT_ALLOW", ""), X64, SYS_dup2, 0, 0, ALLOW },
	{ "\"defaultAction\":\"SCMP_ACT_ERRNO\"," RULE("SCMP_ACT_ALLOW", ""), X64, SYS_dup, 0, 0, FAILS(EPERM) },
	{ "\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38," RULE("SCMP_ACT_ERRNO", ""),
		X64, SYS_dup, 0, 0, FAILS(38) },
	{ "\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38," RULE("SCMP_ACT_ERRNO", ""),
		X64, SYS_dup2, 0, 0, FAILS(EPERM) },
	/* SEC-10: every action. */
#define ACTION(name, value) { "\"defaultAction\":\"SCMP_ACT_ALLOW\"," RULE("SCMP_ACT_" name, ""), \
	X64, SYS_dup2, 0, 0, value }
	ACTION("KILL", SECCOMP_RET_KILL_THREAD),
	ACTION("KILL_THREAD", SECCOMP_RET_KILL_THREAD),
	ACTION("KILL_PROCESS", SECCOMP_RET_KILL_PROCESS),
	ACTION("TRAP", SECCOMP_RET_TRAP),
	ACTION("TRACE", SECCOMP_RET_TRACE | EPERM),
	ACTION("LOG", SECCOMP_RET_LOG),
	ACTION("ALLOW", ALLOW),
	{ "\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerPath\":\"/s\"," RULE("SCMP_ACT_NOTIFY", ""), X64, SYS_dup2,
		0, 0, SECCOMP_RET_USER_NOTIF },
	/* SEC-13: every operator, just below, at and above. */
#define OP(name, a0, value) { "\"defaultAction\":\"SCMP_ACT_ALLOW\"," RULE("SCMP_ACT_ERRNO", ",\"args\":[" \
	"{\"index\":0,\"value\":4294967297,\"op\":\"SCMP_CMP_" name "\"}]"), X64, SYS_dup2, a0, 0, value }
	OP("NE", BIG, ALLOW), OP("NE", 1, FAILS(EPERM)),
	OP("LT", BIG, ALLOW), OP("LT", BIG - 1, FAILS(EPERM)),
	OP("LE", BIG + 1, ALLOW), OP("LE", BIG, FAILS(EPERM)),
	OP("EQ", 1, ALLOW), OP("EQ", BIG, FAILS(EPERM)),
	OP("GE", BIG - 1, ALLOW), OP("GE", BIG, FAILS(EPERM)),
	OP("GT", BIG, ALLOW), OP("GT", BIG + 1, FAILS(EPERM)),
#define MASK "\"defaultAction\":\"SCMP_ACT_ALLOW\"," RULE("SCMP_ACT_ERRNO", ",\"args\":[" \
	"{\"index\":0,\"value\":240,\"valueTwo\":16,\"op\":\"SCMP_CMP_MASKED_EQ\"}]")
	{ MASK, X64, SYS_dup2, 0x1f, 0, FAILS(EPERM) },
	{ MASK, X64, SYS_dup2, 0x2f, 0, ALLOW },
	/* SEC-04: dup2 is 63 on i386, and another call there must not be mistaken for it. */
#define X86 "\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_X86\"]," RULE("SCMP_ACT_ERRNO", "")
	{ X86, AUDIT_ARCH_I386, 63, 0, 0, FAILS(EPERM) },
	{ X86, AUDIT_ARCH_I386, SYS_dup2, 0, 0, ALLOW },
	{ X86, X64, SYS_dup2, 0, 0, FAILS(EPERM) },
	/* Without the architecture in the list, its calls kill (the library's default). */
	{ BOTH, AUDIT_ARCH_I386, 63, 0, 0, SECCOMP_RET_KILL_THREAD },
	/* SEC-09: newer than the profile is ENOSYS, of each architecture by itself; what is older is the default's. */
#define NEWER "\"defaultAction\":\"SCMP_ACT_ERRNO\",\"architectures\":[\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\"]," RULE("SCMP_ACT_ALLOW", "")
	{ NEWER, X64, SYS_dup2, 0, 0, ALLOW },
	{ NEWER, X64, SYS_dup2 + 1, 0, 0, FAILS(ENOSYS) },
	{ NEWER, X64, SYS_dup2 - 1, 0, 0, FAILS(EPERM) },
	{ NEWER, AUDIT_ARCH_I386, 63, 0, 0, ALLOW },
	{ NEWER, AUDIT_ARCH_I386, 64, 0, 0, FAILS(ENOSYS) },
	{ NEWER, AUDIT_ARCH_I386, 62, 0, 0, FAILS(EPERM) },
	{ NEWER, X64, 0x40000000 + SYS_dup2, 0, 0, ALLOW },
	{ NEWER, X64, 0x40000000 + SYS_dup2 + 1, 0, 0, FAILS(ENOSYS) },
	{ NEWER, X64, 0x40000000 + SYS_dup2 - 1, 0, 0, FAILS(EPERM) },
	{ NEWER, AUDIT_ARCH_AARCH64, 999, 0, 0, SECCOMP_RET_KILL_THREAD },
	{ "\"defaultAction\":\"SCMP_ACT_KILL\"," RULE("SCMP_ACT_ALLOW", ""), X64, SYS_dup2 + 1, 0, 0, FAILS(ENOSYS) },
	{ "\"defaultAction\":\"SCMP_ACT_TRACE\"," RULE("SCMP_ACT_ALLOW", ""), X64, SYS_dup2 + 1, 0, 0,
		SECCOMP_RET_TRACE | EPERM },
	{ "\"defaultAction\":\"SCMP_ACT_LOG\"," RULE("SCMP_ACT_ERRNO", ""), X64, SYS_dup2 + 1, 0, 0, SECCOMP_RET_LOG },
	{ "\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":5," RULE("SCMP_ACT_ALLOW", ""), X64,
		SYS_dup2 + 1, 0, 0, FAILS(ENOSYS) },
	/* A profile without a name knows no newest. */
	{ "\"defaultAction\":\"SCMP_ACT_ERRNO\"", X64, 9999, 0, 0, FAILS(EPERM) },
	/* SEC-09: an unknown name is left out, the others of the rule stand. */
	{ "\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"no_such_call\",\"dup\"],"
	  "\"action\":\"SCMP_ACT_ERRNO\"}]", X64, SYS_dup, 0, 0, FAILS(EPERM) },
};

Test(process_seccomp, program)
{
	for (size_t i = 0; i < sizeof(matrix) / sizeof(matrix[0]); i++) {
		struct compiled result = filter(matrix[i].members);
		uint32_t got;

		cr_assert(result.plan, "%s: %s", matrix[i].members, result.err.message);
		got = ask(result.plan, matrix[i].arch, matrix[i].nr, matrix[i].a0, matrix[i].a1);
		cr_expect(got == matrix[i].expect, "case %zu: %s: %#x instead of %#x", i,
			matrix[i].members, got, matrix[i].expect);
		compiled_free(&result);
	}
}

/* More rules than a list is good for: the same answers from the binary tree. */
Test(process_seccomp, tree)
{
	static const char *const names[] = { "read", "open", "close", "stat", "fstat", "lstat", "poll",
		"lseek", "mmap", "mprotect", "munmap", "brk" };
	static const int numbers[] = { SYS_read, SYS_open, SYS_close, SYS_stat, SYS_fstat, SYS_lstat,
		SYS_poll, SYS_lseek, SYS_mmap, SYS_mprotect, SYS_munmap, SYS_brk };
	char text[4096] = "\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[";
	struct compiled result;

	for (size_t i = 0; i < 12; i++)
		sprintf(text + strlen(text),
			"%s{\"names\":[\"%s\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":%zu}",
			i ? "," : "", names[i], 100 + i);
	strcat(text, "]");
	result = filter(text);
	cr_assert(result.plan, "%s", result.err.message);
	for (size_t i = 0; i < 12; i++)
		cr_expect(ask(result.plan, X64, numbers[i], 0, 0) == FAILS(100 + i), "%s", names[i]);
	cr_expect(ask(result.plan, X64, SYS_write, 0, 0) == ALLOW);
	compiled_free(&result);
}

static const struct {
	const char *members, *pointer;
} refused[] = {
	{ "\"defaultAction\":\"SCMP_ACT_NOTIFY\",\"listenerPath\":\"/s\"", "/linux/seccomp/defaultAction" },
	{ "\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerPath\":\"/s\",\"syscalls\":[{\"names\":[\"dup\","
	  "\"write\"],\"action\":\"SCMP_ACT_NOTIFY\"}]", "/linux/seccomp/syscalls/0/names/1" },
	{ "\"defaultAction\":\"SCMP_ACT_ALLOW\"," RULE("SCMP_ACT_NOTIFY", ""), "/linux/seccomp/syscalls" },
	{ "\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerPath\":\"s\"," RULE("SCMP_ACT_NOTIFY", ""),
	  "/linux/seccomp/listenerPath" },
	{ "\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerMetadata\":\"x\"", "/linux/seccomp" },
	{ "\"defaultAction\":\"SCMP_ACT_ALLOW\",\"defaultErrnoRet\":1", "/linux/seccomp" },
	{ "\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_BOGUS\"]",
	  "/linux/seccomp/architectures/0" },
	{ "\"defaultAction\":\"SCMP_ACT_BOGUS\"", "/linux/seccomp/defaultAction" },
	{ "\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":65536", "/linux/seccomp/defaultErrnoRet" },
	{ "\"defaultAction\":\"SCMP_ACT_ERRNO\"," RULE("SCMP_ACT_KILL", ",\"errnoRet\":1"),
	  "/linux/seccomp/syscalls/0" },
};

Test(process_seccomp, refused)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct compiled result = filter(refused[i].members);

		cr_expect(!result.plan, "%s was accepted", refused[i].members);
		cr_expect(strncmp(result.err.pointer, refused[i].pointer, strlen(refused[i].pointer)) == 0,
			"%s: refused at \"%s\": %s", refused[i].members, result.err.pointer,
			result.err.message);
		compiled_free(&result);
	}
}

/* The first of two contradicting rules stands, and the user hears of it. */
Test(process_seccomp, contradiction)
{
#define IF_ONE "\"args\":[{\"index\":0,\"value\":1,\"op\":\"SCMP_CMP_EQ\"}]}"
	struct compiled result = filter("\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":["
		"{\"names\":[\"dup\"],\"action\":\"SCMP_ACT_KILL_PROCESS\"," IF_ONE ","
		"{\"names\":[\"dup\"],\"action\":\"SCMP_ACT_KILL_PROCESS\"," IF_ONE ","
		"{\"names\":[\"dup\"],\"action\":\"SCMP_ACT_LOG\"," IF_ONE "]");

	cr_assert(result.plan, "%s", result.err.message);
	cr_expect(ask(result.plan, X64, SYS_dup, 1, 0) == SECCOMP_RET_KILL_PROCESS);
	cr_expect(result.plan->warning_count == 1, "%zu warnings", result.plan->warning_count);
	compiled_free(&result);
}

Test(process_seccomp, unknown_fails_when_asked)
{
	struct compiled result = compile_config("", "", ",\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\","
		"\"syscalls\":[{\"names\":[\"no_such_call\"],\"action\":\"SCMP_ACT_ERRNO\"}]}",
		",\"annotations\":{\"run.oci.seccomp_fail_unknown_syscall\":\"1\"}");

	cr_expect(!result.plan);
	cr_expect_str_eq(result.err.pointer, "/linux/seccomp/syscalls/0/names/0");
	compiled_free(&result);
}

#endif
