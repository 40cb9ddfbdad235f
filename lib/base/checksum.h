/* SPDX-License-Identifier: MIT */

/*
 * The cyclic redundancy checks that S3 knows, and base64, in which it writes them.
 * Source: CRC-32/ISO-HDLC, CRC-32/ISCSI and CRC-64/NVME in the catalogue of parametrised CRCs.
 * Threads: safe.
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

/* Each goes on from crc, the check of the bytes before; 0 at the beginning. */
uint32_t checksum_crc32(uint32_t crc, const void *bytes, size_t size);
uint32_t checksum_crc32c(uint32_t crc, const void *bytes, size_t size);
uint64_t checksum_crc64nvme(uint64_t crc, const void *bytes, size_t size);

/* Writes size bytes, at most 64, as base64 with padding and a NUL. Returns out. */
enum { CHECKSUM_BASE64_SIZE = 92 };

const char *checksum_base64(const void *bytes, size_t size, char out[CHECKSUM_BASE64_SIZE]);

/* The same for a number, highest byte first, as S3 writes checks of so many bytes. */
const char *checksum_base64_number(uint64_t number, size_t size, char out[CHECKSUM_BASE64_SIZE]);
