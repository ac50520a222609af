/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/libseccomp.h"

#include <errno.h>

#ifdef SILO_STATIC

int libseccomp_load(const struct libseccomp **ret, struct error *err)
{
	static const struct libseccomp linked = { seccomp_init, seccomp_release, seccomp_attr_set,
		seccomp_arch_add, seccomp_arch_native, seccomp_syscall_resolve_name,
		seccomp_syscall_resolve_name_arch, seccomp_rule_add_array, seccomp_export_bpf };

	(void)err;
	*ret = &linked;
	return 0;
}

#else

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

static const struct {
	const char *name;
	size_t offset;
} symbols[] = {
	{ "seccomp_init", offsetof(struct libseccomp, init) },
	{ "seccomp_release", offsetof(struct libseccomp, release) },
	{ "seccomp_attr_set", offsetof(struct libseccomp, attr_set) },
	{ "seccomp_arch_add", offsetof(struct libseccomp, arch_add) },
	{ "seccomp_arch_native", offsetof(struct libseccomp, arch_native) },
	{ "seccomp_syscall_resolve_name", offsetof(struct libseccomp, resolve) },
	{ "seccomp_syscall_resolve_name_arch", offsetof(struct libseccomp, resolve_arch) },
	{ "seccomp_rule_add_array", offsetof(struct libseccomp, rule_add_array) },
	{ "seccomp_export_bpf", offsetof(struct libseccomp, export_bpf) },
};

int libseccomp_load(const struct libseccomp **ret, struct error *err)
{
	static struct libseccomp loaded;
	void *library;

	if (!loaded.init) {
		library = dlopen("libseccomp.so.2", RTLD_NOW | RTLD_LOCAL);
		if (!library)
			return error_say(err, ENOENT, "load libseccomp: %s", dlerror());
		for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
			void *symbol = dlsym(library, symbols[i].name);

			if (!symbol)
				return error_say(err, ENOSYS, "libseccomp has no %s", symbols[i].name);
			memcpy((char *)&loaded + symbols[i].offset, &symbol, sizeof(symbol));
		}
	}
	*ret = &loaded;
	return 0;
}

#endif
