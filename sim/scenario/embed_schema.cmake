# Writes OUTPUT, a C++ file that holds the text of INPUT: cmake -DINPUT=… -DOUTPUT=… -P embed_schema.cmake
# A list of bytes, because compilers need not take string literals as long as this.
file(READ ${INPUT} bytes HEX)
string(REGEX REPLACE "(..)" "'\\\\x\\1'," bytes "${bytes}")
file(WRITE ${OUTPUT} "#include \"sim/scenario/schema.hpp\"

namespace descent {
namespace {
constexpr char kSchema[] = {${bytes}};
}

std::string_view schema_text() { return {kSchema, sizeof(kSchema)}; }

}  // namespace descent
")
