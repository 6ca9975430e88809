// Counts the words of an event's data.text.
//
// The event comes on stdin as CloudEvents JSON. The host lets no other JSON through than well-formed
// JSON, so a scan that trusts its grammar will do here, and no library is needed.

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// No retry can mend it: the event is dead at once. 75 would be "later, please", any other number
// "failed", which is retried.
enum { PERMANENT = 65 };

// The largest event that wasm-evq takes unless told otherwise, and a byte for the end.
static char event[1024 * 1024 + 1];

static const char *skip_space(const char *at) { return at + strspn(at, " \t\r\n"); }

// Past the string whose first quote is at `at`.
static const char *skip_string(const char *at) {
    for (at++; *at != '"'; at++)
        if (*at == '\\') at++;
    return at + 1;
}

// Past the value that begins at `at`, with all that is nested in it.
static const char *skip_value(const char *at) {
    int depth = 0;
    do {
        at = skip_space(at);
        switch (*at) {
        case '"': at = skip_string(at); break;
        case '{': case '[': depth++, at++; break;
        case '}': case ']': depth--, at++; break;
        case ',': case ':': at++; break;
        default: at += strcspn(at, ",:{}[]\" \t\r\n");
        }
    } while (depth > 0);
    return at;
}

// Where a member of the object at `at` has its value; NULL if there is no such member, or no object.
static const char *member(const char *at, const char *quoted_name) {
    if (!at || *at != '{') return NULL;
    at = skip_space(at + 1);
    while (*at == '"') {
        bool found = strncmp(at, quoted_name, strlen(quoted_name)) == 0;
        const char *colon = skip_space(skip_string(at));
        const char *value = skip_space(colon + 1);
        if (found) return value;
        at = skip_space(skip_value(value));
        if (*at == ',') at = skip_space(at + 1);
    }
    return NULL;
}

// Words of the string whose first quote is at `at`. White space may be written as an escape, too.
static unsigned long count_words(const char *at) {
    unsigned long words = 0;
    bool in_word = false;
    for (at++; *at != '"'; at++) {
        bool space = *at == ' ';
        if (*at == '\\') {
            at++;
            space = strchr("tnrf", *at);
            if (*at == 'u') {
                char digits[] = {at[1], at[2], at[3], at[4], '\0'};
                long code = strtol(digits, NULL, 16);
                space = code == ' ' || (code >= '\t' && code <= '\r');
                at += 4;
            }
        }
        if (!space && !in_word) words++;
        in_word = !space;
    }
    return words;
}

int main(void) {
    size_t length = fread(event, 1, sizeof event, stdin);
    if (length == sizeof event) {
        fputs("the event is larger than this handler's buffer\n", stderr);
        return PERMANENT;
    }
    const char *text = member(member(skip_space(event), "\"data\""), "\"text\"");
    if (!text || *text != '"') {
        fputs("data.text is not there, or no string\n", stderr);
        return PERMANENT;
    }
    printf("{\"words\":%lu}\n", count_words(text));
    return 0;
}
