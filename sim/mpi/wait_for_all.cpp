#include "sim/mpi/wait_for_all.hpp"

#include "sim/mpi/implementation.hpp"

namespace descent::mpi {

void wait_for_all(MPI_Comm communicator, const std::function<void()>& meanwhile) {
  MPI_Request request = MPI_REQUEST_NULL;
  MPI_Ibarrier(communicator, &request);
  Rest rest;
  int over = 0;
  for (MPI_Test(&request, &over, MPI_STATUS_IGNORE); over == 0; MPI_Test(&request, &over, MPI_STATUS_IGNORE)) {
    meanwhile();
    rest();
  }
}

}  // namespace descent::mpi
