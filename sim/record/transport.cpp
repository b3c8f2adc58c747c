#include "sim/record/transport.hpp"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

namespace descent {
namespace {

using nlohmann::json;

json pack_snapshot(const Snapshot& snapshot) {
  const auto* begin = reinterpret_cast<const std::uint8_t*>(snapshot.data());
  return {{"size", snapshot.size()},
          {"double", snapshot.precision() == Precision::double_precision},
          {"bytes", json::binary({begin, begin + snapshot.bytes()})}};
}

Snapshot unpack_snapshot(const json& packed) {
  Buffer buffer(packed["double"].get<bool>() ? Precision::double_precision : Precision::single_precision,
                packed["size"].get<std::size_t>());
  const auto& bytes = packed["bytes"].get_binary();
  if (!bytes.empty()) {
    std::memcpy(buffer.data(), bytes.data(), bytes.size());
  }
  return std::move(buffer).freeze();
}

json pack_part(const ObservedPart& part) {
  return {part.slot,          part.iteration,    part.samples,
          part.time_s,        part.share.offset, pack_snapshot(part.parameters),
          part.staleness_sum, part.gradients,    part.share.replica,
          part.share.replicas};
}

ObservedPart unpack_part(const json& packed) {
  ObservedPart part;
  part.slot = packed[0];
  part.iteration = packed[1];
  part.samples = packed[2];
  part.time_s = packed[3];
  part.share = {packed[4], packed[8], packed[9]};
  part.parameters = unpack_snapshot(packed[5]);
  part.staleness_sum = packed[6];
  part.gradients = packed[7];
  return part;
}

}  // namespace

std::string pack(const Recording& recording) {
  const RankRecord& record = recording.record;
  json packed = {{"rank", record.rank},
                 {"role", record.role},
                 {"host", record.host},
                 {"bytes_sent", record.bytes_sent},
                 {"messages_sent", record.messages_sent},
                 {"compute_s", record.compute_s},
                 {"communicate_s", record.communicate_s},
                 {"update_times", record.update_times},
                 {"staleness", record.staleness},
                 {"gradients_wasted", record.gradients_wasted},
                 {"deaths", record.deaths},
                 {"recoveries", record.recoveries},
                 {"down_s", record.down_s},
                 {"work_lost_s", record.work_lost_s},
                 {"iterations", record.iterations},
                 {"samples", record.samples},
                 {"replica", record.replica},
                 {"reported_end", record.ended},
                 {"sends", record.sends},
                 {"spans", json::array()},
                 {"flows", json::array()},
                 {"parts", json::array()},
                 {"collectives", json::array()},
                 {"end_s", recording.end_s},
                 {"ended", recording.ended},
                 {"gave_up", recording.gave_up}};
  for (const Span& span : record.spans) {
    packed["spans"].push_back({static_cast<int>(span.activity), span.begin, span.end});
  }
  for (const Flow& flow : record.flows) {
    packed["flows"].push_back({flow.from, flow.sent_at, flow.received_at, flow.bytes});
  }
  for (const ObservedPart& part : recording.parts) {
    packed["parts"].push_back(pack_part(part));
  }
  for (const auto& [bin, those] : recording.collectives.bins()) {
    packed["collectives"].push_back({bin, those.count, those.sum_s});
  }
  const std::vector<std::uint8_t> bytes = json::to_cbor(packed);
  return {bytes.begin(), bytes.end()};
}

Recording unpack(const std::string& bytes) {
  const json packed = json::from_cbor(bytes);
  Recording recording;
  RankRecord& record = recording.record;
  packed["rank"].get_to(record.rank);
  packed["role"].get_to(record.role);
  packed["host"].get_to(record.host);
  packed["bytes_sent"].get_to(record.bytes_sent);
  packed["messages_sent"].get_to(record.messages_sent);
  packed["compute_s"].get_to(record.compute_s);
  packed["communicate_s"].get_to(record.communicate_s);
  packed["update_times"].get_to(record.update_times);
  packed["staleness"].get_to(record.staleness);
  packed["gradients_wasted"].get_to(record.gradients_wasted);
  packed["deaths"].get_to(record.deaths);
  packed["recoveries"].get_to(record.recoveries);
  packed["down_s"].get_to(record.down_s);
  packed["work_lost_s"].get_to(record.work_lost_s);
  packed["iterations"].get_to(record.iterations);
  packed["samples"].get_to(record.samples);
  packed["replica"].get_to(record.replica);
  packed["reported_end"].get_to(record.ended);
  packed["sends"].get_to(record.sends);
  packed["end_s"].get_to(recording.end_s);
  packed["ended"].get_to(recording.ended);
  packed["gave_up"].get_to(recording.gave_up);
  for (const json& span : packed["spans"]) {
    record.spans.push_back({static_cast<Activity>(span[0].get<int>()), span[1], span[2]});
  }
  for (const json& flow : packed["flows"]) {
    record.flows.push_back({flow[0], flow[1], flow[2], flow[3]});
  }
  for (const json& part : packed["parts"]) {
    recording.parts.push_back(unpack_part(part));
  }
  for (const json& bin : packed["collectives"]) {
    recording.collectives.add(bin[0].get<int>(), {bin[1], bin[2]});
  }
  return recording;
}

void count_bytes(std::vector<Recording>& recordings) {
  for (Recording& recording : recordings) {
    for (ObservedPart& part : recording.parts) {
      part.bytes_sent = 0;
      for (const Recording& other : recordings) {
        const auto& sends = other.record.sends;
        const auto after = std::upper_bound(sends.begin(), sends.end(), part.time_s,
                                            [](double time, const auto& send) { return time < send.first; });
        part.bytes_sent += after == sends.begin() ? 0 : std::prev(after)->second;
      }
    }
  }
}

}  // namespace descent
