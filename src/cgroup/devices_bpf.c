/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Device rules for v2: a program of type BPF_PROG_TYPE_CGROUP_DEVICE. It goes
 * through the rules from the last to the first; what kinds of access no rule
 * has decided yet stand in a register. So it gives what the list gives when it
 * is applied in order (RDV-01).
 */
#include "cgroup/resources.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <string.h>

/* Registers of the program. */
enum { RESULT = BPF_REG_0, CONTEXT = BPF_REG_1, TYPE = BPF_REG_2, WANTED = BPF_REG_3, MAJOR = BPF_REG_4,
	MINOR = BPF_REG_5 };

#define ACCESS_ALL (BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE)
#define RULE_MAX 10    /* instructions that one rule takes */
#define PROLOGUE_MAX 9 /* and what is around them */

struct program {
	struct bpf_insn *code;
	size_t length;
};

static void emit(struct program *p, unsigned code, unsigned dst, unsigned src, int offset, int imm)
{
	p->code[p->length++] = (struct bpf_insn){ .code = (uint8_t)code, .dst_reg = dst & 0xf,
		.src_reg = src & 0xf, .off = (int16_t)offset, .imm = imm };
}

static void load(struct program *p, unsigned dst, size_t offset)
{
	emit(p, BPF_LDX | BPF_MEM | BPF_W, dst, CONTEXT, (int)offset, 0);
}

/* The context's access_type holds the access in its upper half, the type in its lower. */
static void prologue(struct program *p)
{
	load(p, TYPE, offsetof(struct bpf_cgroup_dev_ctx, access_type));
	emit(p, BPF_ALU64 | BPF_MOV | BPF_X, WANTED, TYPE, 0, 0);
	emit(p, BPF_ALU64 | BPF_AND | BPF_K, TYPE, 0, 0, 0xffff);
	emit(p, BPF_ALU64 | BPF_RSH | BPF_K, WANTED, 0, 0, 16);
	load(p, MAJOR, offsetof(struct bpf_cgroup_dev_ctx, major));
	load(p, MINOR, offsetof(struct bpf_cgroup_dev_ctx, minor));
}

static void finish(struct program *p, bool allow)
{
	emit(p, BPF_ALU64 | BPF_MOV | BPF_K, RESULT, 0, 0, allow);
	emit(p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* To the next rule unless a register has a value; 32 bits, so that large minor numbers are not sign-extended. */
static void require(struct program *p, unsigned reg, long long value)
{
	emit(p, BPF_JMP32 | BPF_JNE | BPF_K, reg, 0, 0, (int)(unsigned)value);
}

static void add_rule(struct program *p, const struct device_rule *rule)
{
	size_t start = p->length, conditions;

	if (rule->type != 'a')
		require(p, TYPE, rule->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
	if (rule->major >= 0)
		require(p, MAJOR, rule->major);
	if (rule->minor >= 0)
		require(p, MINOR, rule->minor);
	conditions = p->length;
	if (rule->allow) {
		emit(p, BPF_ALU64 | BPF_AND | BPF_K, WANTED, 0, 0, (int)(~rule->access & ACCESS_ALL));
		emit(p, BPF_JMP | BPF_JNE | BPF_K, WANTED, 0, 2, 0);
	} else {
		emit(p, BPF_ALU64 | BPF_MOV | BPF_X, RESULT, WANTED, 0, 0);
		emit(p, BPF_ALU64 | BPF_AND | BPF_K, RESULT, 0, 0, (int)rule->access);
		emit(p, BPF_JMP | BPF_JEQ | BPF_K, RESULT, 0, 2, 0);
	}
	finish(p, rule->allow);
	for (size_t i = start; i < conditions; i++)
		p->code[i].off = (int16_t)(p->length - i - 1);
}

int device_program(struct oci_arena *arena, const struct device_rule *rules, size_t count,
	void **ret, size_t *length)
{
	struct program p = { 0 };

	p.code = oci_arena_alloc(arena, (PROLOGUE_MAX + count * RULE_MAX) * sizeof(*p.code));
	if (!p.code)
		return -ENOMEM;
	prologue(&p);
	while (count--)
		add_rule(&p, &rules[count]);
	finish(&p, true);
	*ret = p.code;
	*length = p.length;
	return 0;
}
