// From the shell's call to the end of a scenario in which next to nothing happens.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>

namespace {

void startup(benchmark::State& state) {
  const std::string command = std::string(DESCENT_PROGRAM) + " run " + DESCENT_SOURCE_DIR +
                              "/tests/integration/neutral.xml --set //stop/@iterations=1 --json > /dev/null";
  for (auto _ : state) {
    if (std::system(command.c_str()) != 0) {
      state.SkipWithError("the program failed");
      break;
    }
  }
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK(startup)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(startup)->Name("smoke")->Iterations(1)->UseRealTime();

}  // namespace
