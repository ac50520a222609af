/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the library says when a document is refused. */
#ifndef OCISPEC_ERROR_H
#define OCISPEC_ERROR_H

/**
 * struct oci_error - why a document was refused
 * @code: positive errno: EINVAL for everything that is wrong with the document, EFBIG for its size,
 *	ENOMEM when out of memory. The function returned -@code.
 * @line: line in the document, counted from 1; 0 if there is none
 * @column: column in bytes, counted from 1; 0 if there is none. For invalid JSON it may be one off
 * @pointer: JSON pointer (RFC 6901) of the value, "" for the whole document; one that does not fit
 *	ends in "..."
 * @message: a complete phrase without newline, in UTF-8
 */
struct oci_error {
	int code;
	unsigned line, column;
	char pointer[256];
	char message[512];
};

#endif
