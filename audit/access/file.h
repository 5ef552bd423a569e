// An export as a file: JSON, every key named here and no other, hashes and bytes in base64.
//
//   {"format": "feierabend-export/2", "checkpoint": "<signed note>", "pseudonyms": ["<32 hex digits>", …],
//    "entries": [ENTRY, …], "indexes": [{"record": ENTRY, "subjects": [SUBJECT, …]}, …]}
//   ENTRY    {"entry": n, "leaf": "…", "path": ["…", …], "key": "…" or null, "record": "…" (empty with no key)}
//   SUBJECT  {"begin": n, "end": n, "subjects": n, "root": "…", "position": n or null, "entries": [[n, "<hash>"], …],
//             "path": […], "neighbours": [{"position": n, "key": "…", "list": "…", "path": […]}, …], "acts": n or null}
//
// "feierabend-export/1" is the same without "acts", and written where no index has any.
//
// Pure. Errors: access.size (above kExportBytesMax), access.syntax (with the place in the document as `where`).
#pragma once

#include <string>
#include <string_view>

#include "audit/access/access.h"

namespace audit::access {

constexpr std::size_t kExportBytesMax = 64UL * 1024 * 1024;

// Strict inverse of each other, but for white space.
std::string format(const Export& given);
Result<Export> parse(std::string_view text);

}  // namespace audit::access
