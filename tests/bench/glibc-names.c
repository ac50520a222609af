/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What static libraries that were built with glibc's _FORTIFY_SOURCE call, for linking them with musl
 * (build-musl): each does what its name says without the check.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Declared nowhere in musl's headers. */
int __sprintf_chk(char *to, int flag, size_t size, const char *format, ...);
int __snprintf_chk(char *to, size_t limit, int flag, size_t size, const char *format, ...);
int __asprintf_chk(char **to, int flag, const char *format, ...);
int __fprintf_chk(FILE *to, int flag, const char *format, ...);
void *__memcpy_chk(void *to, const void *from, size_t length, size_t size);

int __sprintf_chk(char *to, int flag, size_t size, const char *format, ...)
{
	va_list ap;
	int r;

	(void)flag;
	va_start(ap, format);
	r = vsnprintf(to, size, format, ap);
	va_end(ap);
	return r;
}

int __snprintf_chk(char *to, size_t limit, int flag, size_t size, const char *format, ...)
{
	va_list ap;
	int r;

	(void)flag, (void)size;
	va_start(ap, format);
	r = vsnprintf(to, limit, format, ap);
	va_end(ap);
	return r;
}

int __asprintf_chk(char **to, int flag, const char *format, ...)
{
	va_list ap;
	int r;

	(void)flag;
	va_start(ap, format);
	r = vasprintf(to, format, ap);
	va_end(ap);
	return r;
}

int __fprintf_chk(FILE *to, int flag, const char *format, ...)
{
	va_list ap;
	int r;

	(void)flag;
	va_start(ap, format);
	r = vfprintf(to, format, ap);
	va_end(ap);
	return r;
}

void *__memcpy_chk(void *to, const void *from, size_t length, size_t size)
{
	(void)size;
	return memcpy(to, from, length);
}
