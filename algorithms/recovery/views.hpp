#pragma once

#include "algorithms/comm/communicator.hpp"
#include "algorithms/recovery/recovery.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace descent {

/// Which parameters a replica has. Of two, the greater are those to go on from; equal ones are the same parameters.
struct Standing {
  /// Updates in them.
  std::uint64_t iterations = 0;
  /// The view that they were last agreed on in, and its leader; 0: the rank has begun anew and has none.
  std::uint64_t view = 0;
  std::uint64_t leader = 0;
  /// They are the last.
  bool over = false;

  auto operator<=>(const Standing&) const = default;
};

/// One who is in a view, as it came.
struct Member {
  int rank = 0;
  int life = 0;
  Standing standing = {};
};

/// Who takes part, as those who do have agreed.
struct View {
  std::uint64_t number = 0;
  /// In the order of ranks; the first leads.
  std::vector<Member> members;

  int leader() const { return members.front().rank; }
  bool has(int rank) const;
  bool has(int rank, int life) const;
  std::vector<int> ranks() const;
  /// The first of those whose parameters are the newest.
  const Member& newest() const;
};

/// How ranks agree who is left of them, by deadlines alone, after one has been silent, or begins anew. Whoever finds
/// out calls all ranks, and who hears it calls in turn: after a timeout, or as soon as all have been heard, the lowest
/// rank that is there says who is in. Where it falls silent meanwhile, they call once more, for the next number.
///
/// Two parts of the ranks that do not hear each other each agree, unless Recovery::least_members is above one half.
class Views {
 public:
  /// In a first life all ranks are in view 1. Tags `first_tag` and the next are its own.
  Views(const Recovery& recovery, Communicator& communicator, Tag first_tag);

  const View& current() const { return view_; }
  /// To be awaited wherever a member waits: the call of any rank.
  Expected call() const { return {any_rank, first_tag_}; }
  /// Whether a call is for a view to come: it may be an echo of those past.
  bool calls_anew(const Message& call) const;
  /// Agrees with all who can be heard; `mine` is what this rank comes with, and `call` what has called it. Throws
  /// GaveUp where there is no agreement for as long as the scenario lets a rank wait.
  const View& form(const Standing& mine, const std::optional<Message>& call);

 private:
  using Heard = std::map<int, Member>;
  struct Attempt {
    std::uint64_t number = 1;
    /// This rank, and who has called for that number.
    Heard heard = {};
    /// The call of a rank that is ahead, where one has ended the attempt.
    std::optional<Message> ahead = {};
  };
  /// Nothing where it comes to nothing.
  std::optional<View> agree(Attempt& attempt);
  bool take_call(Attempt& attempt, Message call);
  void call(int to, std::uint64_t number, const Member& mine);
  bool suffice(const Heard& heard) const;
  /// Tells them that they are the view.
  View decide(const Attempt& attempt);

  const Recovery& recovery_;
  Communicator& communicator_;
  Tag first_tag_;
  View view_;
};

}  // namespace descent
