/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Inside the message folder: the two ways of reading an author field. author.c tries the grammar;
 * author-lenient.c guesses where it does not hold.
 */
#ifndef DT_MESSAGE_AUTHOR_H
#define DT_MESSAGE_AUTHOR_H

#include "message/internal.h"

/* Ends of lexical units, NULL where they are not closed. at stands on the first octet. */
const char *dt_author_comment_end(const char *at);
const char *dt_author_quoted_end(const char *at);

/* The end of an encoded word, NULL if there is none at at. is_odd_out: it holds characters that
 * would part words outside of it. */
const char *dt_author_encoded_end(const char *at, gboolean *is_odd_out);

/* Adds a mailbox; phrase and comment are raw text, NULL if none. domain: as written, NULL if none.
 */
void dt_author_add(dt_author *author, guint line, const char *phrase, const char *comment,
                   const char *local, const char *domain);

/* Notes a domain that some reader may see. */
void dt_author_add_other(dt_author *author, const char *domain);

/* A field that is no mailbox list: the mailboxes that count, and what else may be seen. */
void dt_author_read_lenient(dt_author *author, const char *value, guint line);

#endif
