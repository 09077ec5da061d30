# Script (cmake -P) that writes the files FILES in FOLDER into a C++ source: the function of
# tools/helper/status/page_files.hpp.
#   -D OUTPUT=page_files.cpp -D FOLDER=... -D FILES=a.js,b.css
string(REPLACE "," ";" files "${FILES}")
set(arrays "")
set(entries "")
set(number 0)
foreach(file IN LISTS files)
  math(EXPR number "${number} + 1")
  file(READ ${FOLDER}/${file} octets HEX)
  string(REGEX REPLACE "(..)" "0x\\1," octets "${octets}")
  string(APPEND arrays "constexpr unsigned char octets_${number}[] = {${octets}};\n")
  cmake_path(GET file FILENAME path)
  string(APPEND entries "    {\"${path}\", {reinterpret_cast<const char*>(octets_${number}), sizeof octets_${number}}},\n")
endforeach()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT [[
#include "helper/status/page_files.hpp"

namespace sdconnect::helper {
namespace {

@arrays@
const page_file files[] = {
@entries@};

}  // namespace

std::span<const page_file> page_files() noexcept { return files; }

}  // namespace sdconnect::helper
]] @ONLY)
