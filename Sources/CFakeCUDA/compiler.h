// The host's compiler, and what it has compiled before.
#pragma once
#include <map>
#include <string>
#include <vector>

namespace fake {

/// Compiles a source to a library and gives its path; empty, and the reason in `log`, where that fails.
std::string compile(
    const std::string &name, const std::string &source, const std::map<std::string, std::string> &headers,
    const std::vector<std::string> &definitions, std::string &log);

}  // namespace fake
