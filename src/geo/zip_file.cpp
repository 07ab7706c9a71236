// SPDX-License-Identifier: Apache-2.0
#include "geo/zip_file.h"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>

#include "base/atomic_file.h"
#include "base/error.h"
#include "geo/gdal_errors.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

std::string bytes_of(const std::string& vsi_path) {
  vsi_l_offset size = 0;
  GByte* bytes = nullptr;
  if (!VSIIngestFile(nullptr, vsi_path.c_str(), &bytes, &size, -1))
    throw Error(Fault::User, vsi_path + ": cannot be read; write the archive again");
  std::string text(reinterpret_cast<const char*>(bytes), size);
  CPLFree(bytes);
  return text;
}

[[noreturn]] void throw_unwritten(const fs::path& path, const GdalErrors& errors) {
  throw Error(Fault::Environment, path.string() + ": cannot be written" + errors.suffix());
}

void write_members(const fs::path& file,
                   const std::vector<ZipMember>& members,
                   const fs::path& path,
                   const GdalErrors& errors) {
  void* zip = CPLCreateZip(file.c_str(), nullptr);
  if (zip == nullptr) throw_unwritten(path, errors);
  bool ok = true;
  for (const ZipMember& member : members)
    ok = ok && CPLCreateFileInZip(zip, member.name.c_str(), nullptr) == CE_None &&
         CPLWriteFileInZip(zip, member.bytes.data(), static_cast<int>(member.bytes.size())) ==
             CE_None &&
         CPLCloseFileInZip(zip) == CE_None;
  ok = CPLCloseZip(zip) == CE_None && ok;
  if (!ok) throw_unwritten(path, errors);
}

}  // namespace

void write_zip(const fs::path& path, const std::vector<ZipMember>& members) {
  GdalErrors errors;
  AtomicFile file(path);
  write_members(file.path(), members, path, errors);
  const std::vector<ZipMember> found = read_zip(file.path());
  bool same = found.size() == members.size();
  for (std::size_t k = 0; same && k < found.size(); ++k)
    same = found[k].name == members[k].name && found[k].bytes == members[k].bytes;
  if (!same) throw_unwritten(path, errors);
  file.commit();
}

std::vector<ZipMember> read_zip(const fs::path& path) {
  if (!fs::exists(path)) throw Error(Fault::NotFound, path.string() + ": no such file");
  const GdalErrors errors;
  const std::string root = "/vsizip/{" + fs::absolute(path).string() + "}";
  const CPLStringList names(VSIReadDirRecursive(root.c_str()));
  require(names.size() > 0, [&] { return path.string() + ": is no zip archive"; });
  std::vector<ZipMember> members;
  for (int k = 0; k < names.size(); ++k)
    if (const std::string name = names[k]; !name.ends_with("/"))
      members.push_back({name, bytes_of(root + "/" + name)});
  return members;
}

}  // namespace canopy
