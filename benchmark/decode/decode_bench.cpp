// SPDX-License-Identifier: Apache-2.0
// How fast one core makes a tile of its file, three ways on the same bytes, taking turns:
//   ours        decode(): planes ready to be cropped, everything checked
//   libdeflate  nothing but inflating into memory that is there already: the bound
//   usual       zlib and libprotobuf, as a program without code of its own would do it
// and ours on all cores. One JSON object on stdout.
//
//   decode_bench FOLDER [ROUNDS]      FOLDER holds *.example.gz
#include <libdeflate.h>
#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/threads.h"
#include "store/example.h"
#include "tf_example_oracle.pb.h"

namespace canopy {
namespace {

using Files = std::vector<std::string>;

std::span<const std::uint8_t> bytes_of(const std::string& file) {
  return {reinterpret_cast<const std::uint8_t*>(file.data()), file.size()};
}

Files read_folder(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.path().string().ends_with(".example.gz")) paths.push_back(entry.path());
  require(!paths.empty(), folder.string() + ": holds no .example.gz");
  std::ranges::sort(paths);
  Files files;
  for (const auto& path : paths) files.push_back(read_file(path));
  return files;
}

std::size_t inflated_size(const std::string& file) { return inflate(bytes_of(file)).size(); }

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::size_t sum_of_first_samples(const Example& example) {
  std::size_t sum = 0;
  for (const auto& plane : example.planes) sum += plane.data()[0];
  return sum;
}

std::size_t inflate_by_libdeflate(const Files& files, std::vector<std::uint8_t>& room) {
  static const std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)>
      decompressor(libdeflate_alloc_decompressor(), libdeflate_free_decompressor);
  std::size_t sum = 0;
  for (const std::string& file : files) {
    std::size_t made = 0;
    check(libdeflate_gzip_decompress(
              decompressor.get(), file.data(), file.size(), room.data(), room.size(), &made) ==
              LIBDEFLATE_SUCCESS,
          "a file of the bench inflates");
    sum += made;
  }
  return sum;
}

std::size_t decode_as_usual(const Files& files) {
  std::size_t sum = 0;
  for (const std::string& file : files) {
    z_stream stream = {};
    check(inflateInit2(&stream, 15 + 16) == Z_OK, "zlib begins");
    std::string whole, part(1 << 16, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(file.data()));
    stream.avail_in = static_cast<uInt>(file.size());
    int state = Z_OK;
    while (state == Z_OK) {
      stream.next_out = reinterpret_cast<Bytef*>(part.data());
      stream.avail_out = static_cast<uInt>(part.size());
      state = ::inflate(&stream, Z_NO_FLUSH);
      whole.append(part, 0, part.size() - stream.avail_out);
    }
    inflateEnd(&stream);
    check(state == Z_STREAM_END, "a file of the bench inflates");
    oracle::Example example;
    check(example.ParseFromString(whole), "a file of the bench is an Example");
    for (const std::string& plane :
         example.features().feature().at("image/planes").bytes_list().value())
      sum += static_cast<std::uint8_t>(plane[0]);
  }
  return sum;
}

std::size_t decode_by_us(const Files& files) {
  std::size_t sum = 0;
  for (const std::string& file : files) sum += sum_of_first_samples(decode(bytes_of(file)));
  return sum;
}

int run(const std::filesystem::path& folder, int rounds) {
  const Files files = read_folder(folder);
  std::size_t largest = 0;
  for (const std::string& file : files) largest = std::max(largest, inflated_size(file));
  std::vector<std::uint8_t> room(largest);
  std::vector<double> ours, bound, usual, all_cores;
  const int cores = available_cores();
  check(decode_by_us(files) == decode_as_usual(files), "both ways give the same planes");
  for (int round = 0; round < rounds; ++round) {
    bound.push_back(seconds_of([&] { inflate_by_libdeflate(files, room); }));
    ours.push_back(seconds_of([&] { decode_by_us(files); }));
    usual.push_back(seconds_of([&] { decode_as_usual(files); }));
    all_cores.push_back(seconds_of(
        [&] { parallel_for(cores, cores, [&](std::int64_t) { decode_by_us(files); }); }));
  }
  const auto per_s = [&](std::vector<double>& seconds, int times = 1) {
    std::ranges::sort(seconds);
    return static_cast<double>(files.size()) * times / seconds[seconds.size() / 2];
  };
  const double ours_per_s = per_s(ours);
  const nlohmann::ordered_json result = {{"files", files.size()},
                                         {"inflated_bytes", largest},
                                         {"rounds", rounds},
                                         {"ours_per_s", ours_per_s},
                                         {"libdeflate_per_s", per_s(bound)},
                                         {"usual_per_s", per_s(usual)},
                                         {"cores", cores},
                                         {"all_cores_per_s", per_s(all_cores, cores)}};
  std::printf("%s\n", result.dump(2).c_str());
  return 0;
}

}  // namespace
}  // namespace canopy

int main(int argc, char** argv) {
  try {
    canopy::require(argc >= 2, "usage: decode_bench FOLDER [ROUNDS]");
    return canopy::run(argv[1], argc > 2 ? std::stoi(argv[2]) : 9);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
