/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Device rules: v2's program and v1's lines against the list read in order (RDV-01..RDV-06). */
#include <criterion/criterion.h>
#include <errno.h>
#include <linux/bpf.h>

#include "cgroup/resources.h"
#include "cgroup_support.h"

enum { M = BPF_DEVCG_ACC_MKNOD, R = BPF_DEVCG_ACC_READ, W = BPF_DEVCG_ACC_WRITE };

/* As much of a BPF machine as device programs use. Return: their result. */
static uint64_t run(
	const struct bpf_insn *code, size_t length, const struct bpf_cgroup_dev_ctx *context)
{
	uint64_t reg[11] = { 0 };

	reg[1] = (uintptr_t)context;
	for (size_t pc = 0, steps = 0; pc < length && steps < 100000; pc++, steps++) {
		const struct bpf_insn *i = &code[pc];
		uint64_t source =
			BPF_SRC(i->code) == BPF_X ? reg[i->src_reg] : (uint64_t)(int64_t)i->imm;
		bool taken = false;

		switch (i->code) {
		case BPF_LDX | BPF_MEM | BPF_W:
			reg[i->dst_reg] =
				*(const uint32_t *)(const void *)((const char *)(uintptr_t)
									  reg[i->src_reg] +
								  i->off);
			break;
		case BPF_ALU64 | BPF_MOV | BPF_X:
		case BPF_ALU64 | BPF_MOV | BPF_K:
			reg[i->dst_reg] = source;
			break;
		case BPF_ALU64 | BPF_AND | BPF_K:
			reg[i->dst_reg] &= source;
			break;
		case BPF_ALU64 | BPF_RSH | BPF_K:
			reg[i->dst_reg] >>= source;
			break;
		case BPF_JMP32 | BPF_JNE | BPF_K:
			taken = (uint32_t)reg[i->dst_reg] != (uint32_t)source;
			break;
		case BPF_JMP | BPF_JNE | BPF_K:
			taken = reg[i->dst_reg] != source;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			taken = reg[i->dst_reg] == source;
			break;
		case BPF_JMP | BPF_EXIT:
			return reg[0];
		default:
			cr_assert_fail("instruction %#x at %zu", i->code, pc);
		}
		if (taken)
			pc += (size_t)i->off;
	}
	cr_assert_fail("the program does not end");
	return 0;
}

static bool program_allows(
	const struct compiled *done, char type, unsigned major, unsigned minor, unsigned access)
{
	struct bpf_cgroup_dev_ctx context = {
		.access_type =
			access << 16 | (type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR),
		.major = major,
		.minor = minor,
	};

	return run(done->c.cgroup->device_program, done->c.cgroup->device_program_length,
		       &context) == 1;
}

static struct compiled *compile_rules(const struct fake_host *host, const char *rules)
{
	char json[4096];

	snprintf(json, sizeof(json), "\"resources\": {\"devices\": [%s]}", rules);
	return compile_linux(host, json);
}

#define DENY_ALL "{\"allow\": false, \"access\": \"rwm\"}"

struct question {
	const char *rules;
	char type;
	unsigned major, minor, access;
	bool allowed;
};

