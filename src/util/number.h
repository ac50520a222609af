/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers in text: digits alone, unlike strtoull(3), which takes blanks, signs and what is too large. */
#ifndef SILO_UTIL_NUMBER_H
#define SILO_UTIL_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/**
 * number_scan - the decimal number at the start of a text
 * @text: moved behind the digits
 * @max: the largest value that is taken
 * @value: receives it
 *
 * Return: true; false, with nothing changed, if no digit is there or the value exceeds @max.
 */
bool number_scan(const char **text, uint64_t max, uint64_t *value);

/** number_parse - the same, where the number is the whole text */
bool number_parse(const char *text, uint64_t max, uint64_t *value);

#endif
