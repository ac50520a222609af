/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The printed plan: both sides' steps in the order in which they are done. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan/print.h"

/* A blob put together by hand: every reference is an offset into this struct. */
static struct {
	struct plan_header header;
	struct plan_step steps[4];
	struct plan_sync mapped, hooks;
	char what[16], pointer[16];
} blob;

#define AT(member) (plan_ref)((char *)&blob.member - (char *)&blob)

static struct host_step host[] = {
	{ HOST_HOOKS, HOST_AT_RUNTIME_HOOKS, "/hooks", 7, "at hooks", NULL },
	{ HOST_CGROUP_JOIN, HOST_AFTER_CLONE, "", 0, "join", NULL },
	{ HOST_CLONE, HOST_AFTER_CLONE, "", 0, "clone", NULL },
	{ HOST_OPEN_TREE, HOST_BEFORE_CLONE, "/mounts/0", 3, "open a \"tree\"", NULL },
	{ HOST_OOM_SCORE, HOST_AT_MAPPED, "", 0, "at mapped", NULL },
};

static struct plan plan = { .blob = (unsigned char *)&blob, .blob_size = sizeof(blob),
	.host = host, .host_count = sizeof(host) / sizeof(host[0]) };

static void make_blob(void)
{
	strcpy(blob.what, "something");
	strcpy(blob.pointer, "/process");
	blob.mapped.token = PLAN_TOKEN_MAPPED;
	blob.hooks.token = PLAN_TOKEN_RUNTIME_HOOKS;
	blob.steps[0] = (struct plan_step){ .kind = PLAN_SYNC, .what = AT(what), .args = AT(mapped) };
	blob.steps[1] = (struct plan_step){ .kind = PLAN_MOUNT, .what = AT(what), .line = 5,
		.pointer = AT(pointer) };
	blob.steps[2] = (struct plan_step){ .kind = PLAN_SYNC, .what = AT(what), .args = AT(hooks) };
	blob.steps[3] = (struct plan_step){ .kind = PLAN_EXEC };
	blob.header = (struct plan_header){ .magic = PLAN_MAGIC, .version = PLAN_VERSION,
		.size = sizeof(blob), .step_count = 4, .steps = AT(steps) };
}

static char *print(bool json)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	make_blob();
	plan_print(&plan, out, json);
	fclose(out);
	return text;
}

Test(plan_print, text_in_order)
{
	static const char *const expected[] = {
		"  1  host  open-tree       open a \"tree\"  [/mounts/0, line 3]",
		"  2  host  clone           clone",
		"  3  host  cgroup-join     join",
		"  4  init  sync            something",
		"  5  host  oom-score       at mapped",
		"  6  init  mount           something  [/process, line 5]",
		"  7  init  sync            something",
		"  8  host  hooks           at hooks  [/hooks, line 7]",
		"  9  init  exec            ",
	};
	char *text = print(false), *line = strtok(text, "\n");

	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		cr_assert(line, "line %zu is missing", i + 1);
		cr_expect_str_eq(line, expected[i]);
		line = strtok(NULL, "\n");
	}
	cr_expect_null(line);
	free(text);
}

Test(plan_print, json)
{
	static const char first[] = "[\n  {\"number\": 1, \"side\": \"host\", \"kind\": \"open-tree\", "
		"\"what\": \"open a \\\"tree\\\"\", \"pointer\": \"/mounts/0\", \"line\": 3},\n";
	char *text = print(true);

	cr_expect_eq(strncmp(text, first, sizeof(first) - 1), 0, "%s", text);
	cr_expect(strstr(text, "{\"number\": 9, \"side\": \"init\", \"kind\": \"exec\", \"what\": \"\"}\n]\n"),
		"%s", text);
	free(text);
}

Test(plan_print, every_kind_has_a_name)
{
	for (int i = 0; i < PLAN_KIND_COUNT; i++)
		cr_expect(plan_kind_names[i], "kind %d of init's steps", i);
	for (int i = 0; i < HOST_KIND_COUNT; i++)
		cr_expect(host_kind_names[i], "kind %d of the host side's steps", i);
}
