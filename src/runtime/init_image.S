/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The static init, as built from src/init/, inside this binary. */
	.section .rodata
	.balign 4096
	.globl silo_init_image
	.globl silo_init_image_end
silo_init_image:
	.incbin "silo-init"
silo_init_image_end:
	.section .note.GNU-stack, "", %progbits
