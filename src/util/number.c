/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/number.h"

bool number_scan(const char **text, uint64_t max, uint64_t *value)
{
	const char *p = *text;
	uint64_t number = 0;

	if (*p < '0' || *p > '9')
		return false;
	for (; *p >= '0' && *p <= '9'; p++) {
		uint64_t digit = (uint64_t)(*p - '0');

		if (digit > max || number > (max - digit) / 10)
			return false;
		number = number * 10 + digit;
	}
	*text = p;
	*value = number;
	return true;
}

bool number_parse(const char *text, uint64_t max, uint64_t *value)
{
	uint64_t number;

	if (!number_scan(&text, max, &number) || *text)
		return false;
	*value = number;
	return true;
}
