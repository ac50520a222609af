/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole files: read in one go, replaced in one go. */
#ifndef SILO_UTIL_FILE_H
#define SILO_UTIL_FILE_H

#include <stddef.h>

#include "libocispec/arena.h"
#include "util/error.h"

/**
 * file_read - read a whole file
 * @dirfd: directory that @name is relative to, or AT_FDCWD
 * @name: the file; a symbolic link in the last place is followed, but not below a @dirfd: there only a regular
 *	file will do, -EINVAL otherwise
 * @max: longest text accepted, in bytes; more gives -EFBIG
 * @arena: where @text is allocated from
 * @text: receives the text and a NUL after it
 * @length: receives its length in bytes
 *
 * Works for files without a size (/proc) and pipes. Directories give -EISDIR.
 *
 * Return: 0 or a negative errno.
 */
int file_read(int dirfd, const char *name, size_t max, struct oci_arena *arena, const char **text,
	size_t *length, struct error *err);

/**
 * file_replace - write a file so that readers find the old text or the new one, never a part
 * @dirfd: directory the file is in
 * @name: the file, a plain name; mode 0600
 *
 * The new text is written to ".NAME.new" beside it and renamed. It is not
 * synced: what is kept this way describes processes, which do not outlive a
 * power failure; readers must bear an empty file after one.
 *
 * Return: 0 or a negative errno; the old file is untouched in case of an error.
 */
int file_replace(int dirfd, const char *name, const char *text, size_t length, struct error *err);

#endif
