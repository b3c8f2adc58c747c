#include "sim/calibration/meeting_point.hpp"

#include <vector>

namespace descent {

void meet(Communicator& communicator) {
  constexpr Tag kMeet = 1;
  std::vector<Request> sends;
  if (communicator.rank() == 0) {
    for (int other = 1; other < communicator.size(); ++other) {
      communicator.receive(other, kMeet);
    }
    for (int other = 1; other < communicator.size(); ++other) {
      sends.push_back(communicator.send(other, kMeet, envelope()));
    }
  } else {
    sends.push_back(communicator.send(0, kMeet, envelope()));
    communicator.receive(0, kMeet);
  }
  for (const Request& request : sends) {
    communicator.wait(request);
  }
}

}  // namespace descent
