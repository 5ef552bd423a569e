// Compiled by ctest with other declarations in front of audit/event/records.def: what may not be declared does not
// compile. The deadlines are looked at where they are used.
#include "audit/event/record.h"
#include "audit/retention/deadline.cc"
