/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * One message as it was received: facts, no judgement. Every field with its exact octets and line;
 * author, trace and result fields parsed; the body kept aside (in memory, in its file or spooled)
 * and read in pieces. Everything handed out is borrowed from the dt_message and lives as long as
 * it. Text that was decoded is valid UTF-8 but may hold control characters; only a report makes it
 * printable. Absent is NULL; absent times are DT_TIME_NONE.
 */
#ifndef DMARCTRACE_MESSAGE_H
#define DMARCTRACE_MESSAGE_H

#include <glib.h>
#include <gio/gio.h>
#include <dmarctrace/error.h>

G_BEGIN_DECLS
#pragma GCC visibility push(default)

#define DT_TIME_NONE G_MININT64

typedef struct dt_message dt_message;

/* Takes octets piece by piece; FALSE: no more of them. */
typedef gboolean (*dt_body_func)(const char *octets, gsize length, gpointer data);

/* One header field. raw..raw+raw_length: the field without its final line end, folds as in the
 * file. */
typedef struct {
    guint index; /* from 0 at the top */
    guint line;  /* first line in the input, from 1 (an mbox From_ line counts) */
    guint line_count;
    gsize offset; /* of the field in the input, octets */
    const char *raw;
    gsize raw_length;
    gsize name_length; /* the name is raw[0..name_length), white space before the colon left out; 0:
                          a line that is no field */
    gsize value_offset; /* in raw, just behind the colon */
} dt_field;

typedef enum {
    DT_EOL_UNKNOWN = 0,
    DT_EOL_CRLF,
    DT_EOL_LF,
    DT_EOL_MIXED
} dt_eol; /* CRCRLF counts as mixed */

/* An address of an author field. */
typedef struct {
    char *display_name; /* decoded, NULL if none */
    char *address; /* addr-spec as it counts, domain lower-case A-label; "local" alone when it has
                      no domain */
    char *domain;  /* canonical name, NULL if none or none that can be one */
    char *domain_unicode; /* the U-label form where it differs, else NULL */
    guint line;
} dt_mailbox;

/* The author of the message: all From fields together (RFC 9989 5.3.1). */
typedef struct {
    guint field_count;
    GPtrArray *mailboxes;     /* of dt_mailbox, all fields, in order */
    GPtrArray *domains;       /* of char*, distinct canonical domains that count, in order */
    GPtrArray *other_domains; /* of char*, further domains that a lenient reader may see (RFC 5322
                                 violated); may be empty */
    gboolean is_strict;       /* each field is a valid RFC 5322 mailbox list */
    /* no one domain is certain: readings differ in a way that no rule settles */
    gboolean is_ambiguous;
    gboolean has_unicode_domain; /* the domain stood there as a U-label */
    const char *domain;          /* the author domain; NULL if none, several, or not certain */
    guint line;                  /* of the first From field, 0 if none */
    guint hidden_line; /* of what is no From field, but some programs take for one: is_ambiguous
                          then; 0 if none */
} dt_author;

/* One Received field. */
typedef struct {
    guint index; /* from 0 at the top, Received fields only */
    const dt_field *field;
    /* what the client called itself, as written (address literals with brackets) */
    char *from_helo;
    char *from_ptr; /* the name the receiver found for the address; NULL if none or "unknown" */
    gboolean from_is_unconfirmed; /* the receiver says that this name may be forged */
    char *from_ip;                /* canonical text */
    char *by;                     /* host as written, without a final dot */
    char *by_ip;                  /* address in parentheses behind it */
    char *with; /* protocol words as written: "ESMTPS", "Microsoft SMTP Server", "LMTP", "HTTPS" */
    char *tls;  /* "TLS1_3 TLS_AES_256_GCM_SHA384" style: version and cipher as found, NULL if not
                   seen */
    char *recipient;     /* for */
    char *envelope_from; /* (envelope-from <a@b>) and the like */
    gint64 time;         /* Unix seconds */
    gint64 delay; /* seconds since the hop before (the one below), DT_TIME_NONE if either time is
                     missing */
    gboolean is_fetched; /* POP3, IMAP, fetchmail, or LMTP: never the boundary */
} dt_hop;

typedef struct {
    char *name;  /* "header.d", "smtp.mailfrom"; without ptype as written: "client-ip", "action";
                    lower case */
    char *value; /* as written, quoted-string without quotes, encoded words decoded */
} dt_property;

/* One result of a results field. */
typedef struct {
    char *method;       /* lower case: "spf", "dkim", "dmarc", "compauth", "arc" */
    char *result;       /* lower case */
    char *reason;       /* of reason=, NULL if none */
    char *comment;      /* without the outer parentheses, NULL if none; several joined with "; " */
    GArray *properties; /* of dt_property */
} dt_recorded_result;

typedef enum { DT_HEADER_AR = 1, DT_HEADER_RECEIVED_SPF, DT_HEADER_AAR } dt_recorded_header;

