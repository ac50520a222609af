/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Command lines: options before and after arguments, as callers of runc and of crun write them. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

struct values {
	bool force;
	const char *bundle;
	uint32_t number;
};

static const struct cli_option table[] = {
	{ "force", 'f', CLI_FLAG, offsetof(struct values, force), NULL, "force" },
	{ "bundle", 'b', CLI_STRING, offsetof(struct values, bundle), "DIR", "bundle" },
	{ "preserve-fds", 0, CLI_UINT32, offsetof(struct values, number), "N", "number" },
	{ 0 },
};

static struct error err;
static struct values values;
static char *arguments[16];
static int argument_count;

/* Splits a line at blanks and parses it. */
static int parse(const char *line, bool first)
{
	static char copy[256];
	int count = 0, rest = 0, r;
	char *argv[16] = { 0 };

	memset(&values, 0, sizeof(values));
	memset(arguments, 0, sizeof(arguments));
	snprintf(copy, sizeof(copy), "%s", line);
	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
		argv[count++] = word;
	r = cli_parse(table, first, count, argv, &values, &rest, &err);
	argument_count = r == 0 ? count - rest : 0;
	for (int i = 0; i < argument_count; i++)
		arguments[i] = argv[rest + i];
	return r;
}

Test(cli, options_before_between_and_after_arguments)
{
	static const char *const lines[] = { "x -f -b dir one two", "x one two --force --bundle dir",
		"x one --bundle=dir two -f", "x -fb dir one two", "x -f one -bdir -- two" };

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		cr_assert_eq(parse(lines[i], false), 0, "%s: %s", lines[i], err.message);
		cr_expect(values.force, "%s", lines[i]);
		cr_expect_str_eq(values.bundle, "dir");
		cr_assert_eq(argument_count, 2, "%s", lines[i]);
		cr_expect_str_eq(arguments[0], "one");
		cr_expect_str_eq(arguments[1], "two");
	}
}

Test(cli, options_end_at_the_first_argument)
{
	cr_assert_eq(parse("x -f create --bundle dir -f", true), 0);
	cr_expect(values.force);
	cr_expect_null(values.bundle);
	cr_assert_eq(argument_count, 4);
	cr_expect_str_eq(arguments[0], "create");
	cr_expect_str_eq(arguments[3], "-f");
}

Test(cli, options_end_at_two_dashes)
{
	cr_assert_eq(parse("x -- -f", false), 0);
	cr_expect_not(values.force);
	cr_expect_str_eq(arguments[0], "-f");
}

Test(cli, help)
{
	cr_expect_eq(parse("x -h", false), CLI_HELP);
	cr_expect_eq(parse("x one --help", false), CLI_HELP);
	cr_expect_eq(parse("x one --help", true), 0);
}

Test(cli, refusals)
{
	static const struct {
		const char *line, *says;
	} refused[] = {
		{ "x --nope", "unknown option --nope" },
		{ "x --nope=1", "unknown option --nope=1" },
		{ "x -z", "unknown option -z" },
		{ "x -fz", "unknown option -z" },
		{ "x --force=yes", "option --force takes no argument" },
		{ "x --help=yes", "option --help takes no argument" },
		{ "x --bundle", "option --bundle needs an argument: DIR" },
		{ "x -b", "option --bundle needs an argument: DIR" },
		{ "x --preserve-fds", "option --preserve-fds needs an argument: N" },
		{ "x --preserve-fds -1", "\"-1\" is not a number" },
		{ "x --preserve-fds 1x", "\"1x\" is not a number" },
		{ "x --preserve-fds 4294967296", "\"4294967296\" is not a number" },
		{ "x --preserve-fds=", "\"\" is not a number" },
	};

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		cr_expect_eq(parse(refused[i].line, false), -EINVAL, "%s", refused[i].line);
		cr_expect(strstr(err.message, refused[i].says), "%s: %s", refused[i].line,
			err.message);
	}
}

Test(cli, numbers)
{
	cr_assert_eq(parse("x --preserve-fds 4294967295", false), 0);
	cr_expect_eq(values.number, UINT32_MAX);
	cr_assert_eq(parse("x --preserve-fds=0", false), 0);
	cr_expect_eq(values.number, 0);
}
