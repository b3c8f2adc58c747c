#include "sim/cli/mpi_calibrate.hpp"

#include "algorithms/core/error.hpp"
#include "sim/calibration/probes.hpp"
#include "sim/cli/options.hpp"
#include "sim/mpi/mpi_world.hpp"
#include "sim/record/rank_record.hpp"
#include "sim/record/whole_file.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace descent {
namespace {

using nlohmann::json;

std::string this_host() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  return name.data();
}

std::string packed(const std::vector<Point>& points) {
  json rows = json::array();
  for (const Point& point : points) {
    rows.push_back({static_cast<int>(point.pattern), point.from, point.to, point.bytes, point.round, point.seconds});
  }
  return json{{"host", this_host()}, {"points", rows}}.dump();
}

void unpack_into(const std::string& text, Measurements& measurements) {
  const json rank = json::parse(text);
  measurements.hosts.push_back(rank["host"]);
  for (const json& row : rank["points"]) {
    measurements.points.push_back({static_cast<Pattern>(row[0].get<int>()), row[1], row[2], row[3], row[4], row[5]});
  }
}

void measure(MpiWorld& world, const ProbeSettings& settings, const std::filesystem::path& file) {
  if (world.size() < 2) {
    throw InputError("a network is measured between at least two ranks, and MPI was started with one");
  }
  RecordingContext nothing;
  RankRecorder recorder(nothing, world.rank(), "probe", this_host());
  MpiRank self;
  self.observer = &recorder;
  Communicator& communicator = world.line(std::move(self));
  std::vector<Point> points;
  world.live([&] { points = probe(communicator, settings); });
  world.end_line();
  Measurements all;
  for (const std::string& text : world.gather(packed(points))) {
    unpack_into(text, all);
  }
  if (world.rank() == 0) {
    write_whole(file, to_csv(all));
  }
  world.barrier();
}

}  // namespace

int calibrate_over_mpi(int argc, char** argv) {
  ProbeSettings settings;
  std::filesystem::path file;
  CLI::App app("One rank of `descent calibrate`, which starts it.");
  app.add_option("FILE", file, "the table to write")->required();
  add_probe_options(app, settings);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return run_over_mpi(argc, argv, [&](MpiWorld& world) { measure(world, settings, file); });
}

}  // namespace descent