static const struct question questions[] = {
	{ DENY_ALL, 'c', 1, 3, R | W, true },
	{ DENY_ALL, 'c', 1, 3, R | W | M, true },
	{ DENY_ALL, 'c', 1, 1, R, false }, /* mem */
	{ DENY_ALL, 'c', 1, 1, M, true },  /* a node opens nothing */
	{ DENY_ALL, 'b', 8, 0, M, true },
	{ DENY_ALL, 'b', 8, 0, R, false },
	{ DENY_ALL, 'b', 8, 0, R | M, false },
	{ DENY_ALL, 'c', 136, 12345, R | W, true }, /* pts */
	{ DENY_ALL, 'b', 1, 3, R, false },	    /* ram3 is not null */
	{ DENY_ALL, 'c', 10, 200, R | W, false },   /* tun */
	{ "{\"allow\": false}", 'b', 8, 0, W, false },
	{ "{\"allow\": false, \"type\": \"a\", \"major\": -1, \"minor\": -1}", 'b', 8, 0, W,
		false },
	/* later rules override earlier ones */
	{ DENY_ALL ", {\"allow\": true, \"type\": \"b\", \"major\": 8, \"access\": \"r\"}", 'b', 8,
		7, R, true },
	{ DENY_ALL ", {\"allow\": true, \"type\": \"b\", \"major\": 8, \"access\": \"r\"}", 'b', 8,
		7, W, false },
	{ DENY_ALL ", {\"allow\": true, \"type\": \"b\", \"major\": 8, \"access\": \"r\"}", 'b', 8,
		7, R | W, false },
	{ DENY_ALL ", {\"allow\": true, \"type\": \"b\", \"major\": 8, \"access\": \"r\"}", 'c', 8,
		7, R, false },
	{ DENY_ALL ", {\"allow\": true, \"type\": \"b\", \"major\": 8, \"access\": \"r\"}, "
		   "{\"allow\": true, \"type\": \"b\", \"minor\": 7, \"access\": \"w\"}",
		'b', 8, 7, R | W, true },
	{ DENY_ALL ", {\"allow\": true, \"type\": \"c\", \"major\": 4294967295, \"minor\": "
		   "4294967295}",
		'c', 4294967295u, 4294967295u, R, true },
	{ DENY_ALL ", {\"allow\": true}", 'b', 8, 0, R | W | M, true },
	{ "{\"allow\": true, \"type\": \"b\", \"major\": 8}, " DENY_ALL, 'b', 8, 0, R, false },
	{ DENY_ALL ", {\"allow\": false, \"type\": \"c\", \"major\": 1, \"minor\": 3}", 'c', 1, 3,
		R, false },
	{ DENY_ALL ", {\"allow\": false, \"type\": \"c\", \"access\": \"m\"}", 'c', 1, 3, M,
		false },
	{ DENY_ALL ", {\"allow\": false, \"type\": \"c\", \"access\": \"m\"}", 'c', 1, 3, R | W,
		true },
	/* without denying all first, only what is named is denied */
	{ "{\"allow\": false, \"type\": \"b\", \"access\": \"w\"}", 'b', 8, 0, R, true },
	{ "{\"allow\": false, \"type\": \"b\", \"access\": \"w\"}", 'b', 8, 0, R | W, false },
	{ "{\"allow\": false, \"type\": \"b\", \"access\": \"w\"}", 'c', 8, 0, W, true },
	{ "{\"allow\": false, \"major\": 10, \"minor\": 229}", 'b', 10, 229, R, false },
	{ "{\"allow\": false, \"major\": 10, \"minor\": 229}", 'c', 10, 229, R, false },
	{ "{\"allow\": false, \"major\": 10, \"minor\": 229}", 'c', 10, 228, R, true },
};

Test(cgroup_devices, program_matrix)
{
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		const struct question *q = &questions[i];
		struct compiled *done = compile_rules(&host_v2, q->rules);

		cr_assert_eq(done->result, 0, "%s: %s", q->rules, done->err.message);
		cr_expect_eq(program_allows(done, q->type, q->major, q->minor, q->access),
			q->allowed, "%s: %c %u:%u access %u", q->rules, q->type, q->major, q->minor,
			q->access);
	}
}

/* The list read in order, one kind of access at a time: what the program has to agree with. */
static bool list_allows(const struct device_rule *rules, size_t count, char type, unsigned major,
	unsigned minor, unsigned access)
{
	for (unsigned bit = 1; bit <= 4; bit <<= 1) {
		bool allowed = true;

		for (size_t i = 0; i < count; i++) {
			if ((rules[i].type == 'a' || rules[i].type == type) &&
				(rules[i].access & bit) &&
				(rules[i].major < 0 || rules[i].major == major) &&
				(rules[i].minor < 0 || rules[i].minor == minor))
				allowed = rules[i].allow;
		}
		if ((access & bit) && !allowed)
			return false;
	}
	return true;
}

Test(cgroup_devices, program_equals_random_lists)
{
	struct oci_arena *arena = oci_arena_new();
	unsigned checked = 0;

	srand(1);
	for (unsigned round = 0; round < 2000; round++) {
		struct device_rule rules[8];
		size_t count = (size_t)rand() % 9, length;
		struct oci_arena_mark mark = oci_arena_mark(arena);
		void *code;

		for (size_t i = 0; i < count; i++)
			rules[i] = (struct device_rule){ rand() & 1, "abc"[rand() % 3],
				rand() % 4 - 1, rand() % 4 - 1, 1 + (unsigned)rand() % 7, NULL };
		cr_assert_eq(device_program(arena, rules, count, &code, &length), 0);
		for (unsigned n = 0; n < 2 * 3 * 3 * 7; n++, checked++) {
			unsigned major = n / 2 % 3, minor = n / 6 % 3, access = 1 + n / 18;
			char type = n & 1 ? 'b' : 'c';
			struct bpf_cgroup_dev_ctx context = { access << 16 | (type == 'b' ? 1 : 2),
				major, minor };

			cr_assert_eq(run(code, length, &context) == 1,
				list_allows(rules, count, type, major, minor, access), "round %u",
				round);
		}
		oci_arena_release(arena, mark);
	}
	cr_expect_gt(checked, 200000);
}

