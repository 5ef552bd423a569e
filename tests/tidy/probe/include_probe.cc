// Compiled by ctest with the include folders of one room: does it reach this header?
#include FEIERABEND_PROBED_HEADER
