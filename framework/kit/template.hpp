// Folders of templates: files whose names end in .in and whose text and names have @fields@.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace ironlaw {

using TemplateFields = std::map<std::string, std::string>;           // name between the @ signs -> text
using RenderedFiles = std::map<std::filesystem::path, std::string>;  // relative path -> text

// Every template below `folder`, rendered: "@name@.cpp.in" becomes "my_chip.cpp". Throws Error when there is
// no such folder, a file cannot be read, or a field is not among `fields`.
RenderedFiles render_folder(const std::filesystem::path& folder, const TemplateFields& fields);

// Writes the files into `folder`, which is made; what is there is not looked at. Throws Error.
void write_files(const std::filesystem::path& folder, const RenderedFiles& files);

}  // namespace ironlaw