Test(cgroup_devices, v1_lines)
{
	static const char defaults[] =
		"devices.deny=a\ndevices.allow=c *:* m\ndevices.allow=b *:* m\ndevices.allow=c 1:3 "
		"rwm\n"
		"devices.allow=c 1:5 rwm\ndevices.allow=c 1:7 rwm\ndevices.allow=c 1:8 "
		"rwm\ndevices.allow=c 1:9 rwm\n"
		"devices.allow=c 5:0 rwm\ndevices.allow=c 5:2 rwm\ndevices.allow=c 136:* rwm\n";
	static const struct {
		const char *rules, *after; /* lines after the defaults; NULL: refused */
	} table[] = {
		{ DENY_ALL, "" },
		{ DENY_ALL ", {\"allow\": true, \"type\": \"c\", \"major\": 1, \"minor\": 11, "
			   "\"access\": \"rw\"}",
			"devices.allow=c 1:11 rw\n" },
		{ DENY_ALL ", {\"allow\": true, \"major\": 9}",
			"devices.allow=b 9:* rwm\ndevices.allow=c 9:* rwm\n" },
		/* a wildcard takes back what was named */
		{ DENY_ALL
			", {\"allow\": false, \"type\": \"c\", \"major\": 5, \"access\": \"rw\"}",
			"devices.deny=c 5:0 rw\ndevices.deny=c 5:2 rw\n" },
		{ DENY_ALL ", {\"allow\": false, \"type\": \"c\", \"major\": 136, \"minor\": 3, "
			   "\"access\": \"r\"}",
			NULL },
		{ "{\"allow\": true, \"type\": \"b\", \"major\": 8}, " DENY_ALL, "" },
		{ DENY_ALL ", {\"allow\": false, \"type\": \"b\", \"access\": \"rw\"}", "" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct compiled *done = compile_rules(&host_v1, table[i].rules);
		char expected[4096];

		if (!table[i].after) {
			cr_expect_eq(done->result, -ENOTSUP, "%s: %s", table[i].rules,
				settings_text(done));
			continue;
		}
		snprintf(expected, sizeof(expected), "%s%s", defaults, table[i].after);
		cr_expect_str_eq(settings_text(done), expected, "%s: %s", table[i].rules,
			settings_text(done));
	}
	cr_expect_str_eq(settings_text(compile_rules(
				 &host_v1, "{\"allow\": false, \"type\": \"b\", \"major\": 8}")),
		"devices.deny=b 8:* rwm\n");
	cr_expect_str_eq(
		settings_text(compile_rules(&host_v1, "{\"allow\": true}")), "devices.allow=a\n");
}

Test(cgroup_devices, none_and_bad)
{
	struct compiled *done = compile_rules(&host_v2, "");

	cr_expect_eq(done->result, 0);
	cr_expect_null(done->c.cgroup->device_program);
	cr_expect_lt(compile_rules(&host_v2, "{\"allow\": true, \"access\": \"x\"}")->result, 0);
	cr_expect_eq(compile_rules(&host_v2, "{\"allow\": true, \"major\": 4294967296}")->result,
		-ERANGE);
	cr_expect_eq(compile_rules(&host_v2, "{\"allow\": true, \"minor\": -2}")->result, -ERANGE);
	cr_expect_eq(compile_rules(&host_none, DENY_ALL)->result, -ENODEV);
}

/* Rootless engines send rules, too, and run the runtime as root of a user namespace. */
Test(cgroup_devices, not_for_the_unprivileged)
{
	static const struct host_facts facts[] = { { .euid = 1000 },
		{ .in_user_namespace = true } };
	static const struct fake_host *const hosts[] = { &host_v1, &host_v2 };

	for (size_t i = 0; i < 4; i++) {
		struct compiled *done = compile_config(hosts[i / 2], &facts[i % 2], "",
			"\"resources\": {\"devices\": [" DENY_ALL "]}");

		cr_assert_eq(done->result, 0, "%s", done->err.message);
		cr_expect_eq(done->c.cgroup->setting_count, 0);
		cr_expect_null(done->c.cgroup->device_program);
		cr_expect_eq(done->plan.warning_count, 0, "every engine sends rules: nobody is to be warned of them");
	}
}
