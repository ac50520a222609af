/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>

#include "util/number.h"

Test(number, takes_digits_up_to_the_maximum)
{
	static const struct {
		const char *text;
		uint64_t max, value;
	} good[] = { { "0", 0, 0 }, { "7", 7, 7 }, { "007", 10, 7 }, { "4294967295", UINT32_MAX, UINT32_MAX },
		{ "18446744073709551615", UINT64_MAX, UINT64_MAX } };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		uint64_t value = 99;

		cr_expect(number_parse(good[i].text, good[i].max, &value), "%s", good[i].text);
		cr_expect_eq(value, good[i].value);
	}
}

Test(number, refuses_everything_else)
{
	static const struct {
		const char *text;
		uint64_t max;
	} bad[] = { { "", 9 }, { " 1", 9 }, { "1 ", 9 }, { "+1", 9 }, { "-1", 9 }, { "0x1", 9 }, { "1e1", 99 },
		{ "8", 7 }, { "10", 9 }, { "19", 18 }, { "4294967296", UINT32_MAX },
		{ "18446744073709551616", UINT64_MAX }, { "99999999999999999999999", UINT64_MAX } };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint64_t value = 99;

		cr_expect_not(number_parse(bad[i].text, bad[i].max, &value), "%s", bad[i].text);
		cr_expect_eq(value, 99);
	}
}

Test(number, scan_stops_behind_the_digits)
{
	const char *text = "12-34";
	uint64_t value;

	cr_assert(number_scan(&text, 100, &value));
	cr_expect_eq(value, 12);
	cr_expect_str_eq(text, "-34");
	cr_expect_not(number_scan(&text, 100, &value));
	cr_expect_str_eq(text, "-34");
}
