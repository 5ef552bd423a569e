# Modules of WebAssembly from the same sources as the native rooms.
#
#   wasm_module(feierabend_mls BINARY feierabend_mls.wasm FOLDERS clients/mls/core …)
#       target feierabend_mls, part of the ordinary build: ${CMAKE_BINARY_DIR}/bin/feierabend_mls.wasm from the *.cc of
#       these folders, compiled by clang for size, linked as a reactor, stripped, and optimised by binaryen
#
# What a folder may include is not asked again: the native rooms compile the same files.
option(FEIERABEND_WASM "build the WebAssembly modules and their tests (clang++-19, lld-19, wasi-libc, binaryen)" ON)
if(NOT FEIERABEND_WASM)
  message(STATUS "FEIERABEND_WASM=OFF: the WebAssembly modules and their tests are left out")
  return()
endif()

find_program(WASM_CLANG clang++-19)
find_program(WASM_LD wasm-ld-19)  # found by clang itself
find_program(WASM_OPT wasm-opt)
foreach(tool WASM_CLANG WASM_LD WASM_OPT)
  if(NOT ${tool})
    message(FATAL_ERROR "${tool} is missing: run script/setup, or configure with -DFEIERABEND_WASM=OFF")
  endif()
endforeach()

# No exceptions and no type information: the core knows neither. Checks of the library's bounds stay in.
set(wasm_compile ${CMAKE_CXX_COMPILER_LAUNCHER} ${WASM_CLANG} --target=wasm32-wasi -std=c++23 -Oz
  -fno-exceptions -fno-rtti -fvisibility=hidden -ffunction-sections -fdata-sections -Wall -Wextra -Wpedantic -Werror
  -Wshadow -Wconversion -Wsign-conversion -D_LIBCPP_HARDENING_MODE=_LIBCPP_HARDENING_MODE_FAST -I${CMAKE_SOURCE_DIR})
# The stack lies first, so that one that is too deep traps instead of writing over data.
set(wasm_link ${WASM_CLANG} --target=wasm32-wasi -mexec-model=reactor -Wl,--gc-sections -Wl,--strip-all
  -Wl,--stack-first -Wl,-z,stack-size=262144 -Wl,--max-memory=1073741824)
set(wasm_optimise ${WASM_OPT} -Oz --enable-sign-ext --enable-bulk-memory --enable-mutable-globals
  --enable-nontrapping-float-to-int --strip-debug --strip-producers)

# Gives the object of a source in `out`; modules share it.
function(wasm_object source out)
  file(RELATIVE_PATH name ${CMAKE_SOURCE_DIR} ${source})
  set(object ${CMAKE_BINARY_DIR}/wasm/${name}.o)
  set(${out} ${object} PARENT_SCOPE)
  get_property(known GLOBAL PROPERTY wasm_objects)
  if(object IN_LIST known)
    return()
  endif()
  set_property(GLOBAL APPEND PROPERTY wasm_objects ${object})
  get_filename_component(folder ${object} DIRECTORY)
  file(MAKE_DIRECTORY ${folder})
  add_custom_command(OUTPUT ${object} COMMAND ${wasm_compile} -MD -MF ${object}.d -MT ${object} -c ${source} -o ${object}
    DEPENDS ${source} DEPFILE ${object}.d COMMENT "Compiling ${name} to WebAssembly" VERBATIM)
endfunction()

function(wasm_module name)
  cmake_parse_arguments(WASM "" "BINARY" "FOLDERS" ${ARGN})
  set(objects)
  foreach(folder ${WASM_FOLDERS})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.cc)
    list(FILTER sources EXCLUDE REGEX "_(test|fuzz)\\.cc$")
    foreach(source ${sources})
      wasm_object(${source} object)
      list(APPEND objects ${object})
    endforeach()
  endforeach()
  set(linked ${CMAKE_BINARY_DIR}/wasm/${name}.linked.wasm)
  set(module ${CMAKE_BINARY_DIR}/bin/${WASM_BINARY})
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
  add_custom_command(OUTPUT ${module} COMMAND ${wasm_link} -o ${linked} ${objects}
    COMMAND ${wasm_optimise} -o ${module} ${linked} DEPENDS ${objects} COMMENT "Linking ${WASM_BINARY}" VERBATIM)
  add_custom_target(${name} ALL DEPENDS ${module})
endfunction()
