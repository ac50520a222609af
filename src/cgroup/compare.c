/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a file of a cgroup holds what was, or would be, written to it. */
#include "cgroup/compare.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

/* The kernel counts memory in pages, 64 KiB at most, and huge pages of up to 16 GiB. */
#define PAGE_MAX (64LL << 10)
#define HUGE_PAGE_MAX (16LL << 30)

/* A word of a line. */
struct word {
	const char *start;
	size_t length;
};

static struct word next_word(const char **cursor)
{
	struct word word = { *cursor + strspn(*cursor, " \t"), 0 };

	word.length = strcspn(word.start, " \t\n");
	*cursor = word.start + word.length;
	return word;
}

static bool same_word(struct word a, struct word b)
{
	return a.length == b.length && memcmp(a.start, b.start, a.length) == 0;
}

/* "max", -1 and v1's largest number of bytes in whole pages all mean unlimited. */
static bool read_number(struct word word, long long *ret)
{
	unsigned long long number;
	char text[32], *end;

	if (!word.length || word.length >= sizeof(text))
		return false;
	memcpy(text, word.start, word.length);
	text[word.length] = '\0';
	*ret = LLONG_MAX;
	if (strcmp(text, "max") == 0)
		return true;
	number = strtoull(text, &end, 10);
	if (*end)
		return false;
	*ret = number > (unsigned long long)(LLONG_MAX - PAGE_MAX) ? LLONG_MAX : (long long)number;
	return true;
}

static long long granule(const char *file)
{
	if (strncmp(file, "hugetlb.", 8) == 0)
		return HUGE_PAGE_MAX;
	return strncmp(file, "memory.", 7) == 0 ? PAGE_MAX : 1;
}

/* @wanted and @found are of the form "8", "max" or "rbps=8". */
static bool same_value(const char *file, struct word wanted, struct word found)
{
	const char *equals = memchr(wanted.start, '=', wanted.length);
	size_t key = equals ? (size_t)(equals + 1 - wanted.start) : 0;
	long long a, b;

	if (same_word(wanted, found))
		return true;
	if (key > found.length || memcmp(wanted.start, found.start, key) != 0)
		return false;
	if (!read_number((struct word){ wanted.start + key, wanted.length - key }, &a) ||
		!read_number((struct word){ found.start + key, found.length - key }, &b))
		return false;
	return a == b || (b < a && a - b < granule(file)); /* rounded down */
}

/* Marks the CPUs or nodes of a list like "0-3,8"; false if it is none, or names larger ones. */
static bool read_set(const char *text, cpu_set_t *set)
{
	CPU_ZERO(set);
	for (;;) {
		char *end;
		unsigned long first = strtoul(text, &end, 10), last = first;

		if (end == text)
			return !*text;
		if (*end == '-')
			last = strtoul(text = end + 1, &end, 10);
		if (end == text || last >= CPU_SETSIZE || first > last)
			return false;
		for (; first <= last; first++)
			CPU_SET(first, set);
		if (!*end)
			return true;
		if (*end != ',')
			return false;
		text = end + 1;
	}
}

static bool same_set(const char *wanted, const char *found)
{
	cpu_set_t a, b;

	return read_set(wanted, &a) && read_set(found, &b) && CPU_EQUAL(&a, &b);
}

const char *cgroup_keyed_line(const char *text, const char *key, size_t length)
{
	while (*text) {
		const char *line = text;
		struct word first = next_word(&line);

		if (same_word(first, (struct word){ key, length }))
			return text;
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return NULL;
}

bool cgroup_value_keyed(const char *file, const char *value)
{
	return strchr(value, ' ') && strcmp(file, "cpu.max") != 0;
}

/* "8:0 rbps=1 wiops=max": every word has to be in the key's line, in whatever place. */
static bool holds_keyed(const char *file, const char *wanted, const char *found)
{
	struct word key = next_word(&wanted), value;
	const char *line = cgroup_keyed_line(found, key.start, key.length);

	while ((value = next_word(&wanted)).length) {
		const char *rest = line;
		bool unset = (value.length == 1 && *value.start == '0') ||
			     (value.length > 4 && memcmp(value.start + value.length - 4, "=max", 4) == 0);
		bool held = !line && unset; /* a key without a line has no limit */
		struct word word;

		if (line)
			next_word(&rest);
		while (line && !held && (word = next_word(&rest)).length)
			held = same_value(file, value, word);
		if (!held)
			return false;
	}
	return true;
}

bool cgroup_value_held(const char *file, const char *wanted, const char *found)
{
	struct word value, word;

	if (strcmp(wanted, found) == 0)
		return true;
	if (strncmp(file, "cpuset.", 7) == 0)
		return same_set(wanted, found);
	if (cgroup_value_keyed(file, wanted))
		return holds_keyed(file, wanted, found);
	/* io.bfq.weight shows one number as "default 100". */
	if (strncmp(found, "default ", 8) == 0)
		found += 8;
	while ((value = next_word(&wanted)).length) {
		word = next_word(&found);
		if (!same_value(file, value, word))
			return false;
	}
	return true;
}
