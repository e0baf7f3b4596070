#include "include/CCurl.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

// libcurl's numbers, which never change.
enum {
    OPTION_WRITEDATA = 10001,
    OPTION_URL = 10002,
    OPTION_PROXY = 10004,
    OPTION_RANGE = 10007,
    OPTION_ERRORBUFFER = 10010,
    OPTION_WRITEFUNCTION = 20011,
    OPTION_USERAGENT = 10018,
    OPTION_HTTPHEADER = 10023,
    OPTION_USERNAME = 10173,
    OPTION_PASSWORD = 10174,
    OPTION_LOW_SPEED_LIMIT = 19,
    OPTION_LOW_SPEED_TIME = 20,
    OPTION_HEADERDATA = 10029,
    OPTION_NOPROGRESS = 43,
    OPTION_XFERINFODATA = 10057,
    OPTION_CAINFO = 10065,
    OPTION_CONNECTTIMEOUT = 78,
    OPTION_HEADERFUNCTION = 20079,
    OPTION_NOSIGNAL = 99,
    OPTION_PROTOCOLS = 181,
    OPTION_XFERINFOFUNCTION = 20219,
    OPTION_SUPPRESS_CONNECT_HEADERS = 265,
    INFO_RESPONSE_CODE = 0x200002,
    INFO_REDIRECT_URL = 0x10001F,
    PROTOCOL_HTTP = 1,
    PROTOCOL_HTTPS = 2,
    GLOBAL_DEFAULT = 3,
    ERROR_SIZE = 256
};

#if __has_include(<curl/curl.h>)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
#include <curl/curl.h>
#define SAME(OURS, THEIRS) _Static_assert((long)(OURS) == (long)(THEIRS), #THEIRS);
#define SAME_OPTION(NAME) SAME(OPTION_##NAME, CURLOPT_##NAME)
SAME_OPTION(WRITEDATA)
SAME_OPTION(URL)
SAME_OPTION(PROXY)
SAME_OPTION(RANGE)
SAME_OPTION(ERRORBUFFER)
SAME_OPTION(WRITEFUNCTION)
SAME_OPTION(USERAGENT)
SAME_OPTION(HTTPHEADER)
SAME_OPTION(USERNAME)
SAME_OPTION(PASSWORD)
SAME_OPTION(LOW_SPEED_LIMIT)
SAME_OPTION(LOW_SPEED_TIME)
SAME_OPTION(HEADERDATA)
SAME_OPTION(NOPROGRESS)
SAME_OPTION(XFERINFODATA)
SAME_OPTION(CAINFO)
SAME_OPTION(CONNECTTIMEOUT)
SAME_OPTION(HEADERFUNCTION)
SAME_OPTION(NOSIGNAL)
SAME_OPTION(PROTOCOLS)
SAME_OPTION(XFERINFOFUNCTION)
SAME_OPTION(SUPPRESS_CONNECT_HEADERS)
SAME(INFO_RESPONSE_CODE, CURLINFO_RESPONSE_CODE)
SAME(INFO_REDIRECT_URL, CURLINFO_REDIRECT_URL)
SAME(PROTOCOL_HTTP, CURLPROTO_HTTP)
SAME(PROTOCOL_HTTPS, CURLPROTO_HTTPS)
SAME(GLOBAL_DEFAULT, CURL_GLOBAL_DEFAULT)
SAME(ERROR_SIZE, CURL_ERROR_SIZE)
SAME(cresset_curl_no_proxy, CURLE_COULDNT_RESOLVE_PROXY)
SAME(cresset_curl_no_host, CURLE_COULDNT_RESOLVE_HOST)
SAME(cresset_curl_no_connection, CURLE_COULDNT_CONNECT)
SAME(cresset_curl_partial, CURLE_PARTIAL_FILE)
SAME(cresset_curl_timeout, CURLE_OPERATION_TIMEDOUT)
SAME(cresset_curl_no_tls, CURLE_SSL_CONNECT_ERROR)
SAME(cresset_curl_empty, CURLE_GOT_NOTHING)
SAME(cresset_curl_sending, CURLE_SEND_ERROR)
SAME(cresset_curl_receiving, CURLE_RECV_ERROR)
SAME(cresset_curl_untrusted, CURLE_PEER_FAILED_VERIFICATION)
SAME(cresset_curl_no_authorities, CURLE_SSL_CACERT_BADFILE)
// Its macros check the types of options; here the functions in the table are meant.
#undef curl_easy_setopt
#undef curl_easy_getinfo
#pragma clang diagnostic pop
#endif

