#include "gateway/directory/port/directory.h"

namespace gateway::directory {

base::Result<Person> Directory::find(std::string_view uid) {
  const auto people = snapshot();
  if (!people) return std::unexpected(people.error());
  const Person* person = people->find(uid);
  if (!person) return std::unexpected(login_refused());
  return *person;
}

}  // namespace gateway::directory
