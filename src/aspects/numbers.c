/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "aspects/numbers.h"

#include <stdint.h>

#include "util/number.h"

bool numbers_parse(const char *text, unsigned limit, unsigned long *bits, unsigned *count)
{
	*count = 0;
	while (*text) {
		uint64_t first, last;

		if (!number_scan(&text, limit - 1, &first))
			return false;
		last = first;
		if (*text == '-') {
			text++;
			if (!number_scan(&text, limit - 1, &last) || last < first)
				return false;
		}
		for (; first <= last; first++) {
			bits[first / NUMBERS_BITS] |= 1UL << first % NUMBERS_BITS;
			(*count)++;
		}
		if (*text == ',' && text[1])
			text++;
		else if (*text)
			return false;
	}
	return true;
}
