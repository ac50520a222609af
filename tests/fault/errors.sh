# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# For tests/fault/run: which errors a system call is made to fail with.

# errors NAME: the error numbers that a system call can plausibly have. One of each kind that the runtime could treat in
# a way of its own: a lack (ENOMEM 12, ENOSPC 28, EMFILE 24, ENFILE 23), a refusal (EPERM 1, EACCES 13, EROFS 30), a name
# (ENOENT 2, EEXIST 17, ENOTDIR 20), another's doing (EBUSY 16, EINTR 4, EAGAIN 11, ESRCH 3), a device's (EIO 5), an old or other kernel's (EINVAL 22,
# ENOSYS 38). What cannot be is left out: on a descriptor that was checked, of right arguments, never EBADF or EFAULT.
errors()
{
	case $1 in
	open* | fsopen | memfd_create | socket* | pipe2 | dup* | signalfd4 | pidfd_open | accept*)
		echo "24 12 13 2" ;; # EMFILE ENOMEM EACCES ENOENT
	fsmount | open_tree) echo "24 12 1" ;;
	mmap | brk | mprotect | munmap | mremap) echo 12 ;;
	clone* | fork | vfork | unshare | setns) echo "11 12 28 1" ;; # EAGAIN ENOMEM ENOSPC EPERM
	write | pwrite64 | sendmsg | sendto | sendfile) echo "28 5 4 32" ;; # ENOSPC EIO EINTR EPIPE
	read | pread64 | recv* | getdents64 | readlink*) echo "5 4 12" ;; # EIO EINTR ENOMEM
	poll | ppoll | wait* | flock) echo "4 12" ;;
	connect | bind | listen) echo "111 13 105" ;; # ECONNREFUSED EACCES ENOBUFS
	mkdir* | mknod* | symlink* | rename* | unlink* | rmdir | link* | *chown* | *chmod*)
		echo "28 13 30 16" ;; # ENOSPC EACCES EROFS EBUSY
	mount | move_mount | mount_setattr | fsconfig | umount2 | pivot_root | chroot | *chdir)
		echo "12 1 16 22" ;; # ENOMEM EPERM EBUSY EINVAL
	close) echo "5 4" ;; # EIO EINTR
	rt_sig* | futex | clock_gettime) ;; # of right arguments, none
	execve*) echo "12 13 26" ;; # ENOMEM EACCES ETXTBSY
	*) echo "1 12 22" ;;
	esac
}
