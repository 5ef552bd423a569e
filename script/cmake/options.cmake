# Language, warnings and sanitizers: the same for every target of the house.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()

set(FEIERABEND_SANITIZE "" CACHE STRING "sanitizers for every target: address,undefined | thread | empty")
option(FEIERABEND_FUZZ "build fuzz targets with libFuzzer (needs clang)" OFF)

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(house_flags INTERFACE)
target_compile_options(house_flags INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Woverloaded-virtual -Wcast-align -Wunused -fstack-protector-strong)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # GCC 12 reports both of these for correct code inside std::expected and std::variant (GCC PR 105562, 105593).
  target_compile_options(house_flags INTERFACE -Wno-maybe-uninitialized -Wno-restrict)
  # And with -O3 these, for vectors, strings and optionals that it inlines (GCC PR 105329, 107852).
  target_compile_options(house_flags INTERFACE
    $<$<CONFIG:Release>:-Wno-return-local-addr> $<$<CONFIG:Release>:-Wno-array-bounds> $<$<CONFIG:Release>:-Wno-stringop-overflow> $<$<CONFIG:Release>:-Wno-stringop-overread>)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
  # GCC 12's own stable_sort and inplace_merge call what its library has marked so.
  target_compile_options(house_flags INTERFACE -Wno-deprecated-declarations)
endif()
target_compile_definitions(house_flags INTERFACE _GLIBCXX_ASSERTIONS)

if(FEIERABEND_SANITIZE)
  add_compile_options(-fsanitize=${FEIERABEND_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${FEIERABEND_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND FEIERABEND_SANITIZE MATCHES thread)
    add_compile_options(-Wno-tsan)  # Asio's fences, which GCC's sanitizer does not follow
  endif()
endif()
if(FEIERABEND_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL Clang)
    message(FATAL_ERROR "FEIERABEND_FUZZ needs clang++-19; configure with --preset fuzz")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
