// klartext.de.md and klartext.en.md beside each pack: made by `render --write`, compared by `render --check`. A pack is
// loaded together with those that its cases.toml names, because it may refer to them.
#pragma once

#include "policy/tool/command/table.h"

namespace policy::tool {

// Both go through context.question.packs and give the exit code: 65 if a file does not fit (render.stale), 66 if a pack
// cannot be read, 73 if a file cannot be written.
int write_klartext(const Context& context);
int check_klartext(const Context& context);

}  // namespace policy::tool
