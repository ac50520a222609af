/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/libsystemd.h"

#include <errno.h>

#ifdef SILO_STATIC

int libsystemd_load(const struct libsystemd **ret, struct error *err)
{
	(void)ret;
	return error_say(err, ENOTSUP,
		"this silo is linked statically and cannot load libsystemd: use --cgroup-manager=cgroupfs, or a silo that is linked dynamically");
}

bool libsystemd_loadable(void)
{
	return false;
}

#else

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

static const struct {
	const char *name;
	size_t offset;
} symbols[] = {
#define LIBSYSTEMD_SYMBOL(name) { "sd_" #name, offsetof(struct libsystemd, name) },
	LIBSYSTEMD_FUNCTIONS(LIBSYSTEMD_SYMBOL)
};

int libsystemd_load(const struct libsystemd **ret, struct error *err)
{
	static struct libsystemd loaded;
	static bool complete;
	void *library;

	*ret = &loaded;
	if (complete)
		return 0;
	library = dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return error_say(err, ENOENT,
			"the systemd cgroup manager needs libsystemd (Debian: package libsystemd0; Fedora: systemd-libs): %s",
			dlerror());
	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		void *symbol = dlsym(library, symbols[i].name);

		if (!symbol)
			return error_say(err, ENOSYS, "libsystemd is too old: it has no %s (systemd 240 has)",
				symbols[i].name);
		memcpy((char *)&loaded + symbols[i].offset, &symbol, sizeof(symbol));
	}
	complete = true;
	return 0;
}

bool libsystemd_loadable(void)
{
	return true;
}

#endif
