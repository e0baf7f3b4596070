// libcurl, opened at the first download.
#pragma once
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-completeness"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CRESSET_CURL(X)                                             \
    X(int, curl_global_init, (long flags))                          \
    X(void *, curl_easy_init, (void))                               \
    X(void, curl_easy_cleanup, (void *handle))                      \
    X(int, curl_easy_setopt, (void *handle, int option, ...))       \
    X(int, curl_easy_getinfo, (void *handle, int information, ...)) \
    X(int, curl_easy_perform, (void *handle))                       \
    X(void *, curl_slist_append, (void *list, const char *line))    \
    X(void, curl_slist_free_all, (void *list))                      \
    X(const char *, curl_easy_strerror, (int code))                 \
    X(const char *, curl_version, (void))

#define CRESSET_CURL_FIELD(RESULT, NAME, ARGUMENTS) RESULT(*_Nonnull NAME) ARGUMENTS;
typedef struct {
    CRESSET_CURL(CRESSET_CURL_FIELD)
} cresset_curl;

/// Fills `table` and starts the library. Returns what is missing, or NULL.
const char *_Nullable cresset_load_curl(void *_Nonnull library, cresset_curl *_Nonnull table);

/// The library's version, such as "libcurl/7.88.1 OpenSSL/3.0.19".
const char *_Nonnull cresset_curl_version(const cresset_curl *_Nonnull curl);

/// What to download, and the functions that receive it. A function that returns false ends the transfer.
typedef struct {
    const char *_Nonnull url;
    const char *_Nonnull user_agent;
    /// The file with the trusted certificates; NULL for the library's default.
    const char *_Nullable authorities;
    /// The media types that are understood, for the `Accept` header; NULL for any.
    const char *_Nullable accept;
    /// Sent as basic authentication; NULL for none.
    const char *_Nullable user, *_Nullable password;
    /// The proxy's address; NULL for the one that the environment names.
    const char *_Nullable proxy;
    /// Where to begin; 0 for the whole file.
    int64_t first_byte;
    /// Seconds to wait for a connection, and with nothing arriving.
    long connect_seconds, idle_seconds;
    void *_Nonnull context;
    /// A line of the response header, including its line break.
    bool (*_Nonnull header)(void *_Nonnull context, const char *_Nonnull line, size_t count);
    bool (*_Nonnull body)(void *_Nonnull context, const void *_Nonnull bytes, size_t count);
    /// Called about once a second, and while bytes arrive.
    bool (*_Nonnull goes_on)(void *_Nonnull context);
} cresset_curl_request;

/// The outcome.
typedef struct {
    /// libcurl's code: 0 for success.
    int code;
    /// What the code means, in a few words.
    char message[256];
    /// The HTTP status; 0 if there was no response.
    long status;
    /// Where a redirect leads, as an absolute URL; empty for none. It is not followed.
    char redirect[2048];
} cresset_curl_answer;

/// libcurl's codes that are distinguished.
enum {
    cresset_curl_no_proxy = 5,
    cresset_curl_no_host = 6,
    cresset_curl_no_connection = 7,
    cresset_curl_partial = 18,
    cresset_curl_timeout = 28,
    cresset_curl_no_tls = 35,
    cresset_curl_empty = 52,
    cresset_curl_sending = 55,
    cresset_curl_receiving = 56,
    cresset_curl_untrusted = 60,
    cresset_curl_no_authorities = 77
};

/// Downloads by HTTP or HTTPS, through the proxy of the request or the environment, and waits for it to finish.
cresset_curl_answer cresset_curl_get(const cresset_curl *_Nonnull curl, const cresset_curl_request *_Nonnull request);
#pragma clang diagnostic pop
