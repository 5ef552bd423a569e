# Fails if FILE has more than BYTES_MAX bytes: what a browser loads before it can read a message, uncompressed.
file(SIZE ${FILE} size_bytes)
message("${FILE}: ${size_bytes} of at most ${BYTES_MAX} bytes")
if(size_bytes GREATER BYTES_MAX)
  message(FATAL_ERROR "the module is too large")
endif()
