#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace descent {

/// An SQLite file. What goes wrong is a RunError that names it.
class Database {
 public:
  enum class Access { existing, create };
  /// With `create` it is made where it is not there. What a process that was killed has left half done is undone.
  Database(const std::filesystem::path& path, Access access);

  const std::filesystem::path& path() const { return path_; }
  void execute(const std::string& sql) const;
  std::int64_t last_row() const;
  [[noreturn]] void fail() const;

 private:
  friend class Statement;
  struct Close {
    void operator()(sqlite3* handle) const;
  };

  std::filesystem::path path_;
  std::unique_ptr<sqlite3, Close> handle_;
};

/// One prepared statement. Parameters are numbered from 1, columns from 0.
class Statement {
 public:
  Statement(const Database& database, const std::string& sql);

  Statement& bind(int parameter, std::string_view text);
  Statement& bind(int parameter, std::int64_t number);
  Statement& bind_bytes(int parameter, std::string_view bytes);
  /// One that is not finite is null.
  Statement& bind(int parameter, std::optional<double> number);
  Statement& bind_null(int parameter);

  /// The next row; false where there is none: then it may be bound anew.
  bool step();
  /// For a statement without rows.
  void run();

  std::string text(int column) const;
  std::string bytes(int column) const;
  std::int64_t integer(int column) const;
  std::optional<double> real(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  void check(int code) const;

  const Database& database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// All or nothing: what was done since its beginning is undone where it is not committed.
class Transaction {
 public:
  explicit Transaction(const Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  const Database& database_;
  bool open_ = true;
};

/// A name as SQL takes any.
std::string quoted_name(const std::string& name);

}  // namespace descent
