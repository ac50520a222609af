/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Takes back the macros of spec/declare.h, so that ocispec.h leaves none behind. */
#undef OCI_ENUM
#undef OCI_VALUE
#undef OCI_NAME
#undef OCI_END_ENUM
#undef OCI_OBJECT
#undef OCI_END_OBJECT
#undef OCI_DECLARE_REQUIRED
#undef OCI_DECLARE_DEFAULT
#undef OCI_DECLARE_SHOWN
#undef OCI_DECLARE_OPTIONAL
#undef OCI_BOOL
#undef OCI_NUMBER
#undef OCI_STRING
#undef OCI_ONE_OF
#undef OCI_MEMBER
#undef OCI_LIST_UINT32
#undef OCI_LIST_STRING
#undef OCI_LIST_ENUM
#undef OCI_LIST
#undef OCI_MAP_STRING
#undef OCI_MAP
