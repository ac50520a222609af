/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * getdents64(2): a directory read by its descriptor alone, which a DIR could not be where descriptors or memory have
 * run out. C libraries differ in what they call this, and init has none of their names.
 */
#ifndef SILO_SYS_DIRECTORY_H
#define SILO_SYS_DIRECTORY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel's struct linux_dirent64; the next one is @reclen bytes further on. */
struct sys_dirent {
	uint64_t ino;
	int64_t off;
	unsigned short reclen;
	unsigned char type;
	char name[];
};

/* Fills @buffer, which is to be aligned as a struct sys_dirent: the number of bytes, 0 at the end, -1 with errno. */
static inline long sys_getdents64(int dirfd, void *buffer, size_t size)
{
	return syscall(SYS_getdents64, dirfd, buffer, size);
}

#endif
