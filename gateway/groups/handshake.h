// Whether a handshake message may change the group of a conversation: what MLS itself asks (clients/mls/group), and
// what this service asks beyond it.
//
// A commit or proposal comes from the device of the session that sent it. It changes no extension of the group, so that
// the service stays an external sender and nothing unknown comes in; but a commit may put the service's present key in
// the place of another one. A leaf keeps its device. Nobody has two leaves of
// one device or more leaves than devices are allowed. A commit takes up every removal that the service proposed.
// Whoever is added gets a Welcome from the same commit, and the GroupInfo is the new epoch's.
//
// Pure but for the admission, which asks the store. Errors: group.refused (says why), group.removal-pending, the
// store's.
#pragma once

#include <vector>

#include "clients/mls/group/public_group.h"
#include "gateway/groups/admission.h"

namespace gateway::groups {

// Of one epoch: what members may leave for the next commit, so that there is always room for a removal by the service.
constexpr std::size_t kProposalsPerDeviceMax = 8;
constexpr std::size_t kMemberProposalsMax = 1024;

struct CheckedCommit {
  mls::PublicGroup next;
  std::vector<base::DeviceId> joined, left;
};

// All three are MLSMessages; an empty `welcome` is none.
struct CommitBytes {
  base::ByteView commit, welcome, group_info;
};

// A group that begins: of this conversation, with `device` alone, who may be in it, in epoch 0.
base::Result<mls::PublicGroup> check_start(Admission& admission, const base::DeviceId& device,
                                           const mls::ExternalSender& service, base::ByteView group_info);

base::Result<CheckedCommit> check_commit(const mls::PublicGroup& group, Admission& admission, const Ports& ports,
                                         const base::DeviceId& device, const mls::ExternalSender& service,
                                         const CommitBytes& bytes);

// The group with one more waiting proposal of a member; the same group when it waits already.
base::Result<mls::PublicGroup> check_proposal_of(const mls::PublicGroup& group, Admission& admission,
                                                 const Ports& ports, const base::DeviceId& device,
                                                 base::ByteView proposal);

// Application data of a group is a PrivateMessage of that group and epoch (RFC 9420 § 6.3). Looks at its head only.
base::Status check_application(const base::ConversationId& id, std::uint64_t epoch, base::ByteView message);

// Removals by the service that wait: the leaves.
std::vector<mls::LeafIndex> waiting_removals(const mls::PublicGroup& group);

}  // namespace gateway::groups