/* One field in which a receiver recorded results (RFC 8601, RFC 7208 9.1, RFC 8617 4.1.1). */
typedef struct {
    dt_recorded_header header;
    const dt_field *field;
    char *
        authserv_id; /* as written; NULL where the receiver writes none (Microsoft, Received-SPF) */
    guint instance;  /* i= of an ARC-Authentication-Results, else 0 */
    GPtrArray *results; /* of dt_recorded_result */
    char *comment;      /* Received-SPF: the comment; else NULL */
    gboolean is_cut;    /* it holds more results than are read */
} dt_recorded;

/* A part of the body that is a message of its own. */
typedef struct {
    guint index;             /* from 1 */
    char *subject;           /* decoded */
    char *from_domain;       /* canonical */
    gboolean is_header_only; /* text/rfc822-headers */
} dt_attached;

/* A delivery report (RFC 3464), or the bounce mail of a receiver that names the reason in its text
 * only. */
typedef struct {
    char *reporting_mta;
    char *recipient;
    char *status;     /* "5.7.26" */
    char *diagnostic; /* text of the receiver, one line */
    /* index of the returned message among the attached ones, 0: nothing came back */
    guint attached;
    gboolean is_header_only;
} dt_bounce;

/* What an oddity of the input means for what follows; code is stable ("mbox-from-line",
 * "nul-octets", ...). */
typedef struct {
    const char *code;
    char *text;
} dt_warning;

/* ---- reading ------------------------------------------------------------------------------- */

/* Opens and reads one message. DT_ERROR_NO_INPUT: cannot be opened; DT_ERROR_DATA: no message (the
 * text names the remedy: a directory, Outlook .msg, HTML, PDF, UTF-16, JSON notification, a pasted
 * web page without fields, empty); DT_ERROR_IO. */
dt_message *dt_message_read_file(const char *path, GError **error);

/* The same from a descriptor (pipe, socket, standard input), read to its end; spooled to an
 * unlinked temporary file past 1 MiB. label stands for the file in messages. Does not close fd. */
dt_message *dt_message_read_fd(int fd, const char *label, GError **error);

/* The same from octets, which are copied (bytes keeps a reference). position/offset of an mbox may
 * be set afterwards. */
