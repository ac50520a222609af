/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /etc/subuid: written by hand as often as by useradd(8). */
#include <criterion/criterion.h>

#include "util/subid.h"

static size_t parse(const char *text, struct id_range *first)
{
	struct id_range ranges[4] = { 0 };
	size_t count = subid_parse(text, 1000, "user", ranges, 4);

	*first = ranges[0];
	return count;
}

Test(subid, by_name_and_by_number)
{
	struct id_range range;

	cr_expect_eq(parse("root:1:1\nuser:100000:65536\n", &range), 1);
	cr_expect_eq(range.start, 100000);
	cr_expect_eq(range.count, 65536);
	cr_expect_eq(parse("1000:5:6", &range), 1, "no newline at the end");
	cr_expect_eq(range.start, 5);
	cr_expect_eq(parse("user:1:2\nother:3:4\n1000:5:6\n", &range), 2);
	cr_expect_eq(parse("user:1:1\nuser:2:1\nuser:3:1\nuser:4:1\nuser:5:1\n", &range), 4, "no more than asked for");
}

Test(subid, lines_that_grant_nothing)
{
	static const char *const lines[] = { "", "\n\n", "user", "user:", "user:1", "user:1:", "user::1", "user:1:0",
		"user:1:1:1", "user:-1:5", "user: 1:5", "user:1:5 ", "user:0x10:5", "user:4294967290:10",
		"user:4294967295:1", "user:99999999999999999999:1", "user:1:99999999999999999999", "use:1:5", "users:1:5",
		"10000:1:5", "100:1:5", ":1:5", "#user:1:5" };
	struct id_range range;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		cr_expect_eq(parse(lines[i], &range), 0, "%s", lines[i]);
	cr_expect_eq(parse("user:4294967290:5", &range), 1, "up to the largest id");
}
