// Stands in for libcurl in programs that run on other machines: the static FoundationNetworking asks for these names when
// it is linked, and here libcurl.so.4 is opened when one of them is first called. So a program starts where there is no
// libcurl, and one that downloads says what is missing.
//
// FoundationNetworking passes at most four pointers or integers and reads back at most one; on x86-64 and AArch64 they
// lie in the same registers whether the function is declared with three dots or without, and are passed on unseen.
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

typedef long Word;
typedef Word (*Function)(Word, Word, Word, Word);

static Function resolve(const char *name) {
    const char *const files[] = {"libcurl.so.4", "libcurl-gnutls.so.4", "libcurl-nss.so.4"};
    for (int i = 0; i < 3; i++) {
        void *library = dlopen(files[i], RTLD_NOW | RTLD_LOCAL);
        void *function = library ? dlsym(library, name) : NULL;
        if (function) return (Function)function;
    }
    fprintf(
        stderr,
        "error: downloads need libcurl.so.4, which this machine lacks (%s)\n"
        "  hint: install libcurl4 (apt-get install libcurl4), or name a file that is here\n", name);
    exit(69);
}

#define FORWARD(name)                                              \
    Word name(Word a, Word b, Word c, Word d) {                    \
        static Function function;                                  \
        Function known = __atomic_load_n(&function, __ATOMIC_ACQUIRE); \
        if (!known) {                                              \
            known = resolve(#name);                                \
            __atomic_store_n(&function, known, __ATOMIC_RELEASE);  \
        }                                                          \
        return known(a, b, c, d);                                  \
    }

FORWARD(curl_easy_cleanup)
FORWARD(curl_easy_getinfo)
FORWARD(curl_easy_init)
FORWARD(curl_easy_pause)
FORWARD(curl_easy_setopt)
FORWARD(curl_easy_strerror)
FORWARD(curl_free)
FORWARD(curl_global_init)
FORWARD(curl_multi_add_handle)
FORWARD(curl_multi_assign)
FORWARD(curl_multi_cleanup)
FORWARD(curl_multi_info_read)
FORWARD(curl_multi_init)
FORWARD(curl_multi_remove_handle)
FORWARD(curl_multi_setopt)
FORWARD(curl_multi_socket_action)
FORWARD(curl_slist_append)
FORWARD(curl_slist_free_all)
FORWARD(curl_url)
FORWARD(curl_url_get)
FORWARD(curl_url_set)
FORWARD(curl_version)
FORWARD(curl_version_info)
