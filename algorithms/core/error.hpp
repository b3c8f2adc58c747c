#pragma once

#include <stdexcept>
#include <string>

namespace descent {

/// What the user gave cannot be used: a scenario, a platform, a data file, an option. Exit code 2.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A run began and could not end as asked: a rank died, a deadlock, a file could not be written. Exit code 1.
class RunError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A rank has waited for others until its patience was over. That ends the run, unless others end it well.
class GaveUp : public RunError {
 public:
  using RunError::RunError;
};

}  // namespace descent