const char *cresset_load_curl(void *library, cresset_curl *table) {
#define REQUIRE(RESULT, NAME, ARGUMENTS)               \
    *(void **)&table->NAME = dlsym(library, #NAME);    \
    if (!*(void **)&table->NAME) return #NAME;
    CRESSET_CURL(REQUIRE)
    return table->curl_global_init(GLOBAL_DEFAULT) == 0 ? NULL : "a working start";
}

const char *cresset_curl_version(const cresset_curl *curl) { return curl->curl_version(); }

static size_t take_header(char *line, size_t size, size_t count, void *request) {
    const cresset_curl_request *asked = request;
    return asked->header(asked->context, line, size * count) ? size * count : 0;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *request) {
    const cresset_curl_request *asked = request;
    return asked->body(asked->context, bytes, size * count) ? size * count : 0;
}

static int look_around(void *request, int64_t a, int64_t b, int64_t c, int64_t d) {
    const cresset_curl_request *asked = request;
    return asked->goes_on(asked->context) ? 0 : 1;
}

cresset_curl_answer cresset_curl_get(const cresset_curl *curl, const cresset_curl_request *request) {
    cresset_curl_answer answer = {.code = 0};
    void *handle = curl->curl_easy_init();
    if (!handle) {
        answer.code = 2;
        snprintf(answer.message, sizeof answer.message, "libcurl failed to start");
        return answer;
    }
    void *headers = NULL;
    if (request->accept) {
        char line[256];
        snprintf(line, sizeof line, "Accept: %s", request->accept);
        headers = curl->curl_slist_append(NULL, line);
    }
    char range[32];
    snprintf(range, sizeof range, "%lld-", (long long)request->first_byte);
#define SET(OPTION, VALUE) \
    if (!answer.code) answer.code = curl->curl_easy_setopt(handle, OPTION_##OPTION, VALUE);
    SET(URL, request->url)
    SET(USERAGENT, request->user_agent)
    SET(PROTOCOLS, (long)(PROTOCOL_HTTP | PROTOCOL_HTTPS))
    SET(ERRORBUFFER, answer.message)
    SET(CONNECTTIMEOUT, request->connect_seconds)
    SET(LOW_SPEED_LIMIT, 1L)
    SET(LOW_SPEED_TIME, request->idle_seconds)
    // Its signals for timeouts would reach the program's threads.
    SET(NOSIGNAL, 1L)
    SET(HEADERFUNCTION, take_header)
    SET(HEADERDATA, request)
    SET(WRITEFUNCTION, take_body)
    SET(WRITEDATA, request)
    SET(NOPROGRESS, 0L)
    SET(XFERINFOFUNCTION, look_around)
    SET(XFERINFODATA, request)
    if (request->first_byte > 0) SET(RANGE, range)
    if (request->authorities) SET(CAINFO, request->authorities)
    if (headers) SET(HTTPHEADER, headers)
    if (request->user) SET(USERNAME, request->user)
    if (request->password) SET(PASSWORD, request->password)
    if (request->proxy) SET(PROXY, request->proxy)
    // Only since 7.54: older ones also report the proxy's response, which the next status line takes back.
    curl->curl_easy_setopt(handle, OPTION_SUPPRESS_CONNECT_HEADERS, 1L);
    if (!answer.code) answer.code = curl->curl_easy_perform(handle);
    curl->curl_easy_getinfo(handle, INFO_RESPONSE_CODE, &answer.status);
    const char *target = NULL;
    curl->curl_easy_getinfo(handle, INFO_REDIRECT_URL, &target);
    if (target) snprintf(answer.redirect, sizeof answer.redirect, "%s", target);
    if (answer.code && !answer.message[0])
        snprintf(answer.message, sizeof answer.message, "%s", curl->curl_easy_strerror(answer.code));
    curl->curl_easy_cleanup(handle);
    if (headers) curl->curl_slist_free_all(headers);
    return answer;
}
