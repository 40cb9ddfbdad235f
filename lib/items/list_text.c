/* SPDX-License-Identifier: MIT */

/* Reads the text of a list. */

#include "items/list_text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/digest.h"
#include "base/memory.h"
#include "base/spool.h"
#include "base/unpack.h"

enum { PIECE_SIZE = 64 * 1024, MEMORY = 1024 * 1024 };

struct list_text {
    char *name;
    struct budget budget;
    struct spool spool;
    struct unpack *unpack;
    struct buffer put_back; /* read before the piece, from its byte put_back_at on */
    size_t put_back_at;
    uint64_t line;
    size_t at; /* in the piece */
    size_t size;
    char piece[PIECE_SIZE];
};

static bool check_md5(const struct list_text *text, const char *wanted, struct error *err)
{
    struct digest *sum = digest_new(DIGEST_MD5);
    char piece[PIECE_SIZE];
    char hex[2 * MD5_SIZE + 1];
    uint8_t digest[MD5_SIZE];
    uint64_t offset = 0;
    size_t got = 0;
    bool ok = true;

    do {
        ok = spool_read(&text->spool, offset, piece, sizeof(piece), &got, err);
        if (ok)
            digest_add(sum, piece, got);
        offset += got;
    } while (ok && got > 0);
    digest_finish(sum, digest);
    if (ok && strcasecmp(digest_hex(digest, MD5_SIZE, hex), wanted) != 0)
        return error_set(err, ERROR_OBJECT, "Avmap.BadList",
                         "its MD5 is %s and should be %s; it was damaged or replaced", hex, wanted);
    return ok;
}

static bool skip_byte_order_mark(struct list_text *text, struct error *err)
{
    static const char mark[] = "\xef\xbb\xbf";

    for (size_t i = 0; i < strlen(mark); i++) {
        int byte = list_text_byte(text, err);

        if (byte == LIST_TEXT_FAILED)
            return false;
        if (byte == (unsigned char)mark[i])
            continue;
        if (byte != LIST_TEXT_END) {
            char taken = (char)byte;

            list_text_put_back(text, &taken, 1);
        }
        list_text_put_back(text, mark, i);
        return true;
    }
    return true;
}

struct list_text *list_text_open(struct store *store, const struct object *object, const char *name,
                                 const char *md5, struct error *err)
{
    struct list_text *text = memory_new(1, sizeof(*text));

    text->name = memory_copy_text(name);
    text->line = 1;
    buffer_init(&text->put_back, SIZE_MAX);
    budget_init(&text->budget, MEMORY);
    spool_init(&text->spool, &text->budget);
    if (store_fetch(store, object, &text->spool, err) && (!md5 || check_md5(text, md5, err))) {
        text->unpack = unpack_new(&text->spool);
        if (skip_byte_order_mark(text, err))
            return text;
    } else {
        error_prefix(err, "%s", name);
    }
    list_text_close(text);
    return NULL;
}

void list_text_close(struct list_text *text)
{
    if (!text)
        return;
    unpack_free(text->unpack);
    spool_release(&text->spool);
    buffer_release(&text->put_back);
    free(text->name);
    free(text);
}

static int next_byte(struct list_text *text, struct error *err)
{
    if (text->put_back_at < text->put_back.size)
        return (unsigned char)text->put_back.bytes[text->put_back_at++];
    if (text->at == text->size) {
        text->at = 0;
        if (!unpack_read(text->unpack, text->piece, sizeof(text->piece), &text->size, err)) {
            text->size = 0;
            error_prefix(err, "%s", text->name);
            return LIST_TEXT_FAILED;
        }
        if (text->size == 0)
            return LIST_TEXT_END;
    }
    return (unsigned char)text->piece[text->at++];
}

int list_text_byte(struct list_text *text, struct error *err)
{
    int byte = next_byte(text, err);

    text->line += byte == '\n';
    return byte;
}

void list_text_put_back(struct list_text *text, const char *bytes, size_t size)
{
    struct buffer rest;

    for (size_t i = 0; i < size; i++)
        text->line -= bytes[i] == '\n';
    buffer_init(&rest, SIZE_MAX);
    buffer_append(&rest, bytes, size);
    buffer_append(&rest, text->put_back.bytes + text->put_back_at,
                  text->put_back.size - text->put_back_at);
    buffer_release(&text->put_back);
    text->put_back = rest;
    text->put_back_at = 0;
}

uint64_t list_text_line(const struct list_text *text)
{
    return text->line;
}

const char *list_text_name(const struct list_text *text)
{
    return text->name;
}
