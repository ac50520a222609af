/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What strings have to look like, and the rules that bind several members; named in the .def files.
 */
#include <stdlib.h>
#include <string.h>

#include "types.h"

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static bool is_absolute_path(const char *s)
{
	return s[0] == '/';
}

static bool is_clock(const char *s)
{
	return strcmp(s, "monotonic") == 0 || strcmp(s, "boottime") == 0;
}

/* A number; *@s is moved behind it and the blanks around it. */
static bool skip_number(const char **s, unsigned long *number)
{
	char *end;

	*s += strspn(*s, " ");
	if (**s < '0' || **s > '9')
		return false;
	*number = strtoul(*s, &end, 10);
	*s = end + strspn(end, " ");
	return true;
}

/* AFF-05: "0-3, 7"; the schema's pattern lets more through. Empty is a list, too. */
static bool is_cpu_list(const char *s)
{
	unsigned long first, last;

	if (s[strspn(s, " ")] == '\0')
		return true;
	for (;;) {
		if (!skip_number(&s, &first))
			return false;
		if (*s == '-' && (s++, !skip_number(&s, &last) || last < first))
			return false;
		if (*s == '\0')
			return true;
		if (*s++ != ',')
			return false;
	}
}

static bool is_device_access(const char *s)
{
	return s[strspn(s, "rwm")] == '\0';
}

static bool is_single_line(const char *s)
{
	return strchr(s, '\n') == NULL;
}

static bool is_mb_schema(const char *s)
{
	return strncmp(s, "MB:", 3) == 0 && is_single_line(s);
}

static bool is_no_value(const char *s)
{
	(void)s;
	return false;
}

static bool is_not_empty(const char *s)
{
	return s[0] != '\0';
}

static bool is_page_size(const char *s)
{
	size_t digits = strspn(s, DIGITS);

	return digits > 0 && s[0] != '0' && s[digits] != '\0' && strchr("KMG", s[digits]) != NULL &&
	       strcmp(s + digits + 1, "B") == 0;
}

/* One identifier of a semantic version: where it ends, or NULL if it is none. */
static const char *semver_identifier(const char *s, bool numeric, bool leading_zero)
{
	size_t digits = strspn(s, DIGITS);
	size_t len = numeric ? digits : strspn(s, DIGITS LETTERS "-");

	if (len == 0 || (!leading_zero && len > 1 && digits == len && s[0] == '0'))
		return NULL;
	return s + len;
}

/* The dotted identifiers after '-' or '+'. */
static const char *semver_identifiers(const char *s, bool leading_zero)
{
	do {
		s = semver_identifier(s + 1, false, leading_zero);
	} while (s != NULL && *s == '.');
	return s;
}

/* https://semver.org/spec/v2.0.0.html items 2, 9 and 10 */
static bool is_semver(const char *s)
{
	for (int i = 0; i < 3; i++) {
		if (i > 0 && *s++ != '.')
			return false;
		s = semver_identifier(s, true, false);
		if (s == NULL)
			return false;
	}
	if (*s == '-')
		s = semver_identifiers(s, false);
	if (s != NULL && *s == '+')
		s = semver_identifiers(s, true);
	return s != NULL && *s == '\0';
}

const struct oci_format oci_absolute_path = { "an absolute path", is_absolute_path };
const struct oci_format oci_clock = { "\"monotonic\" or \"boottime\"", is_clock };
const struct oci_format oci_cpu_list = { "a list such as \"0-3,7\"", is_cpu_list };
const struct oci_format oci_device_access = { "letters of \"rwm\"", is_device_access };
const struct oci_format oci_mb_schema = { "one line that begins with \"MB:\"", is_mb_schema };
const struct oci_format oci_no_value = { "nothing, as no value is defined", is_no_value };
const struct oci_format oci_not_empty = { "a string that is not empty", is_not_empty };
const struct oci_format oci_page_size = { "a page size such as \"64KB\", \"2MB\" or \"1GB\"",
	is_page_size };
const struct oci_format oci_semver = { "a semantic version such as \"1.3.0\"", is_semver };
const struct oci_format oci_single_line = { "a single line", is_single_line };

/* DEV-05 */
bool oci_check_device(const void *object)
{
	const struct oci_device *device = object;

	return device->type == OCI_DEVICE_P || (device->major != NULL && device->minor != NULL);
}

/* MNT-20, MNT-21 */
bool oci_check_mount(const void *object)
{
	const struct oci_mount *mount = object;

	return (mount->uidMappings.items == NULL) == (mount->gidMappings.items == NULL);
}

/* RRD-02 */
bool oci_check_rdma(const void *object)
{
	const struct oci_rdma *rdma = object;

	return rdma->hcaHandles != NULL || rdma->hcaObjects != NULL;
}

static bool takes_errno(enum oci_seccomp_action action)
{
	return action == OCI_SCMP_ACT_ERRNO || action == OCI_SCMP_ACT_TRACE;
}

/* SEC-03, SEC-07 */
bool oci_check_seccomp(const void *object)
{
	const struct oci_seccomp *seccomp = object;

	if (seccomp->defaultErrnoRet != NULL && !takes_errno(seccomp->defaultAction))
		return false;
	return seccomp->listenerMetadata == NULL || seccomp->listenerPath != NULL;
}

/* SEC-11 */
bool oci_check_seccomp_syscall(const void *object)
{
	const struct oci_seccomp_syscall *syscall = object;

	return syscall->errnoRet == NULL || takes_errno(syscall->action);
}

/* RBI-02 */
bool oci_check_weight_device(const void *object)
{
	const struct oci_weight_device *device = object;

	return device->weight != NULL || device->leafWeight != NULL;
}
