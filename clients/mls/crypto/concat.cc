#include "clients/mls/crypto/concat.h"

#include "clients/mls/core/codec.h"

namespace clients::mls {

Concat labelled(std::string_view label, ByteView content) {
  return {length_header(kLabelPrefix.size() + label.size()).view(), as_bytes(kLabelPrefix), as_bytes(label),
          length_header(content.size()).view(), content};
}

}  // namespace clients::mls
