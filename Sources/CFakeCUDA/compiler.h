// The host's compiler, and a cache of what it has compiled.
#pragma once
#include <map>
#include <string>
#include <vector>

namespace fake {

/// Compiles a source to a library and returns its path; on failure, empty with the reason in `log`.
std::string compile(
    const std::string &name, const std::string &source, const std::map<std::string, std::string> &headers,
    const std::vector<std::string> &definitions, std::string &log);

}  // namespace fake
