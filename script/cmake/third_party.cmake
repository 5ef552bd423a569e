# Every library from outside, in one place. The README's table gives version, licence and reason of each.
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Boost 1.81.0 REQUIRED CONFIG COMPONENTS json system)
find_package(Protobuf REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(date REQUIRED)
find_package(GTest REQUIRED)
find_package(rapidcheck REQUIRED)
find_package(PkgConfig REQUIRED)

pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(sqlite3 REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(z3 REQUIRED IMPORTED_TARGET z3)
pkg_check_modules(oath REQUIRED IMPORTED_TARGET liboath)
pkg_check_modules(qrencode REQUIRED IMPORTED_TARGET libqrencode)

# libldap, toml++ and CLI11 are plain headers or a plain library on Debian 12.
find_library(LDAP_LIBRARY ldap REQUIRED)
find_library(LBER_LIBRARY lber REQUIRED)
add_library(ldap_client INTERFACE)
target_link_libraries(ldap_client INTERFACE ${LDAP_LIBRARY} ${LBER_LIBRARY})
find_library(ICAL_LIBRARY ical REQUIRED)  # of libical only this part; it knows no files and no sockets
find_path(TOMLPP_INCLUDE toml++/toml.h REQUIRED)
find_path(CLI11_INCLUDE CLI/CLI.hpp REQUIRED)
