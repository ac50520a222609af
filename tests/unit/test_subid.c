/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /etc/subuid: written by hand as often as by useradd(8). */
#include <stdio.h>

#include <criterion/criterion.h>

#include "util/subid.h"

static const struct subid_user user = { .uid = 1000, .name = "user" };

static size_t parse(const char *text, struct id_range *first)
{
	struct id_ranges ranges = { 0 };

	subid_parse(text, &user, &ranges);
	*first = ranges.items[0];
	return ranges.count;
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
}

Test(subid, no_more_than_there_is_room_for)
{
	char text[16 * (SUBID_RANGES_MAX + 2)] = "";
	struct id_range range;

	for (int i = 0; i < SUBID_RANGES_MAX + 1; i++)
		strcat(text, "user:7:1\n");
	cr_expect_eq(parse(text, &range), SUBID_RANGES_MAX);
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

/* What newuidmap(1) of shadow 4.13 accepts. */
Test(subid, what_lines_cover)
{
	static const struct id_ranges ranges = { 4, { { 310, 10 }, { 300, 10 }, { 400, 5 }, { 400, 10 } } };
	static const struct id_ranges highest = { 1, { { 4294967290U, 5 } } };

	cr_expect_eq(subid_covered(&ranges, 300), 20, "one line continues another");
	cr_expect_eq(subid_covered(&ranges, 305), 15);
	cr_expect_eq(subid_covered(&ranges, 319), 1);
	cr_expect_eq(subid_covered(&ranges, 320), 0);
	cr_expect_eq(subid_covered(&ranges, 299), 0);
	cr_expect_eq(subid_covered(&ranges, 400), 10, "lines that overlap");
	cr_expect_eq(subid_covered(&highest, 4294967290U), 5);
}

static const char *offer(const char *text, uint32_t start, uint32_t count)
{
	static char said[64];
	struct id_range range = { start, count };
	bool wanted = subid_offer(text, &user, &range);

	snprintf(said, sizeof(said), "%s %u %u", wanted ? "wanted" : "other", range.start, range.count);
	return said;
}

Test(subid, ranges_that_can_be_granted)
{
	cr_expect_str_eq(offer("", 200000, 10), "wanted 200000 10");
	cr_expect_str_eq(offer("user:200000:5\n", 200000, 10), "wanted 200000 10", "one's own is in nobody's way");
	cr_expect_str_eq(offer("1000:200000:5\n", 200000, 10), "wanted 200000 10");
	cr_expect_str_eq(offer("", 0, 1), "other 100000 65536", "an account's");
	cr_expect_str_eq(offer("other:150000:5\n", 150004, 70000), "other 150005 70000");
	cr_expect_str_eq(offer("b:165536:65536\na:100000:65536\nuser:231072:1000\n", 0, 1), "other 232072 65536",
		"beside everybody's");
	cr_expect_str_eq(offer("a:100000:100\nb:165636:100\n", 0, 1), "other 100100 65536", "between two");
	cr_expect_str_eq(offer("a:100000:4294867295\n", 0, 1), "other 4294967295 0", "no room");
	cr_expect_str_eq(offer("", 0, 4294967000U), "other 100000 0", "no room");
}

Test(subid, how_they_are_granted)
{
	static const struct subid_user nameless = { .uid = 1000 };
	static const struct id_range range = { 100000, 65536 };
	char text[256];

	cr_expect_str_eq(subid_advice(SUBUID_FILE, &user, &range, text, sizeof(text)),
		"`usermod --add-subuids 100000-165535 user` as root");
	cr_expect_str_eq(subid_advice(SUBGID_FILE, &user, &range, text, sizeof(text)),
		"`usermod --add-subgids 100000-165535 user` as root");
	/* usermod(8) knows accounts only. */
	cr_expect_str_eq(subid_advice(SUBGID_FILE, &nameless, &range, text, sizeof(text)),
		"`echo 1000:100000:65536 >>/etc/subgid` as root");
}
