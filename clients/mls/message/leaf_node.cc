#include "clients/mls/message/leaf_node.h"

namespace clients::mls {
namespace {

void write_content(Writer& out, const LeafNode& leaf) {
  out.opaque(leaf.encryption_key);
  out.opaque(leaf.signature_key);
  write(out, leaf.credential);
  write(out, leaf.capabilities);
  out.u8(static_cast<std::uint8_t>(leaf.source));
  if (leaf.source == LeafSource::kKeyPackage) {
    out.u64(leaf.lifetime.not_before);
    out.u64(leaf.lifetime.not_after);
  } else if (leaf.source == LeafSource::kCommit) {
    out.opaque(leaf.parent_hash);
  }
  write_vector(out, leaf.extensions);
}

void write_content(Writer& out, const KeyPackage& package) {
  out.u16(package.version);
  out.u16(package.suite);
  out.opaque(package.init_key);
  write(out, package.leaf);
  write_vector(out, package.extensions);
}

constexpr std::string_view kLeafLabel = "LeafNodeTBS";
constexpr std::string_view kPackageLabel = "KeyPackageTBS";

}  // namespace

void write(Writer& out, const LeafNode& value) {
  write_content(out, value);
  out.opaque(value.signature);
}

void read(Reader& in, LeafNode& value) {
  in.fixed(value.encryption_key);
  in.fixed(value.signature_key);
  read(in, value.credential);
  read(in, value.capabilities);
  value.source = static_cast<LeafSource>(in.u8());
  switch (value.source) {
    case LeafSource::kKeyPackage:
      value.lifetime.not_before = in.u64();
      value.lifetime.not_after = in.u64();
      break;
    case LeafSource::kUpdate: break;
    case LeafSource::kCommit: value.parent_hash = copy(in.opaque()); break;
    default: in.fail(Reason::kValue);
  }
  read_vector(in, value.extensions, kExtensionsMax);
  in.fixed(value.signature);
}

Bytes to_be_signed(const LeafNode& leaf, const LeafPlace& place) {
  Writer out;
  write_content(out, leaf);
  if (leaf.source != LeafSource::kKeyPackage) {
    out.opaque(place.group_id);
    out.u32(place.leaf.value);
  }
  return out.take();
}

void sign(const Crypto& crypto, LeafNode& leaf, const LeafPlace& place, const KeyPair& signature_key) {
  leaf.signature_key = signature_key.key;
  leaf.signature = sign_with_label(crypto, signature_key, kLeafLabel, to_be_signed(leaf, place));
}

bool verifies(const Crypto& crypto, const LeafNode& leaf, const LeafPlace& place) {
  return verify_with_label(crypto, leaf.signature_key, kLeafLabel, to_be_signed(leaf, place), leaf.signature)
      .has_value();
}

void write(Writer& out, const ParentNode& value) {
  out.opaque(value.encryption_key);
  out.opaque(value.parent_hash);
  out.vector([&](Writer& body) {
    for (const LeafIndex leaf : value.unmerged_leaves) body.u32(leaf.value);
  });
}

void read(Reader& in, ParentNode& value) {
  in.fixed(value.encryption_key);
  value.parent_hash = copy(in.opaque());
  in.vector([&](Reader& body) {
    const LeafIndex leaf{body.u32()};
    if (!value.unmerged_leaves.empty() && leaf <= value.unmerged_leaves.back()) body.fail(Reason::kValue);
    value.unmerged_leaves.push_back(leaf);
  });
}

void write(Writer& out, const UpdatePathNode& value) {
  out.opaque(value.encryption_key);
  write_vector(out, value.encrypted_path_secrets);
}

void read(Reader& in, UpdatePathNode& value) {
  in.fixed(value.encryption_key);
  read_vector(in, value.encrypted_path_secrets);
}

void write(Writer& out, const UpdatePath& value) {
  write(out, value.leaf);
  write_vector(out, value.nodes);
}

void read(Reader& in, UpdatePath& value) {
  read(in, value.leaf);
  read_vector(in, value.nodes);
}

void write(Writer& out, const KeyPackage& value) {
  write_content(out, value);
  out.opaque(value.signature);
}

void read(Reader& in, KeyPackage& value) {
  value.version = in.u16();
  value.suite = in.u16();
  if (value.version != kVersion || !is_supported(value.suite)) in.fail(Reason::kUnsupported);
  in.fixed(value.init_key);
  read(in, value.leaf);
  read_vector(in, value.extensions, kExtensionsMax);
  in.fixed(value.signature);
}

Bytes to_be_signed(const KeyPackage& package) {
  Writer out;
  write_content(out, package);
  return out.take();
}

void sign(const Crypto& crypto, KeyPackage& package, const KeyPair& signature_key) {
  package.signature = sign_with_label(crypto, signature_key, kPackageLabel, to_be_signed(package));
}

bool verifies(const Crypto& crypto, const KeyPackage& package) {
  return verify_with_label(crypto, package.leaf.signature_key, kPackageLabel, to_be_signed(package), package.signature)
      .has_value();
}

Hash reference(const Crypto& crypto, const KeyPackage& package) {
  return ref_hash(crypto, "MLS 1.0 KeyPackage Reference", encode(package));
}

}  // namespace clients::mls