dt_message *dt_message_read_bytes(GBytes *bytes, const char *label, GError **error);
void dt_message_free(dt_message *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(dt_message, dt_message_free)

/* ---- several messages ---------------------------------------------------------------------- */

/* An mbox (RFC 4155; mboxo, mboxrd, mboxcl), gzip undone. Its messages are found one after the
 * other by one thread; any thread may read those that were found. Reference counted. */
typedef struct dt_mbox dt_mbox;
typedef struct {
    guint index;    /* from 0 */
    guint64 offset; /* of its From_ line, octets */
    guint64 length; /* From_ line included, the empty line before the next one left out */
} dt_mbox_entry;

/* Errors as for messages; DT_ERROR_DATA as well for a file that does not begin with a From_ line.
 * An empty file is an mbox without messages. */
dt_mbox *dt_mbox_open_file(const char *path, GError **error);
dt_mbox *dt_mbox_open_fd(int fd, const char *label, GError **error);
dt_mbox *dt_mbox_open_bytes(GBytes *bytes, const char *label, GError **error);
dt_mbox *dt_mbox_ref(dt_mbox *mbox);
void dt_mbox_unref(dt_mbox *mbox);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(dt_mbox, dt_mbox_unref)

/* The next message. FALSE at the end, and with DT_ERROR_IO where the file cannot be read. A message
 * that is none is found all the same: reading it is what fails. */
gboolean dt_mbox_next(dt_mbox *mbox, dt_mbox_entry *entry_out, GError **error);
dt_message *dt_mbox_read(const dt_mbox *mbox, const dt_mbox_entry *entry, GError **error);
gboolean dt_mbox_each_octet(const dt_mbox *mbox, const dt_mbox_entry *entry, dt_body_func func,
                            gpointer data, GError **error);

/* What lies below paths: maildirs (Maildir++ folders as well), mbox files, folders, single files.
 * One thread finds, any thread may read what was found. */
typedef struct dt_finder dt_finder;
typedef struct dt_maildir_index dt_maildir_index; /* private */
typedef enum {
    DT_FOUND_FILE = 1, /* one message */
    DT_FOUND_ENTRY,    /* one message of an mbox */
    DT_FOUND_SKIPPED,  /* passed by, for a reason that is no fault: a FIFO, a device, a link in a
                          circle */
    DT_FOUND_FAULT,    /* cannot be read */
} dt_found_kind;
typedef struct {
    dt_found_kind kind;
    char *path;
    dt_mbox *mbox;             /* of an entry */
    dt_mbox_entry entry;       /* of an entry */
    dt_maildir_index *maildir; /* where messages may be renamed at any time */
    const char *reason;        /* of what was skipped: "a FIFO" */
    GError *error;             /* of a fault */
} dt_found;

/* lists_only: mbox files are one find each and are not opened (to count beforehand). */
dt_finder *dt_finder_new(gboolean lists_only);
void dt_finder_free(dt_finder *finder);

/* From here on dt_finder_next finds what lies at and below path. A folder is entered once for each
 * such call. */
void dt_finder_enter(dt_finder *finder, const char *path);

/* FALSE: no more. Sorted by name within a folder. Hidden files, and in folders files that are no
 * mail, are left out; the latter are counted. A found is cleared by its owner. */
gboolean dt_finder_next(dt_finder *finder, dt_found *found_out);
guint64 dt_finder_other_count(const dt_finder *finder);
void dt_found_clear(dt_found *found);

/* The message of a FILE or an ENTRY. In a maildir a message that was renamed meanwhile is found
 * again. */
dt_message *dt_found_read(const dt_found *found, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(dt_finder, dt_finder_free)

/* Where in its mbox a message stood; FALSE if it came from none. */
gboolean dt_message_position(const dt_message *message, guint *index_out, guint64 *offset_out);

/* The Nth attached message (from 1) as a message of its own. DT_ERROR_DATA if there is none. */
dt_message *dt_message_read_attached(dt_message *message, guint index, GError **error);

/* ---- facts --------------------------------------------------------------------------------- */

const char *dt_message_label(const dt_message *message);
/* Octets of the input, an mbox From_ line included. */
guint64 dt_message_size(const dt_message *message);
dt_eol dt_message_line_endings(const dt_message *message);
gboolean dt_message_has_crcrlf(const dt_message *message);
/* FALSE: the file ends with the header, no blank line. */
gboolean dt_message_has_body(const dt_message *message);
gboolean dt_message_has_mbox_line(const dt_message *message);
/* Blank lines or text before the first field. */
gboolean dt_message_has_leading_blank(const dt_message *message);
/* The header went past a limit: only what was before it is known. */
gboolean dt_message_was_cut(const dt_message *message);
const GPtrArray *dt_message_warnings(const dt_message *message); /* of dt_warning */

guint dt_message_field_count(const dt_message *message);
const dt_field *dt_message_field(const dt_message *message, guint index);

/* First field of that name at or below index from (ASCII case folded), NULL if none. */
const dt_field *dt_message_find(const dt_message *message, const char *name, guint from);
gboolean dt_field_is(const dt_field *field, const char *name);

/* The value with folds undone (line ends removed, white space kept), outer white space removed; as
 * received, valid UTF-8 or not. Caller frees. */
char *dt_field_value(const dt_field *field);

/* The same with encoded words decoded, valid UTF-8. Caller frees. */
char *dt_field_decoded(const dt_field *field);

/* The field as it was on the wire: CR LF between its lines, no final line end. Caller frees; length
 * in length_out. */
char *dt_field_wire(const dt_field *field, gsize *length_out);

const dt_author *dt_message_author(const dt_message *message);
const GPtrArray *dt_message_hops(const dt_message *message);     /* of dt_hop */
const GPtrArray *dt_message_recorded(const dt_message *message); /* of dt_recorded, message order */
const GPtrArray *dt_message_attached(const dt_message *message); /* of dt_attached */
/* NULL if it is no delivery report. */
const dt_bounce *dt_message_bounce(const dt_message *message);

/* Address without brackets; "" for <>; NULL if no field. */
const char *dt_message_return_path(const dt_message *message, guint *line_out);
const char *dt_message_id(const dt_message *message);      /* without angle brackets */
gint64 dt_message_date(const dt_message *message);         /* of Date */
const char *dt_message_subject(const dt_message *message); /* decoded */

/* ---- the body ------------------------------------------------------------------------------ */

/* Feeds the body as it was on the wire: every CRLF, LF and CRCRLF one CR LF, a final one added
 * where the last line has none. Stops when func returns FALSE. FALSE with DT_ERROR_IO if the input
 * cannot be read again. */
gboolean dt_message_each_body(dt_message *message, dt_body_func func, gpointer data,
                              GError **error);
guint64 dt_message_body_size(const dt_message *message);         /* octets in the input */
guint64 dt_message_longest_body_line(const dt_message *message); /* octets */

/* The whole body as on the wire, or NULL if it is larger than limit. Caller frees. */
char *dt_message_body(dt_message *message, gsize limit, gsize *length_out);

/* The input from its first to its last octet, unchanged (for filter). */
gboolean dt_message_each_octet(dt_message *message, dt_body_func func, gpointer data,
                               GError **error);

/* Version of the MIME library, for --version. */
const char *dt_message_library_version(void);

/* Limits: past them the header counts as cut (dt_message_was_cut) and what follows is not read. */
#define DT_MAX_FIELDS        200000
#define DT_MAX_FIELD_LENGTH  (1024 * 1024)
#define DT_MAX_HEADER_LENGTH (24 * 1024 * 1024)
#define DT_MAX_HOPS          200
#define DT_MAX_RECORDED      200
#define DT_MAX_ATTACHED      50
#define DT_MAX_ADDRESSES     1000

#pragma GCC visibility pop
G_END_DECLS

#endif
