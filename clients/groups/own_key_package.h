// The device's own key packages as records of the store, and back.
//
// Pure. Error: kStorage.
#pragma once

#include "clients/mls/group/key_package.h"
#include "clients/store/record.pb.h"

namespace clients::groups {

::feierabend::store::v1::OwnKeyPackage record_of(const mls::OwnKeyPackage& own, bool last_resort);
// `signature_key` is the device's.
mls::Result<mls::OwnKeyPackage> own_of(const ::feierabend::store::v1::OwnKeyPackage& record,
                                       const mls::KeyPair& signature_key);

}  // namespace clients::groups
