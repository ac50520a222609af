/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/json.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool continues(unsigned char byte)
{
	return (byte & 0xc0) == 0x80;
}

/* Length of the UTF-8 sequence at @s, 0 if there is none (RFC 3629, table in section 4). */
static size_t utf8_length(const unsigned char *s)
{
	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		return continues(s[1]) ? 2 : 0;
	if (s[0] >= 0xe0 && s[0] <= 0xef) {
		if (!continues(s[1]) || !continues(s[2]))
			return 0;
		if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f))
			return 0;
		return 3;
	}
	if (s[0] >= 0xf0 && s[0] <= 0xf4) {
		if (!continues(s[1]) || !continues(s[2]) || !continues(s[3]))
			return 0;
		if ((s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
			return 0;
		return 4;
	}
	return 0;
}

/* Writes the character at *@text to @out, which holds at least 7 bytes, and steps over it. */
static size_t escape(char *out, const unsigned char **text)
{
	static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	const unsigned char *s = *text;
	size_t length = utf8_length(s);

	*text += length ? length : 1;
	if (!length)
		return (size_t)sprintf(out, "\\ufffd");
	for (const char *pair = letters; *pair; pair += 2) {
		if ((char)*s == pair[0])
			return (size_t)sprintf(out, "\\%c", pair[1]);
	}
	if (*s < 0x20 || *s == 0x7f)
		return (size_t)sprintf(out, "\\u%04x", *s);
	memcpy(out, s, length);
	return length;
}

size_t json_quote(char *buffer, size_t size, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t used = 0;

	buffer[used++] = '"';
	while (*s) {
		char one[8];
		size_t length = escape(one, &s);

		if (used + length + 2 > size)
			break;
		memcpy(buffer + used, one, length);
		used += length;
	}
	buffer[used++] = '"';
	buffer[used] = '\0';
	return used;
}
