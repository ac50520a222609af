/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "aspects/seccomp.h"

static int sextet(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* RFC 4648, section 4, with its padding; the number of bytes, or -1. @bytes has room for 3/4 of @text. */
static ssize_t decode(const char *text, unsigned char *bytes)
{
	size_t length = strlen(text), used = 0;

	if (length % 4)
		return -1;
	for (size_t i = 0; i < length; i += 4) {
		size_t padding = i + 4 < length ? 0 : (text[i + 3] == '=') + (text[i + 2] == '=');
		uint32_t bits = 0;

		for (size_t k = 0; k < 4 - padding; k++) {
			int value = sextet(text[i + k]);

			if (value < 0)
				return -1;
			bits |= (uint32_t)value << (18 - 6 * k);
		}
		for (size_t k = 0; k < 3 - padding; k++)
			bytes[used++] = (unsigned char)(bits >> (16 - 8 * k));
	}
	return (ssize_t)used;
}

int seccomp_raw(struct compile *c, const char *text, struct plan_filter *ret)
{
	unsigned char *bytes = oci_arena_alloc(c->arena, strlen(text) + 4);
	ssize_t size;

	if (!bytes)
		return error_set(c->err, ENOMEM, "compile seccomp");
	size = decode(text, bytes);
	if (size <= 0 || (size_t)size % sizeof(struct sock_filter))
		return plan_refuse(c, &c->config->annotations, EINVAL,
			"annotation " SECCOMP_RAW " must be the base64 text of BPF instructions of %zu bytes each",
			sizeof(struct sock_filter));
	ret->length = (uint32_t)((size_t)size / sizeof(struct sock_filter));
	ret->program = plan_put_bytes(c, bytes, (size_t)size);
	return 0;
}
